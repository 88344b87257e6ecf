import { OPERATORS, type SessionSettings } from '../../app/database/session-settings';

/**
 * A connection to one server, as everything in this folder uses it. Values come and go as text, written the same way by
 * every server (SESSION), so that they survive bit for bit and can be compared as text.
 */
export interface Session {
  /** For people: which server this is. */
  readonly name: string;
  /** @throws what PostgreSQL refuses, with its SQLSTATE in `code`; LostConnection */
  ask<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /**
   * The rows of a statement in portions, whatever their number: by a cursor in a transaction of its own. `ask` may be used
   * meanwhile, within that transaction.
   */
  portions<Row extends object>(text: string, values: readonly unknown[], size: number): AsyncIterable<Row[]>;
  /** Commits when `work` returns, rolls back when it throws. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** All that is read in `work` is of one moment. Nothing can be written; a statement that fails does not end it. */
  snapshot<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** The connection went, or never came: what was not committed is undone by the server. */
export class LostConnection extends Error {
  override readonly name = 'LostConnection';
}

const { search_path: SEARCH_PATH, ...SETTINGS } = OPERATORS;
export { SEARCH_PATH };

/** Said at the start of each session. */
export const SESSION: SessionSettings = {
  ...SETTINGS,
  lc_monetary: 'C',
  // Each statement is planned for the values that it has.
  plan_cache_mode: 'force_custom_plan',
  jit: 'off',
};
