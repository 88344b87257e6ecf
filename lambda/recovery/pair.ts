/** Whether two servers and a fork belong together; nothing is compared otherwise. */
import { compareLsn } from '../failover/lsn';
import { HEARTBEAT_TABLE, OPENING_TABLE } from '../prepare-database/plan';
import type { Fork } from './fork';
import { Problem } from './problem';
import type { Session } from './session';

export interface PairFacts {
  readonly database: string;
  /** Of the new primary. */
  readonly timeline: number;
  /** Where the histories part to the byte, when the controller could see it; at or past the fork's LSN. */
  readonly forkedAt?: string;
  /** Where the new primary's slot began, when it was made before its writes opened. */
  readonly slotFrom?: string;
  /** When the old server last wrote its heartbeat, ISO 8601; absent when there is none. */
  readonly oldHeartbeatAt?: string;
}

interface Seen {
  readonly inRecovery: boolean;
  readonly system: string;
  readonly timeline: number;
  readonly lsn: string;
  readonly database: string;
  readonly hasHeartbeat: boolean;
  readonly hasOpening: boolean;
}

/**
 * A server in recovery has no current position, and what it replays is still changing. A table that is not there, or not for us,
 * is as good as none.
 */
const LOOK = `
  select pg_is_in_recovery() as "inRecovery",
         (select system_identifier::text from pg_control_system()) as system,
         case when pg_is_in_recovery() then 0
              else ('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))::bit(32)::int end as timeline,
         case when pg_is_in_recovery() then '0/0' else pg_current_wal_flush_lsn()::text end as lsn,
         current_database() as database,
         coalesce(has_table_privilege(to_regclass('${HEARTBEAT_TABLE}'), 'select'), false) as "hasHeartbeat",
         coalesce(has_table_privilege(to_regclass('${OPENING_TABLE}'), 'select'), false) as "hasOpening"`;

export interface PairOptions {
  readonly old: Session;
  readonly primary: Session;
  readonly fork: Fork;
  /** `old` is a restore of the old primary's backups, and has a timeline of its own. */
  readonly isRestore: boolean;
}

/** @throws Problem that says which of them is wrong, and what to do */
export async function checkPair({ old, primary, fork, isRestore }: PairOptions): Promise<PairFacts> {
  const [[there], [here]] = await Promise.all([old.ask<Seen>(LOOK), primary.ask<Seen>(LOOK)]);
  refuseStrangers(old, there!, primary, here!, fork);
  refuseOtherTimelines(old, there!, primary, here!, fork, isRestore);
  const beat = await heartbeat(old, there!);
  refuseOtherFork(old, there!, primary, here!, fork, isRestore, beat?.millis);
  const opening = await openingOf(primary, here!, fork);
  return {
    database: here!.database,
    timeline: here!.timeline,
    ...(opening?.forkedAt && { forkedAt: opening.forkedAt }),
    ...(opening?.slotFrom && { slotFrom: opening.slotFrom }),
    ...(beat && { oldHeartbeatAt: beat.at }),
  };
}

function refuseStrangers(old: Session, there: Seen, primary: Session, here: Seen, fork: Fork): void {
  for (const [session, seen] of [
    [old, there],
    [primary, here],
  ] as const) {
    if (seen.inRecovery) {
      throw new Problem(
        `${session.name} is a replica, or is still starting: recovery reads an old primary and writes a new one. Take the primary's own host.`,
      );
    }
  }
  if (there.system !== here.system) {
    throw new Problem(
      `${old.name} and ${primary.name} never were one: their system identifiers are ${there.system} and ${here.system}. Take the old primary, or a restore of it, and the replica that was promoted.`,
    );
  }
  if (here.system !== fork.system) {
    throw new Problem(
      `The fork is of system ${fork.system}, and both servers are ${here.system}: it belongs to another database. Take the fork of their own failover.`,
    );
  }
  if (there.database !== here.database) {
    throw new Problem(
      `${old.name} is asked for its database "${there.database}", and ${primary.name} for "${here.database}": take the same one on both.`,
    );
  }
}

