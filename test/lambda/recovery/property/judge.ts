/** Holds a plan against the truth, and a server after recovery against the plan. */
import type { Change, ConflictKind, Plan } from '../../../../lambda/recovery/plan';
import { type Sight, verdict } from './model';
import type { SiteTable } from './site';
import { type Rows, type Truth, type TrueRow, keyId } from './truth';

/** A table as the plan names it. */
export type JudgedTable = SiteTable & { readonly known: string };

export interface Facts {
  readonly tables: readonly JudgedTable[];
  readonly fork: Truth;
  readonly old: Truth;
  readonly present: Truth;
}

/** Said of a change that could be made by its own key: to be proved by trying. */
export const BY_OTHERS: readonly ConflictKind[] = ['value taken', 'parent missing', 'still referred to'];

const NONE: Rows = new Map();
export const rowsOf = (truth: Truth, { name }: SiteTable): Rows => truth.tables.get(name) ?? NONE;

export const keysOf = (...rows: readonly Rows[]) => new Set(rows.flatMap((some) => [...some.keys()]));

export const idIn = (table: JudgedTable, key: string): string => JSON.stringify([table.known, key]);

/** One name for a row. */
export function idOf(tables: readonly JudgedTable[], { table, key }: Pick<Change, 'table' | 'key'>): string {
  const known = tables.find((one) => one.known === table);
  return known ? idIn(known, keyId(known, key)) : JSON.stringify([table, ...key]);
}

/** @returns sentences; none when the plan is right */
export function judgePlan(facts: Facts, plan: Plan, sightOf: (table: JudgedTable) => Sight): string[] {
  const faults: string[] = [];
  const left = new Map<string, Change>();
  plan.changes.forEach((change, at) => {
    const id = idOf(facts.tables, change);
    if (left.has(id)) faults.push(`twice: ${id}`);
    left.set(id, change);
    if (change.number !== at + 1) faults.push(`${id} is number ${change.number} at place ${at + 1}`);
  });
  for (const table of facts.tables) {
    if (!table.key || table.isUnlogged) continue;
    const [fork, old, present] = [facts.fork, facts.old, facts.present].map((truth) =>
      rowsOf(truth, table),
    ) as [Rows, Rows, Rows];
    for (const key of keysOf(fork, old, present)) {
      const id = idIn(table, key);
      const change = left.get(id);
      left.delete(id);
      const versions = { fork: fork.get(key), old: old.get(key), present: present.get(key) };
      const sight = sightOf(table);
      const fault = faultOf(versions, change, sight);
      // A row that is gone tells nobody who took it away.
      if (change?.transactions.length === 0 && (sight.seesOld || change.lost !== null)) {
        faults.push(`${id}: of no transaction`);
      }
      if (fault) faults.push(`${id}: ${fault}\n    ${describe(versions)}`);
      const isUnseen =
        !change && versions.fork && !versions.old && verdict(versions, sight).say === 'conflict';
      if (isUnseen && !plan.head.gaps.some((gap) => gap.includes(table.known))) {
        faults.push(
          `${id} is a lost delete that nobody can see, and no gap says so\n    ${describe(versions)}`,
        );
      }
    }
  }
  for (const [id, change] of left) faults.push(`${id}: a change of nothing, ${said(change)}`);
  return [...faults, ...judgeUnrecoverable(facts, plan)];
}

const said = ({ operation, conflict }: Change) =>
  conflict ? `${operation}, conflict '${conflict.kind}'` : operation;

const describe = (versions: { fork?: TrueRow; old?: TrueRow; present?: TrueRow }) =>
  Object.entries(versions)
    .map(([name, row]) => `${name}: ${row ? `${row.text.slice(0, 200)} (by ${row.xmin})` : 'none'}`)
    .join('\n    ');

