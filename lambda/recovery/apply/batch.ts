/**
 * One batch, one transaction: rows are locked and verified, changed, and told in the ledger.
 *
 * Texts of rows are compared under the session's own search path (pg_catalog): a `regclass` is written by it. Writes go
 * by the site's, which its triggers, checks and generated columns may need to find their functions.
 */
import { escapeLiteral } from 'pg';
import type { Session } from '../session';
import type { Table } from '../table';
import type { Triggers, Verdict } from './applied';
import { type Live, referred } from './live';
import type { Strangers } from './strangers';
import { type Given, type Statement, insert, look, remove, unsettable, update, verify } from './statements';
import { type Run, type Step, changedSince, made, runsOf } from './step';
import { tell } from './tell';

export interface Making {
  readonly primary: Session;
  readonly plan: string;
  readonly fork: string;
  readonly triggers: Triggers;
  readonly tables: ReadonlyMap<string, Table>;
  readonly live: ReadonlyMap<string, Live>;
  /** The site's search path, as `set_config` takes it. */
  readonly sitePath: string;
  readonly strangers: Strangers;
  /** Whether rows that have changed since are decided, and belong in the ledger. */
  readonly keepsChanged: boolean;
}

/** The database has not written as many rows as it was given, and has said nothing. */
export class Unwritten extends Error {
  override readonly name = 'Unwritten';
}

/** How long a batch waits for a lock; the site's own transactions are short, and wait for ours in turn. */
const LOCK_MILLIS = 3_000;

const givenOf = (steps: readonly Step[]): Given[] => steps.map(({ change }, at) => ({ at, ...change }));

const ask = <Row extends object>({ primary }: Making, { text, values }: Statement): Promise<Row[]> =>
  primary.ask<Row>(text, values);

/**
 * @param isTogether all writes in one statement: PostgreSQL looks at foreign keys at its end, so that rows which refer to
 *   each other can be written even where their keys are not deferrable
 * @returns a verdict of each step, once it is committed
 * @throws Unwritten; whatever PostgreSQL refuses: then nothing of it was done
 */
export async function makeBatch(
  making: Making,
  steps: readonly Step[],
  isTogether = false,
): Promise<Verdict[]> {
  const { primary } = making;
  const attached = new Map<Step, Verdict>();
  for (const step of steps) if (step.verdict) noteStranger(making, step, step.verdict);
  const open = strangersLeftOut(making, steps, attached).filter(({ verdict }) => !verdict);
  const switches = making.triggers === 'skip' ? switchesOf(making, open) : { off: '', on: '' };
  const path = (value: string) =>
    `select pg_catalog.set_config('search_path', ${escapeLiteral(value)}, true);`;
  return primary.transaction(async () => {
    const verdicts = new Map(attached);
    if (open.length > 0) {
      await primary.ask(
        `set local lock_timeout = ${LOCK_MILLIS}; set constraints all deferred; ${switches.off}`,
      );
      const runs: Run[] = [];
      for (const run of runsOf(open)) {
        const same = await verified(making, run, verdicts);
        for (const [step, verdict] of verdicts) noteStranger(making, step, verdict);
        runs.push({ ...same, steps: strangersLeftOut(making, same.steps, verdicts) });
      }
      await primary.ask(path(making.sitePath));
      if (isTogether) await writeTogether(making, runs, verdicts);
      else for (const run of runs) await write(making, run, verdicts);
      // A table whose checks are still to come cannot be altered; and a failure here is one of a statement.
      await primary.ask(`set constraints all immediate; ${path('pg_catalog')} ${switches.on}`);
    }
    const all = steps.map((step) => step.verdict ?? verdicts.get(step) ?? made(step));
    await tell(making, steps, all);
    return all;
  });
}

function noteStranger({ strangers }: Making, { change }: Step, { outcome }: Verdict): void {
  if (outcome === 'changed since') strangers.note(change);
}

/** Steps that refer to no stranger; verdicts of the others. */
const strangersLeftOut = (
  { strangers }: Making,
  steps: readonly Step[],
  verdicts: Map<Step, Verdict>,
): readonly Step[] =>
  steps.filter((step) => {
    const verdict = step.verdict ? undefined : strangers.verdictOf(step);
    if (verdict) verdicts.set(step, verdict);
    return !verdict;
  });

/** By name, so that two who do this do it in one order. Each by itself: what differs among partitions is restored. */
function switchesOf({ live }: Making, steps: readonly Step[]): { off: string; on: string } {
  const tables = [...new Set(steps.map(({ change }) => change.table))].sort();
  const triggers = tables.flatMap((table) => live.get(table)!.triggers);
  const each = (how: (isAlways: boolean) => string) =>
    triggers
      .map(({ relation, name, isAlways }) => `alter table only ${relation} ${how(isAlways)} trigger ${name};`)
      .join(' ');
  return { off: each(() => 'disable'), on: each((isAlways) => (isAlways ? 'enable always' : 'enable')) };
}