function refuseOtherTimelines(
  old: Session,
  there: Seen,
  primary: Session,
  here: Seen,
  fork: Fork,
  isRestore: boolean,
): void {
  if (here.timeline === fork.timeline && there.timeline > fork.timeline && !isRestore) {
    throw new Problem(
      `${primary.name} is still on the timeline of the fork, ${fork.timeline}, and ${old.name} on ${there.timeline}: the two are given the wrong way round.`,
    );
  }
  if (here.timeline <= fork.timeline) {
    throw new Problem(
      `${primary.name} is on timeline ${here.timeline}, and the fork leaves timeline ${fork.timeline}: it was not promoted at this fork. Take the new primary, and the fork of the failover that made it one.`,
    );
  }
  if (isRestore ? there.timeline < fork.timeline : there.timeline !== fork.timeline) {
    throw new Problem(
      `${old.name} is on timeline ${there.timeline}, and the fork leaves timeline ${fork.timeline}: it is not the primary that was given up there. Take that one; or, if this is a restore of its backups, say so.`,
    );
  }
}

function refuseOtherFork(
  old: Session,
  there: Seen,
  primary: Session,
  here: Seen,
  fork: Fork,
  isRestore: boolean,
  beatMillis: number | undefined,
): void {
  if (compareLsn(here.lsn, fork.lsn) < 0) {
    throw new Problem(
      `${primary.name} has come to ${here.lsn}, and the fork is at ${fork.lsn}: it is not its fork. Take the one of the failover that made it the primary.`,
    );
  }
  if (compareLsn(there.lsn, fork.lsn) < 0) {
    throw new Problem(
      `${old.name} has come to ${there.lsn}, which is before the fork at ${fork.lsn}: it has nothing that ${primary.name} lacks, and what is missing there must not be taken for deleted. ` +
        (isRestore ? 'Restore to a later time.' : 'It is not the primary that was given up at this fork.'),
    );
  }
  // A restore goes on writing from where its backup ends: its position alone proves nothing.
  if (isRestore && fork.heartbeatAt > 0 && beatMillis !== undefined && beatMillis < fork.heartbeatAt) {
    throw new Problem(
      `The restore ${old.name} ends ${Math.ceil((fork.heartbeatAt - beatMillis) / 1000)} s before the fork: it has nothing that ${primary.name} lacks, and what is missing there must not be taken for deleted. Restore to a later time.`,
    );
  }
}

async function heartbeat(
  session: Session,
  { hasHeartbeat }: Seen,
): Promise<{ readonly at: string; readonly millis: number } | undefined> {
  if (!hasHeartbeat) return undefined;
  const [row] = await session.ask<{ millis: number }>(
    `select floor(extract(epoch from at) * 1000)::float8 as millis from ${HEARTBEAT_TABLE}`,
  );
  return row && { millis: row.millis, at: new Date(row.millis).toISOString() };
}

async function openingOf(
  primary: Session,
  { hasOpening }: Seen,
  fork: Fork,
): Promise<{ readonly forkedAt: string | null; readonly slotFrom: string | null } | undefined> {
  if (!hasOpening) return undefined;
  const [opening] = await primary.ask<{ forkedAt: string | null; slotFrom: string | null }>(
    `select forked_at::text as "forkedAt", slot_from::text as "slotFrom" from ${OPENING_TABLE} where epoch = $1`,
    [fork.epoch],
  );
  if (opening?.forkedAt && compareLsn(opening.forkedAt, fork.lsn) < 0) {
    throw new Problem(
      `${primary.name} says that its history began at ${opening.forkedAt} in epoch ${fork.epoch}, before the fork at ${fork.lsn}: the fork is another one's. Take the fork of that failover.`,
    );
  }
  return opening;
}