function faultOf(
  versions: { fork?: TrueRow; old?: TrueRow; present?: TrueRow },
  change: Change | undefined,
  sight: Sight,
): string | undefined {
  const must = verdict(versions, sight);
  if (must.say === 'unsure') {
    if (!change || change.conflict) return undefined;
    const isRight = must.truth.say === 'apply' && must.truth.operation === change.operation;
    return isRight ? undefined : `nobody can know of it, but: ${said(change)}`;
  }
  if (!change) {
    if (must.say === 'nothing' || (must.say === 'conflict' && must.orNothing)) return undefined;
    return `missing, must be ${must.say === 'apply' ? must.operation : `conflict '${must.kinds.join(`' or '`)}'`}`;
  }
  const kind = change.conflict?.kind;
  if (must.say === 'nothing') return `nothing was lost, but: ${said(change)}`;
  if (change.lost !== (versions.old?.text ?? null)) return `lost is ${change.lost}`;
  if (change.present !== (versions.present?.text ?? null)) return `present is ${change.present}`;
  if (must.say === 'conflict') {
    return kind && must.kinds.includes(kind)
      ? undefined
      : `must be conflict '${must.kinds.join(`' or '`)}', but: ${said(change)}`;
  }
  if (kind ? !BY_OTHERS.includes(kind) && !must.or.includes(kind) : change.operation !== must.operation) {
    return `must be ${must.operation}, but: ${said(change)}`;
  }
  return undefined;
}

/** Tables whose rows cannot be told apart, or are not in the WAL: named when something of them was lost. */
function judgeUnrecoverable({ tables, fork, old, present }: Facts, { head }: Plan): string[] {
  return tables.flatMap((table) => {
    const named = head.unrecoverable.find((one) => one.table === table.known);
    if (table.key && !table.isUnlogged) {
      return named ? [`${table.known} can be recovered, but: ${named.kind}: ${named.what}`] : [];
    }
    const [before, after, here] = [fork, old, present].map((truth) => rowsOf(truth, table)) as [
      Rows,
      Rows,
      Rows,
    ];
    const kind = table.isUnlogged ? 'unlogged' : 'no key';
    const isLost =
      [...after.keys()].some((row) => !before.has(row)) ||
      [...before.keys()].some((row) => !after.has(row) && here.has(row));
    const isTold = named?.kind === kind || head.gaps.some((gap) => gap.includes(table.known));
    return isLost && !isTold ? [`${table.known} (${kind}) has lost rows and is not named`] : [];
  });
}

/** The new primary's rows after all that can be put back was put back, and each conflict kept. */
export function judgeApplied(facts: Facts, plan: Plan, after: Truth): string[] {
  const made = new Set(
    plan.changes.filter(({ conflict }) => !conflict).map((change) => idOf(facts.tables, change)),
  );
  return facts.tables.flatMap((table) => {
    const [old, present, now] = [facts.old, facts.present, after].map((truth) => rowsOf(truth, table)) as [
      Rows,
      Rows,
      Rows,
    ];
    return [...keysOf(old, present, now)].flatMap((key) => {
      const id = table.key ? idIn(table, key) : key;
      const row = now.get(key);
      if (made.has(id)) {
        const must = old.get(key);
        const isRight = row?.bits === must?.bits && row?.text === must?.text;
        return isRight ? [] : [`${id}: put back as ${row?.text ?? 'none'}, must be ${must?.text ?? 'none'}`];
      }
      const must = present.get(key);
      const isRight = row?.bits === must?.bits && row?.xmin === must?.xmin;
      return isRight
        ? []
        : [`${id}: is ${row?.text ?? 'none'}, and was ${must?.text ?? 'none'}: not recovery's to touch`];
    });
  });
}

/** @returns what differs between two looks at one server */
export function differences(tables: readonly JudgedTable[], one: Truth, other: Truth): string[] {
  const found = tables.flatMap((table) => {
    const [before, after] = [rowsOf(one, table), rowsOf(other, table)];
    return [...keysOf(before, after)].flatMap((key) => {
      const [was, is] = [before.get(key), after.get(key)];
      return was?.bits === is?.bits && was?.xmin === is?.xmin
        ? []
        : [`${table.known} ${key}: was ${was?.text ?? 'none'}, is ${is?.text ?? 'none'}`];
    });
  });
  const moved = [...one.sequences].filter(([name, last]) => other.sequences.get(name) !== last);
  return [...found, ...moved.map(([name]) => `the sequence ${name} has moved`)];
}

export function judgeSequences({ old, present }: Facts, after: Truth): string[] {
  return [...after.sequences].flatMap(([name, last]) => {
    const least = [old.sequences.get(name), present.sequences.get(name)]
      .filter((one) => one !== null && one !== undefined)
      .reduce((one, two) => (one > two ? one : two), -1n);
    return (last ?? -1n) >= least ? [] : [`the sequence ${name} is at ${last}, below ${least}`];
  });
}
