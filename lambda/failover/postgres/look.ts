/** What a server is asked at each look: one statement, and on the primary the heartbeat. */
import { HEARTBEAT_TABLE } from '../../prepare-database/plan';
import type { Heartbeat, Reached } from '../observation';
import type { Ask } from './connection';

/** Who is no client: the controller, recovery, and RDS's own. Replication is no "client backend". */
const NO_CLIENTS = ['controller', 'recovery', 'rdsadmin', 'rdsrepladmin'];

const millis = (time: string) => `floor(extract(epoch from ${time}) * 1000)::float8`;

/**
 * Times are milliseconds since 1970 by the server's clock. pg_is_in_recovery() is asked once: a server that is promoted
 * meanwhile is told as one or the other.
 *
 * The timeline of a primary is the one that it writes; that of a replica is the newest that it has heard of, also when
 * nobody sends it anything. The control file alone is not enough: it has what the last checkpoint had.
 */
const LOOK = `
  with server as materialized (select pg_is_in_recovery() as "inRecovery"),
  position as materialized (
    select
      case when "inRecovery" then greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
           else pg_current_wal_flush_lsn() end as received,
      case when "inRecovery" then pg_last_wal_replay_lsn() end as replayed
    from server
  )
  select
    "inRecovery",
    ${millis('pg_postmaster_start_time()')} as "startedAt",
    ${millis('clock_timestamp() - pg_postmaster_start_time()')} as "uptimeMillis",
    (select system_identifier::text from pg_control_system()) as system,
    case when "inRecovery"
         then greatest((select timeline_id from pg_control_checkpoint()),
                       (select min_recovery_end_timeline from pg_control_recovery()),
                       (select received_tli from pg_stat_wal_receiver))
         else ('x' || left(pg_walfile_name(received), 8))::bit(32)::int end as timeline,
    coalesce(received, '0/0')::text as received,
    coalesce(replayed, received, '0/0')::text as replayed,
    coalesce((select status = 'streaming' from pg_stat_wal_receiver), false) as receiving,
    pg_current_snapshot()::text as snapshot,
    case when "inRecovery" then ${millis('pg_last_xact_replay_timestamp()')} end as "replayedAt",
    (select count(*)::int from pg_stat_activity
      where backend_type = 'client backend' and usename <> all ('{${NO_CLIENTS.join()}}')) as "clientSessions",
    (select ${millis('at')} from ${HEARTBEAT_TABLE}) as "beatAt",
    (select epoch::float8 from ${HEARTBEAT_TABLE}) as epoch
  from server, position`;

type Row = Omit<Reached, 'reached' | 'heartbeat' | 'write' | 'replayedAt'> & {
  readonly replayedAt: number | null;
  readonly beatAt: number | null;
  readonly epoch: number | null;
};

/** @throws as `ask` */
export async function look(ask: Ask): Promise<Reached> {
  const [row] = await ask<Row>(LOOK);
  const { beatAt, epoch, replayedAt, ...rest } = row!;
  return {
    reached: true,
    ...rest,
    ...(replayedAt !== null && { replayedAt }),
    heartbeat: { at: beatAt ?? 0, epoch: epoch ?? 0 },
  };
}

/**
 * Writes the heartbeat. Its epoch never goes back.
 * @throws as `ask`
 */
export async function beat(ask: Ask, epoch: number): Promise<Heartbeat> {
  const [written] = await ask<Heartbeat>(
    `insert into ${HEARTBEAT_TABLE} as now (at, epoch) values (clock_timestamp(), $1)
     on conflict (id) do update
       set at = excluded.at, epoch = greatest(now.epoch, excluded.epoch)
     returning ${millis('at')} as at, epoch::float8 as epoch`,
    [epoch],
  );
  return written!;
}
