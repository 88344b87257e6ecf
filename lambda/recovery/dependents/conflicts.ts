/** Which drafts cannot be made because others are not: to a fixpoint. */
import type { Change } from '../plan';
import type { Demand, Hazard } from './demands';
import { cyclesOf } from './graph';
import type { Row } from './rows';

type Conflict = NonNullable<Change['conflict']>;
type Conflicts = readonly (Conflict | undefined)[];

/**
 * One for each draft that is not to be made. A draft that is a conflict already keeps its kind; what else stands against
 * it, whatever happens to other drafts, is added to its reason.
 */
export function conflictsOf(
  rows: readonly Row[],
  demands: readonly Demand[],
  hazards: readonly Hazard[] = [],
): Conflicts {
  const conflicts = rows.map(({ draft }) => draft.conflict);
  const waiting = dependents(rows.length, demands);
  const spread = [...conflicts.keys()].filter((place) => conflicts[place]);
  const mark = (place: number, conflict: Conflict) => {
    conflicts[place] = conflict;
    spread.push(place);
  };
  for (const { of, on, conflict } of demands) {
    if (on !== undefined) continue;
    const known = conflicts[of];
    if (!known) mark(of, conflict);
    else if (rows[of]!.draft.conflict && !known.why.includes(conflict.why)) {
      conflicts[of] = { ...known, why: `${known.why} ${conflict.why}` };
    }
  }
  for (;;) {
    for (let place = spread.pop(); place !== undefined; place = spread.pop()) {
      for (const { of, conflict } of waiting[place] ?? []) if (!conflicts[of]) mark(of, conflict);
    }
    const made = demands.filter(
      ({ of, on }) => on !== undefined && on !== of && !conflicts[of] && !conflicts[on],
    );
    const swaps = swapsIn(rows, made);
    const open = hazards.filter((hazard) => !conflicts[hazard.of] && !conflicts[hazard.with]);
    const cycles = open.length > 0 ? cyclesOf(rows.length, made) : [];
    const harmful = open.filter((hazard) => cycles[hazard.of] === cycles[hazard.with]);
    if (swaps.length === 0 && harmful.length === 0) return conflicts;
    for (const { of } of swaps) if (!conflicts[of]) mark(of, SWAP);
    for (const { of, conflict } of harmful) if (!conflicts[of]) mark(of, conflict);
  }
}

const SWAP: Conflict = {
  kind: 'value taken',
  why: 'It swaps a value that must be unique with other rows whose lost changes are in this plan, and PostgreSQL looks at such values row by row: only a person can put them back, in one transaction and with a value in between.',
};

/**
 * Demands that no order can meet. Whoever goes round in a circle of values both takes one and frees one, and so is an
 * update. Where foreign keys are part of the circle all is made by one statement; in it, updates of a table run in no
 * order among themselves, and come to the same.
 */
function swapsIn(rows: readonly Row[], demands: readonly Demand[]): Demand[] {
  const isUpdate = (place: number) => rows[place]!.draft.operation === 'update';
  const values = demands.filter(({ of, on, isSoft }) => !isSoft && isUpdate(of) && isUpdate(on!));
  if (values.length === 0) return [];
  const cycles = cyclesOf(rows.length, demands);
  return values.filter(({ of, on }) => cycles[of] === cycles[on!]);
}

function dependents(size: number, demands: readonly Demand[]): readonly (readonly Demand[] | undefined)[] {
  const waiting = new Array<Demand[] | undefined>(size);
  for (const demand of demands) if (demand.on !== undefined) (waiting[demand.on] ??= []).push(demand);
  return waiting;
}
