/** The three-way decision on one row: what it was at the fork, what it is on the old primary, what it is on the new one. */
import type { Touched } from './finding';
import type { Change, ConflictKind, Operation } from './plan';

export interface Versions {
  /** Whether there was such a row at the fork. */
  readonly base: Touched['base'];
  /** The row as the old primary has it, as text; null: it has none. */
  readonly lost: string | null;
  /** As the new primary has it. */
  readonly present: string | null;
  /** The new primary has written its version after the fork; otherwise that is the row as it was at the fork. */
  readonly since: boolean;
}

/** @returns undefined when there is nothing to do: it is on the new primary already, or was undone on the old one */
export function classify(versions: Versions): Pick<Change, 'operation' | 'conflict'> | undefined {
  const { lost, present, since } = versions;
  if (lost === present) return undefined;
  const base = present !== null && !since ? 'present' : versions.base;
  if (base === 'absent') {
    if (lost === null) return undefined; // inserted there and deleted again
    return present === null ? plain('insert') : conflict('insert', 'key taken');
  }
  if (lost === null) {
    if (!since) return plain('delete');
    return base === 'present' ? conflict('delete', 'changed here') : conflict('delete', 'cannot be told');
  }
  if (present === null) {
    return base === 'present' ? conflict('update', 'deleted here') : conflict('insert', 'cannot be told');
  }
  return since ? conflict('update', 'both changed') : plain('update');
}

const plain = (operation: Operation) => ({ operation });

const conflict = (operation: Operation, kind: ConflictKind) => ({
  operation,
  conflict: { kind, why: WHY[kind] ?? kind },
});

const WHY: Partial<Record<ConflictKind, string>> = {
  'key taken': 'The new primary has given out this key again: its row is another one.',
  'both changed': 'The new primary has written this row after the fork as well.',
  'deleted here': 'The new primary has deleted this row after the fork.',
  'changed here': 'The old primary had deleted this row; the new one has written it after the fork.',
  'cannot be told':
    'The old primary wrote this row after the fork, and the new one does not have it, or another one: whether it was there at the fork nobody can tell without a slot.',
};
