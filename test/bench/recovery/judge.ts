/** What a tool proposes to do on the new primary, held against the truth. Pure. */
import type { Operation } from '../../../lambda/recovery/plan';
import { ROLES, type Role, type Truth } from './truth';

/** One row that a tool would write on the new primary. */
export interface Repair {
  readonly operation: Operation;
  readonly key: number;
}

export interface Judgement {
  /** What was lost, and is put back. */
  readonly correct: number;
  /** What the new primary wrote, or a row that was never touched, and would be overwritten, deleted or brought back. */
  readonly harmful: number;
  /** What was lost, and would stay lost. */
  readonly missed: number;
  /** Harmful ones by what was hit, in words: `overwrites: key given out again`. */
  readonly harm: Readonly<Record<string, number>>;
}

const HARM: Readonly<Record<Operation, string>> = {
  insert: 'brings back',
  update: 'overwrites',
  delete: 'deletes',
};

export function judge(truth: Truth, repairs: readonly Repair[]): Judgement {
  const roles = new Map(
    (Object.keys(truth) as Role[]).flatMap((role) => truth[role].map((key) => [key, role] as const)),
  );
  const wanted = new Map<number, Operation>();
  for (const [key, role] of roles) {
    const { truth } = ROLES[role];
    if (typeof truth === 'object') wanted.set(key, truth.put);
  }
  const harm: Record<string, number> = {};
  let harmful = 0;
  const done = new Set<number>();
  for (const { operation, key } of repairs) {
    // A second time is none: whoever proposes it has not understood.
    if (wanted.get(key) === operation && !done.has(key)) done.add(key);
    else {
      harmful++;
      const what = `${HARM[operation]}: ${roles.get(key) ?? 'untouched'}`;
      harm[what] = (harm[what] ?? 0) + 1;
    }
  }
  return { correct: done.size, harmful, missed: wanted.size - done.size, harm };
}

/**
 * What a two-way difference comes to when the new primary shall be made like the old one, as such tools do.
 *
 * @param there keys of rows that are only on the old primary in this form
 * @param here keys of rows that are only on the new primary in this form
 */
export function twoWay(there: Iterable<number>, here: Iterable<number>): Repair[] {
  const [onOld, onNew] = [new Set(there), new Set(here)];
  return [
    ...[...onOld].map((key): Repair => ({ operation: onNew.has(key) ? 'update' : 'insert', key })),
    ...[...onNew].filter((key) => !onOld.has(key)).map((key): Repair => ({ operation: 'delete', key })),
  ];
}
