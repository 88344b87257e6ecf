/** Reads a slot and leaves it as it is: what is lost in it is never consumed. */
import { compareLsn } from '../../failover/lsn';
import { sqlState } from '../../../app/database/errors';
import { OWN_SCHEMA, SLOT_NAME, SLOT_PLUGIN } from '../../prepare-database/plan';
import { Problem } from '../problem';
import type { Session } from '../session';
import { Unreadable } from './decode';

export interface Slot {
  readonly confirmed: string;
}

interface SlotRow {
  readonly plugin: string | null;
  readonly database: string | null;
  readonly walStatus: string | null;
  readonly confirmed: string | null;
  readonly twoPhase: boolean;
  readonly here: string;
}

/**
 * @returns the slot, or a sentence that says why it cannot be used
 * @throws Problem when somebody else reads it
 */
export async function checkSlot(session: Session): Promise<Slot | { readonly unusable: string }> {
  const [slot] = await session.ask<SlotRow>(
    `select plugin, database, wal_status as "walStatus", confirmed_flush_lsn::text as confirmed,
            two_phase as "twoPhase", current_database() as here
       from pg_replication_slots where slot_name = $1`,
    [SLOT_NAME],
  );
  const name = `The slot ${SLOT_NAME} on ${session.name}`;
  if (!slot) return { unusable: `There is no slot ${SLOT_NAME} on ${session.name}.` };
  const { plugin, database, walStatus, confirmed, here, twoPhase } = slot;
  if (plugin !== SLOT_PLUGIN || database !== here) {
    return {
      unusable: `${name} is not ours: it is for ${plugin ?? 'replicas'} in the database "${database ?? 'none'}", and not for ${SLOT_PLUGIN} in "${here}".`,
    };
  }
  // Changes would come with the preparation, and what became of them later.
  if (twoPhase) return { unusable: `${name} decodes two-phase commits, which recovery does not read.` };
  if (walStatus === 'lost') {
    return {
      unusable: `${name} is lost: the server has removed WAL that it needed (max_slot_wal_keep_size).`,
    };
  }
  if (confirmed === null) return { unusable: `${name} was never made ready.` };
  await refuseReader(session);
  await flushWal(session);
  return { confirmed };
}

/**
 * A slot tells what has reached the disk, and with `synchronous_commit = off` a transaction is committed, and seen by all,
 * before it has: its changes would be missed. To wait for the WAL writer may take seconds: on a server with nothing to do
 * it sleeps, whatever a mere SELECT has written to the WAL by tidying pages. An empty message that is flushed takes all
 * that is before it along; it belongs to no transaction, changes nothing, and may be sent by whoever only reads.
 */
export async function flushWal(session: Session): Promise<void> {
  await session.ask(`select pg_logical_emit_message(false, '${OWN_SCHEMA}', '', true)`);
}

async function refuseReader(session: Session): Promise<void> {
  const [reader] = await session.ask<{ pid: number; who: string | null }>(
    `select s.active_pid as pid,
            concat_ws(', ', nullif(a.application_name, ''), 'user ' || a.usename, 'from ' || host(a.client_addr)) as who
       from pg_replication_slots s left join pg_stat_activity a on a.pid = s.active_pid
      where s.slot_name = $1 and s.active_pid <> pg_backend_pid()`,
    [SLOT_NAME],
  );
  if (!reader) return;
  const { pid, who } = reader;
  throw new Problem(
    `The slot ${SLOT_NAME} on ${session.name} is being read by its process ${pid}${who ? ` (${who})` : ''}, and one at a time may. ` +
      `Wait for it; or end it there, as its own user or a superuser: select pg_terminate_backend(${pid}).`,
  );
}

/** Of one transaction, by its COMMIT. */
export interface Transaction {
  /** 32 bits, decimal. */
  readonly id: string;
  /** End of its commit record. */
  readonly lsn: string;
  readonly commit: string;
  /** Of rows, and TRUNCATEs. 0: it only wrote catalogs, or nothing. */
  readonly changes: number;
  /** Bytes of its longest line. */
  readonly longest: number;
}

