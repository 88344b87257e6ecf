/** Lost changes by the old primary's slot: every one, with its transaction, in the order in which they were made. */
import type { Boundary } from '../boundary';
import type { Finding, LostTransaction } from '../finding';
import type { Fork } from '../fork';
import type { Report } from '../progress';
import type { Session } from '../session';
import type { Table } from '../table';
import { compareLsn } from '../../failover/lsn';
import { Collected } from './collect';
import { decode } from './decode';
import { type Transaction, changeLines, checkSlot, holdsSince, orUnusable, transactionsAfter } from './read';
import { relationsOf } from './relations';

export interface FindBySlotOptions {
  /** Quiet. */
  readonly old: Session;
  readonly fork: Fork;
  /** Where the new primary really began, when that is known: at or past the stored fork. */
  readonly forkedAt?: string;
  readonly tables: readonly Table[];
  readonly report: Report;
}

export interface FoundBySlot {
  readonly finding: Finding;
  /** Names of tables that must be found by rows: none of their rows is in the finding. */
  readonly byRows: readonly string[];
  /** Transactions past the stored fork that the new primary has, 64 bits; without their subtransactions. */
  readonly windowed: readonly bigint[];
}

/**
 * Two passes over the slot, which stays as it is: which transactions are lost, then what they have changed. So a
 * transaction of any size takes no more memory than the keys that it touches.
 *
 * @returns a sentence when the slot cannot tell
 * @throws Problem when somebody else reads the slot; LostConnection
 */
export async function findBySlot(
  options: FindBySlotOptions,
): Promise<FoundBySlot | { readonly unusable: string }> {
  const { old, fork, forkedAt = fork.lsn } = options;
  const slot = await checkSlot(old);
  if ('unusable' in slot) return slot;
  if (!holdsSince(slot, forkedAt)) {
    return {
      unusable: `The slot on ${old.name} has gone on to ${slot.confirmed}, past the fork at ${forkedAt}: what was committed between is not in it.`,
    };
  }
  return await orUnusable(old, () => read(options));
}

async function read({
  old,
  fork,
  forkedAt = fork.lsn,
  tables,
  report,
}: FindBySlotOptions): Promise<FoundBySlot> {
  const step = 'reading the slot';
  report({ step, done: 0, unit: 'changes' });
  const next = BigInt(fork.snapshot.split(':')[1]!);
  const known = await transactionsAfter(old, fork.lsn);
  // Its commit record ends there or before: the new primary has replayed it.
  const lost = known.filter(({ lsn }) => compareLsn(lsn, forkedAt) > 0);
  const windowed = known
    .filter(({ lsn }) => compareLsn(lsn, forkedAt) <= 0)
    .map(({ id }) => widened(id, next));
  const underWay = lost.map(({ id }) => widened(id, next)).filter((id) => id < next);
  const since: Boundary = { next, underWay };
  const collected = new Collected(await relationsOf(old, tables, since, windowed));

  const withRows = lost.filter(({ changes }) => changes > 0);
  const total = withRows.reduce((sum, { changes }) => sum + changes, 0);
  const longest = Math.max(0, ...withRows.map((one) => one.longest));
  let done = 0;
  if (total > 0) {
    for await (const lines of changeLines(old, { ids: withRows.map(({ id }) => id), longest })) {
      for (const { id, data } of lines) collected.add(id, decode(data));
      report({ step, done: (done += lines.length), total, unit: 'changes' });
    }
  }
  const { touched, unrecoverable, byRows } = collected.result();
  return {
    finding: { touched, unrecoverable, transactions: withRows.map(transactionOf), gaps: [] },
    byRows,
    windowed,
  };
}

function transactionOf({ id, lsn, commit }: Transaction): LostTransaction {
  const end = decode(commit);
  return { id, lsn, ...(end.kind === 'commit' && end.at && { committedAt: end.at }) };
}

/** All that a slot holds lie within 2^31 of each other: the server keeps its horizon. */
const widened = (id: string, near: bigint): bigint => near + BigInt.asIntN(32, BigInt(id) - near);
