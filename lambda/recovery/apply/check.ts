/** Before anything is written: whether the plan is this server's, and its tables are as they were. */
import { HEARTBEAT_TABLE } from '../../prepare-database/plan';
import { compareLsn } from '../../failover/lsn';
import type { PlanHead } from '../plan';
import { Problem } from '../problem';
import type { Session } from '../session';
import type { Triggers } from './applied';
import type { Live } from './live';

interface Seen {
  readonly inRecovery: boolean;
  readonly readOnly: boolean;
  readonly system: string;
  readonly timeline: number;
  readonly lsn: string;
  readonly database: string;
  readonly hasHeartbeat: boolean;
}

const LOOK = `
  select pg_is_in_recovery() as "inRecovery",
         current_setting('default_transaction_read_only') = 'on' as "readOnly",
         (select system_identifier::text from pg_control_system()) as system,
         case when pg_is_in_recovery() then 0
              else ('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))::bit(32)::int end as timeline,
         case when pg_is_in_recovery() then '0/0' else pg_current_wal_flush_lsn()::text end as lsn,
         current_database() as database,
         coalesce(has_table_privilege(to_regclass('${HEARTBEAT_TABLE}'), 'select'), false) as "hasHeartbeat"`;

/** @throws Problem that says what is wrong, and what to do */
export async function checkServer(primary: Session, head: PlanHead): Promise<void> {
  const { fork, timeline } = head;
  const [seen] = await primary.ask<Seen>(LOOK);
  const { name } = primary;
  if (seen!.inRecovery) {
    throw new Problem(
      `${name} is a replica, or is still starting: a plan is applied to the new primary. Take its own host.`,
    );
  }
  if (seen!.system !== fork.system) {
    throw new Problem(
      `The plan ${head.id} is for the system ${fork.system}, and ${name} is ${seen!.system}: another database. Take the primary that the plan was made for, ${head.to}.`,
    );
  }
  if (seen!.database !== head.database) {
    throw new Problem(
      `The plan ${head.id} is for the database "${head.database}", and ${name} was asked for "${seen!.database}": take the plan's own.`,
    );
  }
  if (seen!.timeline < timeline || seen!.timeline <= fork.timeline || compareLsn(seen!.lsn, fork.lsn) < 0) {
    throw new Problem(
      `${name} is on timeline ${seen!.timeline} at ${seen!.lsn}; the plan ${head.id} was made on timeline ${timeline}, for a fork at ${fork.lsn} of timeline ${fork.timeline}: it is the old primary, or another server. Take ${head.to}, or whoever is the primary after it.`,
    );
  }
  if (!seen!.hasHeartbeat) return;
  const [beat] = await primary.ask<{ epoch: number }>(
    `select epoch::float8 as epoch from ${HEARTBEAT_TABLE}`,
  );
  // 0: no controller has ever written it.
  if (beat && beat.epoch > 0 && beat.epoch < fork.epoch) {
    throw new Problem(
      `${name} is in epoch ${beat.epoch}, and the fork of the plan ${head.id} is of epoch ${fork.epoch}: it was not opened by that failover. Take the primary of now.`,
    );
  }
}

/** @throws Problem when a table is not as the plan has it, or its triggers are not ours to switch */
export function checkTables(
  { id, tables }: PlanHead,
  live: ReadonlyMap<string, Live>,
  triggers: Triggers,
): void {
  for (const table of tables) {
    const now = live.get(table.name);
    const made = `since the plan ${id} was made. Make a new plan`;
    if (!now) throw new Problem(`${table.name} is gone ${made}.`);
    const told = (columns: Live['columns']) =>
      columns
        .map(({ name, type, isGenerated }) => `${name} ${type}${isGenerated ? ' generated' : ''}`)
        .join(', ');
    if (told(table.columns) !== told(now.columns) || table.isPartitioned !== now.isPartitioned) {
      throw new Problem(
        `${table.name} has changed ${made}. Its columns were: ${told(table.columns)}; they are: ${told(now.columns)}.`,
      );
    }
    if (triggers === 'skip' && now.triggers.length > 0 && !now.isOurs) {
      throw new Problem(
        `${table.name} has triggers (${now.triggers.map(({ name }) => name).join(', ')}), and belongs to ${now.owner}: only its owner may have them skipped. Run with --triggers fire, or let somebody grant ${now.owner} to the role that runs recovery.`,
      );
    }
  }
}
