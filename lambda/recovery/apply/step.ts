/** One change on its way through an apply. */
import type { Change, Operation } from '../plan';
import type { Conflicts, Verdict } from './applied';

export interface Step {
  readonly change: Change;
  /** What is to be done with the row: of conflicts that are replaced it is not what the plan says. */
  readonly operation: Operation;
  /** Known before anything is written. */
  readonly verdict?: Verdict;
  /** Steps of one unit are best made together: units.ts. */
  readonly unit?: number;
}

/** From what the row is here to what it is on the old primary. */
const operationOf = ({ lost, present }: Change): Operation =>
  present === null ? 'insert' : lost === null ? 'delete' : 'update';

/** What is to be done with a change that no earlier run has dealt with. */
export function stepOf(change: Change, conflicts: Conflicts): Step {
  const { conflict, present } = change;
  const operation = operationOf(change);
  if (!conflict || conflicts === 'replace') return { change, operation };
  return {
    change,
    operation,
    verdict:
      conflicts === 'keep'
        ? { outcome: 'kept', why: `${conflict.kind}: ${conflict.why}`, present }
        : { outcome: 'skipped', why: conflict.why },
  };
}

/** What a step comes to when it is made. */
export const made = ({ change }: Step): Verdict => ({ outcome: change.conflict ? 'replaced' : 'applied' });

/** What a row came to that is not as the plan has seen it. */
export function changedSince({ change }: Step, present: string | null): Verdict {
  if (present === change.lost) return { outcome: 'already here' };
  const what = present === null ? 'was deleted' : change.present === null ? 'was inserted' : 'was changed';
  return {
    outcome: 'changed since',
    why: `The row ${what} on the new primary since the plan was made. A new plan shows what it is now.`,
    present,
  };
}

/** Rows of the same table and operation that follow each other. */
export interface Run {
  readonly table: string;
  readonly operation: Operation;
  readonly steps: readonly Step[];
}

export function runsOf(steps: readonly Step[]): Run[] {
  const runs: { table: string; operation: Operation; steps: Step[] }[] = [];
  for (const step of steps) {
    const { table } = step.change;
    const last = runs.at(-1);
    if (last && last.table === table && last.operation === step.operation) last.steps.push(step);
    else runs.push({ table, operation: step.operation, steps: [step] });
  }
  return runs;
}

/** Text that one statement may carry: far below what PostgreSQL and Node.js take at once. */
const BATCH_CHARACTERS = 8_000_000;
/** A circle of more rows is tried in parts. */
const UNIT_ROWS = 20_000;

/** Cuts by number of rows and by their size; not within a unit, unless it alone is larger than that. */
export function* batchesOf(steps: readonly Step[], rows: number): Generator<Step[]> {
  let batch: Step[] = [];
  let characters = 0;
  for (const step of steps) {
    const { lost, present } = step.change;
    const size = (lost?.length ?? 0) + (present?.length ?? 0);
    const isFull = batch.length >= rows || characters + size > BATCH_CHARACTERS;

    const isWithin = step.unit !== undefined && step.unit === batch.at(-1)?.unit;
    const isHuge = batch.length >= UNIT_ROWS || characters + size > 8 * BATCH_CHARACTERS;
    if (batch.length > 0 && isFull && (isHuge || !isWithin)) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(step);
    characters += size;
  }
  if (batch.length > 0) yield batch;
}
