/** A made-up site: its tables, and what of them its statements and the model must know. */
import type { Kind } from './kinds';

export interface SiteColumn {
  /** Quoted. */
  readonly name: string;
  readonly type: string;
  /** Absent: never given a value by a statement. */
  readonly kind?: Kind;
}

/** Columns that have the values of one of `keys`, all NULL or none. */
export interface SiteKey {
  /** Quoted. */
  readonly columns: readonly string[];
  readonly types: readonly string[];
  /** Expressions in SQL, for each key as many as columns. */
  readonly keys: readonly (readonly string[])[];
}

export interface SiteTable {
  readonly schema: string;
  readonly relation: string;
  /** In quotes, whether it needs them or not. */
  readonly name: string;
  /** Without those of `identity` and `references`. */
  readonly columns: readonly SiteColumn[];
  /** By which the statements find rows; without a key constraint when `isKeyless`. */
  readonly identity: SiteKey;
  /** Whether its one column is given by a sequence when a statement does not. */
  readonly isNumbered: boolean;
  /** An explicit number needs OVERRIDING SYSTEM VALUE. */
  readonly isAlways: boolean;
  readonly references: readonly (SiteKey & { readonly isNullable: boolean })[];
  /** Types of `key`: a number may be written in more than one way, and is one key. */
  readonly keyTypes: readonly string[];
  /** Quoted columns of what recovery tells rows by: the primary key, or the replica identity; undefined: nothing. */
  readonly key?: readonly string[];
  /** Whether the WAL tells the key of a row that goes: not by a unique index that is no replica identity. */
  readonly tellsKeys: boolean;
  readonly isUnlogged: boolean;
  /** TRUNCATE takes more tables along. */
  readonly isReferredTo: boolean;
}

export interface Site {
  readonly ddl: readonly string[];
  /** After the base rows: columns that are added and dropped, triggers. */
  readonly late: readonly string[];
  readonly tables: readonly SiteTable[];
  /** What happens at the very edge of the fork happens to this one: no other statement touches it. */
  readonly edge: SiteTable;
}
