/** What shall be put back: made by `recover plan`, read by people, done by `recover apply`. */
import type { LostTransaction, Unrecoverable } from './finding';
import type { Fork } from './fork';
import type { Table } from './table';

/** How the lost changes were found. */
export type Method =
  /** By the old primary's slot: exact. */
  | 'slot'
  /** By transaction ids and keys, on the old primary: its slot was lost. */
  | 'rows'
  /** The same, on a restore of the old primary's backups: what came after its end nobody has. */
  | 'restore';

export type Operation = 'insert' | 'update' | 'delete';

/** Why a change is not simply made. */
export type ConflictKind =
  /** The new primary has given out the key again. */
  | 'key taken'
  /** Both have changed the row. */
  | 'both changed'
  /** Changed there, deleted here. */
  | 'deleted here'
  /** Deleted there, changed here. */
  | 'changed here'
  /** A value that must be unique is another row's here. */
  | 'value taken'
  /** It refers to a row that is not here, or is another one. */
  | 'parent missing'
  /** Rows that were written here refer to it. */
  | 'still referred to'
  /** Without a slot nobody can tell whether the row was inserted there, or deleted here. */
  | 'cannot be told';

export interface Change {
  /** From 1, in the order in which changes are made. */
  readonly number: number;
  /** `Table.name` */
  readonly table: string;
  /** As in Touched. */
  readonly key: readonly string[];
  readonly operation: Operation;
  readonly conflict?: { readonly kind: ConflictKind; readonly why: string };
  /** The row as the old primary has it: the text of the whole row, `(1,"a b",)`; null: deleted there. */
  readonly lost: string | null;
  /** The row as the new primary had it when the plan was made; null: there was none. */
  readonly present: string | null;
  readonly transactions: readonly string[];
  /**
   * Never falls from one change to the next. Changes of one step are of one table and one operation and can be made by one
   * statement, all or some of them; a step must be over before the next begins. Always there in a plan that was made here.
   */
  readonly step?: number;
  /**
   * The step is a cycle of foreign keys, maybe of several tables and operations: all of it is made by ONE statement, a
   * chain of `with` parts, at whose end PostgreSQL looks at foreign keys for the first time. Each part must read from the
   * one before (`where (select count(*) from part_1) >= 0`), so that they run in their order.
   */
  readonly together?: true;
}

/** A change whose place in the order is not known yet. */
export type Draft = Omit<Change, 'number' | 'step' | 'together'>;

export interface SequencePlan {
  /** Quoted and with its schema. */
  readonly name: string;
  /** `last_value` of the old primary, and of the new one when the plan was made; null: never asked for a value. */
  readonly old: string | null;
  readonly present: string | null;
  readonly increment: string;
}

/** All of a plan but its changes, which are many. */
export interface PlanHead {
  readonly format: 'scale-from-zero recovery plan';
  readonly version: 1;
  /** `epoch-3-20261122T190501Z` */
  readonly id: string;
  /** ISO 8601. */
  readonly madeAt: string;
  readonly fork: Fork;
  /** Where the lost changes come from and where they go: names for people. */
  readonly from: string;
  readonly to: string;
  readonly database: string;
  /** Timeline of the new primary. */
  readonly timeline: number;
  readonly method: Method;
  /** Of the tables that changes are in. */
  readonly tables: readonly Table[];
  readonly sequences: readonly SequencePlan[];
  readonly transactions: readonly LostTransaction[];
  readonly unrecoverable: readonly Unrecoverable[];
  readonly gaps: readonly string[];
  /** Lost changes that are here already: both did the same, or an earlier run has put them back. */
  readonly alreadyHere: number;
}

export interface Plan {
  readonly head: PlanHead;
  readonly changes: readonly Change[];
}