const OPTIONS = (skipEmpty: boolean): string =>
  `'include-xids', 'on', 'include-timestamp', 'on', 'skip-empty-xacts', '${skipEmpty ? 'on' : 'off'}'`;

/**
 * Transactions whose commit record ends past `after`, in the order of their commits.
 *
 * The end of a commit record is what test_decoding gives as the LSN of COMMIT. Single changes say nothing: those of a
 * transaction that was open at the fork are before it.
 */
export const transactionsAfter = (session: Session, after: string): Promise<Transaction[]> =>
  session.ask<Transaction>(
    `select xid::text as id, lsn::text, commit, changes, longest
       from (select xid, max(lsn) filter (where starts_with(data, 'COMMIT ')) as lsn,
                    max(data) filter (where starts_with(data, 'COMMIT ')) as commit,
                    (count(*) filter (where starts_with(data, 'table ')))::float8 as changes,
                    max(octet_length(data)) filter (where not starts_with(data, 'message:')) as longest
               from pg_logical_slot_peek_changes($1, null, null, ${OPTIONS(false)}) group by xid) as t
      where t.lsn > $2::pg_lsn order by t.lsn`,
    [SLOT_NAME, after],
  );

/** Of all transactions in the slot. */
export async function extentOf(
  session: Session,
): Promise<{ readonly changes: number; readonly longest: number }> {
  const [extent] = await session.ask<{ changes: number; longest: number }>(
    `select count(*)::float8 as changes, coalesce(max(octet_length(data)), 0) as longest
       from pg_logical_slot_peek_changes($1, null, null, ${OPTIONS(true)}) where starts_with(data, 'table ')`,
    [SLOT_NAME],
  );
  return extent!;
}

/** One portion has about this many bytes of text at most, or one line. */
const PORTION_BYTES = 8_000_000;
const PORTION_LINES = 1_000;

export interface ChangeLine {
  readonly id: string;
  readonly data: string;
}

export interface Wanted {
  /** Of transactions. @default - all in the slot */
  readonly ids?: readonly string[];
  /** Quoted and with their schemas; lines with TRUNCATE come in any case. @default - all */
  readonly relations?: readonly string[];
  /** Bytes of the longest line. */
  readonly longest: number;
}

/** Lines of rows and of TRUNCATE, in the order of commits. */
export const changeLines = (
  session: Session,
  { ids, relations, longest }: Wanted,
): AsyncIterable<ChangeLine[]> =>
  session.portions<ChangeLine>(
    `select xid::text as id, data from pg_logical_slot_peek_changes($1, null, null, ${OPTIONS(true)})
      where starts_with(data, 'table ')
        and ($2::xid[] is null or xid = any ($2::xid[]))
        and ($3::text[] is null or exists (select from unnest($3::text[]) as begins where starts_with(data, begins))
             or strpos(left(data, 100000), ': TRUNCATE: ') > 0)`,
    [SLOT_NAME, ids ?? null, relations?.map((name) => `table ${name}: `) ?? null],
    Math.max(1, Math.min(PORTION_LINES, Math.floor(PORTION_BYTES / Math.max(longest, 1)))),
  );

/** Object in use. */
const IN_USE = '55006';

/**
 * What PostgreSQL says when it cannot read a slot, as a sentence: the WAL is gone, the role may not, the disk is full.
 *
 * @throws LostConnection, Problem
 */
export async function orUnusable<T>(
  session: Session,
  work: () => Promise<T>,
): Promise<T | { readonly unusable: string }> {
  try {
    return await work();
  } catch (error) {
    const state = sqlState(error);
    if (state === undefined && !(error instanceof Unreadable)) throw error;
    if (state === IN_USE) {
      await refuseReader(session);
      throw new Problem(
        `The slot ${SLOT_NAME} on ${session.name} was read by another process, which has ended: plan again.`,
        {
          cause: error,
        },
      );
    }
    return {
      unusable: `The slot ${SLOT_NAME} on ${session.name} cannot be read: ${(error as Error).message}.`,
    };
  }
}

/** @returns whether what was committed after `from` is still in the slot */
export const holdsSince = ({ confirmed }: Slot, from: string): boolean => compareLsn(confirmed, from) <= 0;
