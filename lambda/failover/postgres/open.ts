/** Makes a promoted instance ready for writes. */
import { sqlState } from '../../../app/database/errors';
import { HEARTBEAT_TABLE, OPENING_TABLE, SLOT_NAME, SLOT_PLUGIN } from '../../prepare-database/plan';
import type { Address, Unreached } from '../observation';
import { CallFailed, type Log, type Outcome } from '../ports';
import { type Access, type Ask, connected } from './connection';
import { keepSlot } from './slot';
import { NotReached } from './unreached';

const OPEN_MILLIS = 5_000;
const STATEMENT_MILLIS = 4_000;

/**
 * Slot, sequences, what recovery must know, and the epoch; once an epoch, however often it is asked for. When it returns, the server has committed
 * a write.
 *
 * Sequences that nobody let the controller advance are told in the log, and are no failure: writes wait for this.
 *
 * @throws CallFailed
 */
export async function open(
  address: Address,
  access: Access,
  log: Log,
  { epoch, sequenceGap }: { readonly epoch: number; readonly sequenceGap: number },
): Promise<void> {
  const { host } = address;
  const limits = { milliseconds: OPEN_MILLIS, statementMillis: STATEMENT_MILLIS };
  try {
    await connected(address, access, limits, async (ask) => {
      const [server] = await ask<{ replica: boolean }>('select pg_is_in_recovery() as replica');
      if (server!.replica) throw new CallFailed('wrong-state', `open ${host}: it is in recovery`);
      // A statement of its own: a slot cannot be made in a transaction that has written. Each look makes up for it.
      await keepSlot(ask, access.database).catch((error: unknown) => {
        if (error instanceof NotReached) throw error;
        log.error('the slot was not made: what a second failover loses will be harder to find', {
          host,
          error,
        });
      });
      await ask(`set statement_timeout = ${STATEMENT_MILLIS}`);
      // Whatever the default is: without this write there is no primary.
      await ask('begin read write');
      await ask(`insert into ${HEARTBEAT_TABLE} default values on conflict do nothing`);
      const [row] = await ask<{ epoch: number }>(
        `select epoch::float8 as epoch from ${HEARTBEAT_TABLE} for update`,
      );
      if (row!.epoch < epoch) {
        if (sequenceGap > 0) report(log, host, await advance(ask, sequenceGap));
        await writeDown(ask, log, host, epoch);
        await ask(`update ${HEARTBEAT_TABLE} set at = clock_timestamp(), epoch = $1`, [epoch]);
      }
      await ask('commit');
    });
  } catch (error) {
    throw failed(host, error);
  }
}

/**
 * How far the server had replayed, exactly: a promoted one still says so until it is restarted, and the look at the replica
 * before its promotion may have been a little earlier. And where the slot was made, so that it can be told later whether
 * it still holds all of the server's own history.
 *
 * One that has crashed since its promotion has replayed its own writes: that it has forgotten what it received tells.
 *
 * It only helps recovery, and writes wait for this: a database that was made ready by an earlier version has no such table.
 */
async function writeDown(ask: Ask, log: Log, host: string, epoch: number): Promise<void> {
  await ask('savepoint opening');
  try {
    await ask(
      `insert into ${OPENING_TABLE} (epoch, forked_at, slot_from)
       values ($1, case when pg_last_wal_receive_lsn() is not null then pg_last_wal_replay_lsn() end,
               (select confirmed_flush_lsn from pg_replication_slots
                 where slot_name = $2 and plugin = $3 and database = current_database()))
       on conflict (epoch) do nothing`,
      [epoch, SLOT_NAME, SLOT_PLUGIN],
    );
  } catch (error) {
    if (error instanceof NotReached) throw error;
    await ask('rollback to savepoint opening');
    log.warn('where this primary began was not written down: recovery knows the fork less exactly', {
      host,
      error,
    });
  }
}

interface Sequence {
  readonly name: string;
  /** Where it is now; null: it may not be advanced. */
  readonly value: string | null;
  /** Its end came before the gap's. */
  readonly isClamped: boolean;
}

/**
 * Every sequence that the role may advance, by its number: names need the right to their schema. In its own direction,
 * by as many values as the gap has, and no further than it goes. Where one begins that was never asked is told by asking
 * it; its own end is never asked, as that would be an error.
 *
 * What other sessions' temporary tables have is theirs. What is unlogged begins anew, as its table does; and a sequence
 * that was made while a replica followed cannot be read there after the promotion, "bad magic number in sequence" (17.10),
 * which must not keep writes from being opened.
 */
async function advance(ask: Ask, sequenceGap: number): Promise<Sequence[]> {
  return ask<Sequence>(
    `with every as materialized (
       select c.oid, format('%I.%I', n.nspname, c.relname) as name,
              s.seqincrement as step, s.seqmin as least, s.seqmax as most,
              has_sequence_privilege(c.oid, 'UPDATE') and has_sequence_privilege(c.oid, 'SELECT, USAGE') as may
         from pg_class c join pg_sequence s on s.seqrelid = c.oid join pg_namespace n on n.oid = c.relnamespace
        where c.relpersistence = 'p'
     ), placed as materialized (
       select *, case when may then coalesce(pg_sequence_last_value(oid), nextval(oid)) end as last from every
     ), planned as materialized (
       select *, last + step::numeric * $1::bigint as wanted from placed
     )
     select name, coalesce(not wanted between least and most, false) as "isClamped",
            case when may then setval(oid, greatest(least, least(most, wanted))::bigint) end::text as value
       from planned order by name`,
    [sequenceGap],
  );
}

/** Names of sequences in one line of the log. */
const NAMED_AT_MOST = 50;

function report(log: Log, host: string, sequences: readonly Sequence[]): void {
  const tell = (message: string, those: readonly Sequence[]) => {
    if (those.length === 0) return;
    const names = those.map(({ name }) => name).slice(0, NAMED_AT_MOST);
    log.warn(message, { host, count: those.length, sequences: names });
  };
  const forbidden = sequences.filter(({ value }) => value === null);
  log.info('sequences advanced', { host, count: sequences.length - forbidden.length });
  tell(
    'sequences that end before the gap does: they are at their end',
    sequences.filter(({ isClamped }) => isClamped),
  );
  tell('sequences that the controller may not advance: keys of lost rows may be given out again', forbidden);
}

const UNREACHED: Readonly<Record<Unreached['why'], Outcome>> = {
  refused: 'failed',
  silent: 'timeout',
  starting: 'wrong-state',
  rejected: 'denied',
  unnamed: 'not-found',
};

function failed(host: string, error: unknown): CallFailed {
  if (error instanceof CallFailed) return error;
  const { message } = error as Error;
  const outcome = error instanceof NotReached ? UNREACHED[error.why] : OUTCOMES[sqlState(error) ?? ''];
  return new CallFailed(outcome ?? 'failed', `open ${host}: ${message}`, { cause: error });
}

/** By SQLSTATE: a server that was made read-only; no right; a statement that took too long. */
const OUTCOMES: Readonly<Record<string, Outcome>> = {
  '25006': 'wrong-state',
  '42501': 'denied',
  '57014': 'timeout',
};
