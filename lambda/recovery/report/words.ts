/** What each class of a plan means, in the words of reports. */
import type { ConflictKind, Method, PlanHead } from '../plan';
import type { Unrecoverable } from '../finding';

/** How it was found, and what that is worth. */
export const METHODS: Record<Method, (head: PlanHead) => string> = {
  slot: ({ from }) =>
    `By the slot of ${from}: every change of every lost transaction, exactly as it was committed.`,
  rows: ({ from }) =>
    `By transaction ids and keys on ${from}, as its slot could not be used: rows as they are now, not each step on the way.`,
  restore: ({ from }) =>
    `By transaction ids and keys on ${from}, a restore of the old primary's backups: what was committed after the end of that restore is not in it, and nobody has it.`,
};

export interface ConflictWords {
  readonly means: string;
  readonly keep: string;
  readonly replace: string;
}

export const CONFLICTS: Record<ConflictKind, ConflictWords> = {
  'key taken': {
    means: 'The new primary has given the same key to another row.',
    keep: 'the new row stays',
    replace: 'the lost row takes its place, and the new row is gone',
  },
  'both changed': {
    means: 'The row was changed on both.',
    keep: 'the new version stays',
    replace: 'the lost version is written over it',
  },
  'deleted here': {
    means: 'The row was changed on the old primary, and deleted on the new one.',
    keep: 'it stays deleted',
    replace: 'the lost version is inserted',
  },
  'changed here': {
    means: 'The row was deleted on the old primary, and changed on the new one.',
    keep: 'the row stays',
    replace: 'it is deleted',
  },
  'value taken': {
    means: 'A value that must be unique belongs to another row on the new primary.',
    keep: 'the other row keeps it, and the lost change is not made',
    replace: 'only where the value has become free; otherwise it is left open',
  },
  'parent missing': {
    means: 'It refers to a row that is not on the new primary.',
    keep: 'the lost change is not made',
    replace: 'only where that row has come back; otherwise it is left open',
  },
  'still referred to': {
    means: 'Rows that were written on the new primary refer to it.',
    keep: 'the row stays as it is',
    replace: 'only where nothing refers to it any more; otherwise it is left open',
  },
  'cannot be told': {
    means:
      'It is on the old primary only: inserted there, or deleted on the new one. Without a slot nobody can tell.',
    keep: 'it is not inserted',
    replace: 'it is inserted',
  },
};

export const UNRECOVERABLE: Record<Unrecoverable['kind'], string> = {
  'no key': 'table without a key',
  unlogged: 'unlogged table',
  'large object': 'large object',
  schema: 'change of the schema',
  'columns differ': 'columns differ',
  'table missing': 'table missing',
  'not readable': 'not readable',
  'prepared transaction': 'prepared transaction',
  other: 'other',
};
