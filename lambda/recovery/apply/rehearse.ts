/** A dry run: everything is looked at as an apply would, nothing is locked or written. */
import { rowId } from '../finding';
import type { Plan } from '../plan';
import type { Verdict } from './applied';
import type { Making } from './batch';
import { type Cascade, referring } from './live';
import { type Statement, look, unsettable } from './statements';
import { type Run, type Step, changedSince, made, runsOf } from './step';

/** Rows that the plan takes away or changes: by then they do not refer to others any more. By rowId. */
export const leavingOf = ({ changes }: Plan): ReadonlySet<string> =>
  new Set(
    changes.filter(({ operation }) => operation !== 'insert').map(({ table, key }) => rowId(table, key)),
  );

/** What the database itself would refuse is not among the verdicts: only writing tells. */
export function rehearse(
  making: Making,
  steps: readonly Step[],
  leaving: ReadonlySet<string>,
): Promise<Verdict[]> {
  const { primary } = making;
  return primary.transaction(async () => {
    await primary.ask('set transaction read only');
    const verdicts = new Map<Step, Verdict>();
    for (const run of runsOf(steps.filter(({ verdict }) => !verdict))) {
      await rehearseRun(making, run, leaving, verdicts);
    }
    return steps.map((step) => {
      const verdict = step.verdict ?? verdicts.get(step);
      if (verdict?.outcome === 'changed since') making.strangers.note(step.change);
      return verdict ?? making.strangers.verdictOf(step) ?? made(step);
    });
  });
}

async function rehearseRun(
  making: Making,
  { table: name, operation, steps }: Run,
  leaving: ReadonlySet<string>,
  verdicts: Map<Step, Verdict>,
): Promise<void> {
  const table = making.tables.get(name)!;
  const given = steps.map(({ change }, at) => ({ at, ...change }));
  const ask = <Row extends object>({ text, values }: Statement) => making.primary.ask<Row>(text, values);
  const rows = await ask<{ at: number; present: string }>(look(table, given));
  const now = new Map(rows.map(({ at, present }) => [at, present]));
  steps.forEach((step, at) => {
    const present = now.get(at) ?? null;
    if (present !== step.change.present) verdicts.set(step, changedSince(step, present));
  });
  const refuse = (at: number, why: string) => {
    if (!verdicts.has(steps[at]!)) verdicts.set(steps[at]!, { outcome: 'refused', why });
  };
  const fixed = operation === 'update' ? unsettable(table, given) : undefined;
  if (fixed) {
    for (const { at } of await ask<{ at: number }>(fixed)) {
      refuse(at, 'Its identity column is GENERATED ALWAYS, and PostgreSQL lets nobody set it.');
    }
  }
  if (operation !== 'delete') return;
  for (const cascade of making.live.get(name)!.cascades.filter(({ onDelete }) => onDelete)) {
    const found = await ask<{ at: number; key: string[] }>(
      referring(table, cascade, given, keyOf(making, cascade)),
    );
    for (const { at, key } of found) {
      if (!leaving.has(rowId(cascade.child, key))) {
        refuse(at, `Rows of ${cascade.child} refer to it (${cascade.name}).`);
      }
    }
  }
}

function keyOf({ tables }: Making, { child }: Cascade): readonly string[] {
  const table = tables.get(child);
  return table?.key?.map((column) => table.columns[column]!.quoted) ?? [];
}
