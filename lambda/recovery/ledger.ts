/**
 * What became of each lost change, kept on the new primary itself: written in the same transaction as the change, so that
 * an apply that was cut off anywhere goes on where it was, and a second plan does not propose again what was decided.
 *
 * How a plan is made with it (`readLedger`): a row whose outcome is decided (`isDecided`) is not proposed again, whatever
 * the two servers say of it today: it was put back and is the site's own since, or a person had the new primary's version
 * kept. A row that was refused is proposed again.
 */
import { OWN_SCHEMA } from '../prepare-database/plan';
import { rowId } from './finding';
import type { Fork } from './fork';
import type { Session } from './session';

export const RUN_TABLE = `${OWN_SCHEMA}.recovery_run`;
export const LEDGER_TABLE = `${OWN_SCHEMA}.recovery_ledger`;

export type Outcome =
  /** Put back. */
  | 'applied'
  /** A conflict: the lost version was written over the new primary's. */
  | 'replaced'
  /** A conflict: the new primary's version stays, the lost one is in the ledger. */
  | 'kept'
  /** The row was written since the plan was made: it stays, the lost version is in the ledger. */
  | 'changed since'
  /** The database did not take it. */
  | 'refused';

/** Nobody needs to look at such a row again. */
export const isDecided = (outcome: Outcome): boolean => outcome !== 'refused';

export interface LedgerRow {
  readonly plan: string;
  readonly number: number;
  readonly outcome: Outcome;
}

/** By rowId. */
export type Ledger = ReadonlyMap<string, LedgerRow>;

/** One name for a fork, whatever the plans that were made for it. */
export const forkName = ({ system, timeline, lsn }: Fork): string => `${system}/${timeline}/${lsn}`;

/**
 * A change is told by its plan and number; what was not put back is kept here with all that is needed to do so by hand:
 * `insert into public.notes select (lost::public.notes).* …`.
 */
export const LEDGER_STATEMENTS = [
  `create table if not exists ${RUN_TABLE} (
     plan text primary key,
     fork text not null,
     conflicts text not null,
     triggers text not null,
     changes integer not null,
     begun timestamptz not null default now(),
     finished timestamptz,
     counts jsonb not null default '{}',
     by text not null default current_user
   )`,
  `create table if not exists ${LEDGER_TABLE} (
     fork text not null,
     relation text not null,
     key text not null,
     plan text not null,
     number integer not null,
     outcome text not null,
     why text,
     sqlstate text,
     at timestamptz not null default now(),
     lost text,
     present text,
     primary key (relation, key, fork)
   )`,
];

/** Makes the ledger's tables; others than their owner who run recovery shall write them as well. */
export async function makeLedger(primary: Session): Promise<void> {
  const [seen] = await primary.ask<{ schema: boolean; tables: boolean; grant: boolean }>(
    `select to_regnamespace($1) is not null as schema,
            to_regclass($2) is not null and to_regclass($3) is not null as tables,
            exists (select from pg_roles where rolname = 'recovery') and current_user <> 'recovery' as grant`,
    [OWN_SCHEMA, RUN_TABLE, LEDGER_TABLE],
  );
  if (seen!.tables) return;
  await primary.transaction(async () => {
    if (!seen!.schema) await primary.ask(`create schema ${OWN_SCHEMA}`);
    for (const statement of LEDGER_STATEMENTS) await primary.ask(statement);
    if (seen!.grant) {
      await primary.ask(`grant usage on schema ${OWN_SCHEMA} to recovery`);
      await primary.ask(`grant select, insert, update on ${RUN_TABLE}, ${LEDGER_TABLE} to recovery`);
    }
  });
}

const isThere = async (session: Session): Promise<boolean> => {
  const [row] = await session.ask<{ there: boolean }>(
    'select to_regclass($1) is not null and to_regclass($2) is not null as there',
    [RUN_TABLE, LEDGER_TABLE],
  );
  return row!.there;
};

const ROWS_AT_ONCE = 10_000;

/** @returns what earlier runs for this fork have done, of whatever plan; empty when there was none */
export async function readLedger(primary: Session, fork: Fork): Promise<Ledger> {
  const ledger = new Map<string, LedgerRow>();
  if (!(await isThere(primary))) return ledger;
  const rows = primary.portions<LedgerRow & { relation: string; key: string }>(
    `select relation, key, plan, number, outcome from ${LEDGER_TABLE} where fork = $1`,
    [forkName(fork)],
    ROWS_AT_ONCE,
  );
  for await (const portion of rows) {
    for (const { relation, key, plan, number, outcome } of portion) {
      ledger.set(rowId(relation, JSON.parse(key) as string[]), { plan, number, outcome });
    }
  }
  return ledger;
}

/** One plan that was applied, as `recover status` shows it. */
export interface RunStatus {
  readonly plan: string;
  readonly fork: string;
  readonly conflicts: string;
  readonly triggers: string;
  /** Of the plan. */
  readonly changes: number;
  /** ISO 8601. */
  readonly begunAt: string;
  /** Absent: it is under way, or was cut off. */
  readonly finishedAt?: string;
  readonly by: string;
  /** Rows of the ledger. */
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
}

/** @returns every plan that was ever applied to this server, the latest first; none when there is no ledger */
export async function ledgerStatus(primary: Session): Promise<RunStatus[]> {
  if (!(await isThere(primary))) return [];
  const iso = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  const rows = await primary.ask<RunStatus & { finishedAt: string | null }>(
    `select r.plan, r.fork, r.conflicts, r.triggers, r.changes, r.by,
            ${iso('r.begun')} as "begunAt", ${iso('r.finished')} as "finishedAt",
            coalesce((select json_object_agg(o.outcome, o.rows)
                        from (select outcome, count(*)::float8 as rows from ${LEDGER_TABLE}
                               where plan = r.plan group by outcome) as o), '{}') as outcomes
       from ${RUN_TABLE} as r order by r.begun desc`,
  );
  return rows.map(({ finishedAt, ...run }) => ({ ...run, ...(finishedAt && { finishedAt }) }));
}