/** Locks the rows, and leaves out those that are not as the plan has seen them. */
async function verified(making: Making, run: Run, verdicts: Map<Step, Verdict>): Promise<Run> {
  const { operation, steps } = run;
  const table = making.tables.get(run.table)!;
  // A key without an index that can say that it is taken: then it is looked at before.
  if (operation === 'insert') {
    return making.live.get(run.table)!.hasArbiter
      ? run
      : { ...run, steps: await absent(making, run, verdicts) };
  }
  const given = givenOf(steps);
  const lock = operation === 'delete' || cascadesOf(making, run).length > 0 ? 'update' : 'no key update';
  const same = await ask<{ at: number }>(making, verify(table, given, lock));
  if (same.length === steps.length) return { ...run, steps: await settableOf(making, run, steps, verdicts) };
  const found = new Set(same.map(({ at }) => at));
  const others = given.filter(({ at }) => !found.has(at));
  const now = await lookAt(making, table, others);
  const left = steps.filter((step, at) => {
    if (found.has(at)) return true;
    verdicts.set(step, changedSince(step, now.get(at) ?? null));
    return false;
  });
  return { ...run, steps: await settableOf(making, run, left, verdicts) };
}

async function lookAt(making: Making, table: Table, given: readonly Given[]): Promise<Map<number, string>> {
  if (given.length === 0) return new Map();
  const rows = await ask<{ at: number; present: string }>(making, look(table, given));
  return new Map(rows.map(({ at, present }) => [at, present]));
}

/** Steps of an insert whose key is free; verdicts of the others. */
export async function absent(
  making: Making,
  { table, steps }: Run,
  verdicts: Map<Step, Verdict>,
): Promise<Step[]> {
  const now = await lookAt(making, making.tables.get(table)!, givenOf(steps));
  return steps.filter((step, at) => {
    const present = now.get(at);
    if (present !== undefined) verdicts.set(step, changedSince(step, present));
    return present === undefined;
  });
}

async function settableOf(
  making: Making,
  { table, operation }: Run,
  steps: readonly Step[],
  verdicts: Map<Step, Verdict>,
): Promise<readonly Step[]> {
  const statement =
    operation === 'update' ? unsettable(making.tables.get(table)!, givenOf(steps)) : undefined;
  if (!statement) return steps;
  const refused = new Set((await ask<{ at: number }>(making, statement)).map(({ at }) => at));
  return steps.filter((step, at) => {
    if (!refused.has(at)) return true;
    verdicts.set(step, {
      outcome: 'refused',
      why: 'Its identity column is GENERATED ALWAYS, and PostgreSQL lets nobody set it in a row that exists: delete the row and insert it OVERRIDING SYSTEM VALUE.',
      present: step.change.present,
    });
    return false;
  });
}

const cascadesOf = ({ live }: Making, { table, operation }: Pick<Run, 'table' | 'operation'>) =>
  live
    .get(table)!
    .cascades.filter(({ onDelete, onUpdate }) => (operation === 'delete' ? onDelete : onUpdate));

/** Leaves out the rows whose change PostgreSQL would carry on to rows that refer to them. */
async function unreferred(making: Making, run: Run, verdicts: Map<Step, Verdict>): Promise<readonly Step[]> {
  const { operation } = run;
  if (operation === 'insert') return run.steps;
  const table = making.tables.get(run.table)!;
  let left = run.steps;
  const cascades = cascadesOf(making, run);
  // Again after rows were left out: they may be the ones that refer to others of the run.
  for (let before = -1; cascades.length > 0 && before !== left.length && left.length > 0;) {
    before = left.length;
    for (const cascade of cascades) {
      const rows = await ask<{ at: number }>(making, referred(table, cascade, givenOf(left), operation));
      const refused = new Set(rows.map(({ at }) => at));
      left = left.filter((step, at) => {
        if (!refused.has(at)) return true;
        verdicts.set(step, {
          outcome: 'refused',
          why: `Rows of ${cascade.child} refer to it (${cascade.name}), and PostgreSQL would ${operation} or change them with it.`,
          present: step.change.present,
        });
        return false;
      });
    }
  }
  return left;
}

function statementOf({ tables, live }: Making, run: Run, steps: readonly Step[], first = 1): Statement {
  const table = tables.get(run.table)!;
  const given = givenOf(steps);
  if (run.operation === 'insert') return insert(table, given, live.get(run.table)!.hasArbiter, first);
  return run.operation === 'update' ? update(table, given, first) : remove(table, given, first);
}

async function write(making: Making, run: Run, verdicts: Map<Step, Verdict>): Promise<void> {
  const steps = await unreferred(making, run, verdicts);
  if (steps.length === 0) return;
  const { text, values } = statementOf(making, run, steps);
  const [row] = await making.primary.ask<{ count: number }>(
    `with w as (${text}) select pg_catalog.count(*)::int as count from w`,
    values,
  );
  if (row!.count !== steps.length) throw new Unwritten();
}

async function writeTogether(
  making: Making,
  runs: readonly Run[],
  verdicts: Map<Step, Verdict>,
): Promise<void> {
  const parts: string[] = [];
  const values: unknown[] = [];
  let expected = 0;
  for (const run of runs) {
    const steps = await unreferred(making, run, verdicts);
    if (steps.length === 0) continue;
    const statement = statementOf(making, run, steps, values.length + 1);
    parts.push(statement.text);
    values.push(...statement.values);
    expected += steps.length;
  }
  if (parts.length === 0) return;
  const count = parts.map((_, at) => `(select pg_catalog.count(*) from w${at})`).join(' + ');
  const [row] = await making.primary.ask<{ count: number }>(
    `with ${parts.map((text, at) => `w${at} as (${text})`).join(', ')} select (${count})::int as count`,
    values,
  );
  if (row!.count !== expected) throw new Unwritten();
}
