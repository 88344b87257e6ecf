/**
 * Finds what lost transactions have touched without a slot, by the transaction id in each row: rows on the old primary
 * that were written since the fork, and rows of before the fork that are as they were on the new primary and gone on the
 * old one. Net effects only: a row that was inserted and deleted since leaves nothing.
 */
import { sqlState } from '../../../app/database/errors';
import { type Boundary, writtenSince } from '../boundary';
import type { Finding, History, LostTransaction, Touched, Unrecoverable } from '../finding';
import type { Report } from '../progress';
import type { Session } from '../session';
import type { Table } from '../table';
import { findKeyed } from './keyed';
import { findKeyless } from './keyless';
import { isKeyed } from './keys';
import { type LeafPair, pairLeaves } from './leaves';
import { transactionsOf } from './transactions';

export interface RowsOptions {
  readonly old: Session;
  readonly primary: Session;
  readonly boundary: Boundary;
  /** On both servers, with the same columns. Unlogged ones are not looked at: they are findOthers' business. */
  readonly tables: readonly Table[];
  /**
   * What the new primary has done itself. A function is asked after the table was read, so that no write of the new
   * primary falls between the two.
   */
  readonly history?: History | (() => Promise<History | undefined>);
  /** Ids of transactions that are on the new primary although they are past the fork. */
  readonly windowed?: readonly bigint[];
  readonly report: Report;
}

/** What is found of one table. */
export interface TableFinding {
  readonly touched: readonly Touched[];
  readonly unrecoverable: readonly Unrecoverable[];
  readonly gaps: readonly string[];
}

export interface TableSearch {
  readonly old: Session;
  readonly primary: Session;
  readonly pairs: readonly LeafPair[];
  /** Asked after a leaf was compared by places: the new primary is in use, and may have rewritten it meanwhile. */
  readonly isInPlace: (pair: LeafPair) => Promise<boolean>;
  /** SQL that is true for a row `t` that was written since the fork. */
  readonly since: string;
  readonly history: () => Promise<History | undefined>;
  readonly isDone: (blocks: number) => void;
}

/** @throws what PostgreSQL refuses, but for lack of rights: a table that may not be read is an entry */
export async function findByRows(options: RowsOptions): Promise<Finding> {
  const { old, primary, boundary, windowed = [], report } = options;
  const tables = options.tables.filter(({ isUnlogged }) => !isUnlogged);
  const since = (row: string) => writtenSince(boundary, `${row}.xmin`, windowed);
  const history = async () =>
    typeof options.history === 'function' ? await options.history() : options.history;

  const total = tables.reduce(
    (sum, { leaves }) => sum + leaves.reduce((all, { blocks }) => all + blocks, 0),
    0,
  );
  let done = 0;
  const isDone = (blocks: number) => {
    done += blocks;
    report({ step: 'comparing', done, total: Math.max(done, total), unit: 'blocks' });
  };

  const touched: Touched[] = [];
  const unrecoverable: Unrecoverable[] = [];
  const gaps: string[] = [];
  for (const table of tables) {
    try {
      const pairs = await pairLeaves(old, primary, table.leaves, since('c'));
      const isInPlace = async ({ name }: LeafPair) => {
        const leaf = table.leaves.filter((one) => one.name === name);
        const [now] = await pairLeaves(old, primary, leaf, since('c'));
        return now?.by === 'places';
      };
      const search: TableSearch = { old, primary, pairs, isInPlace, since: since('t'), history, isDone };
      const found = await (isKeyed(table) ? findKeyed(table, search) : findKeyless(table, search));
      // One at a time: there may be more of them than a call takes arguments.
      for (const row of found.touched) touched.push(row);
      unrecoverable.push(...found.unrecoverable);
      gaps.push(...found.gaps);
    } catch (error) {
      unrecoverable.push(unreadable(table, error));
    }
  }
  return { touched, unrecoverable, gaps, transactions: await lostTransactions(old, touched, unrecoverable) };
}

/** insufficient_privilege, undefined_table */
const NOT_READABLE = ['42501', '42P01'];

function unreadable({ name }: Table, error: unknown): Unrecoverable {
  if (!NOT_READABLE.includes(sqlState(error) ?? '')) throw error;
  return {
    kind: 'not readable',
    table: name,
    what: `${name} could not be read, so that no row of it is compared: ${(error as Error).message}.`,
    remedy: `As its owner, on both servers: grant select on ${name} to recovery, and where it has row level security, alter role recovery bypassrls. Then plan again.`,
    transactions: [],
  };
}

function lostTransactions(
  old: Session,
  ...found: readonly (readonly { transactions: readonly string[] }[])[]
): Promise<LostTransaction[]> {
  const ids = new Set(found.flatMap((some) => [...some].flatMap(({ transactions }) => transactions)));
  return transactionsOf(old, [...ids]);
}
