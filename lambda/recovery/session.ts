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

/** Said at the beginning of each session: how values are written, and that no policy hides rows in silence. */
export const SESSION: Readonly<Record<string, string>> = {
  search_path: 'pg_catalog',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  // The shortest text that gives the same number.
  extra_float_digits: '1',
  lc_monetary: 'C',
  xmloption: 'content',
  client_encoding: 'UTF8',
  row_security: 'off',
  // Each statement is planned for the values that it has.
  plan_cache_mode: 'force_custom_plan',
  jit: 'off',
};
