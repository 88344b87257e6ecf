/** What the finders find: keys that lost transactions have touched, and what cannot be put back by key. */

/** A row that a lost transaction may have changed. Its content is looked up by compare.ts, on both servers. */
export interface Touched {
  /** `Table.name` */
  readonly table: string;
  /** Of the key's columns, in their order, each as its type's output function writes it (a boolean is `t` or `f`). */
  readonly key: readonly string[];
  /** Whether there was such a row at the fork. */
  readonly base: 'present' | 'absent' | 'unknown';
  /** Transaction ids on the old primary, in the order of their commits; the last one of a row only, without a slot. */
  readonly transactions: readonly string[];
}

/** What nobody but a person can put back. */
export interface Unrecoverable {
  readonly kind:
    | 'no key'
    | 'unlogged'
    | 'large object'
    | 'schema'
    | 'columns differ'
    | 'table missing'
    | 'not readable'
    | 'prepared transaction'
    | 'other';
  /** `Table.name`, where there is one. */
  readonly table?: string;
  /** What was lost, a sentence. */
  readonly what: string;
  /** What a person can do, a sentence. */
  readonly remedy: string;
  /** Statements that do it, ready to be read and run. */
  readonly sql?: string;
  readonly transactions: readonly string[];
}

export interface LostTransaction {
  readonly id: string;
  /** ISO 8601 with microseconds; absent when nobody knows. */
  readonly committedAt?: string;
  /** End of its commit record; absent without a slot. */
  readonly lsn?: string;
}

export interface Finding {
  readonly touched: readonly Touched[];
  readonly unrecoverable: readonly Unrecoverable[];
  readonly transactions: readonly LostTransaction[];
  /** What cannot be seen in this way, in sentences: nothing is hidden. */
  readonly gaps: readonly string[];
}

/**
 * What the new primary itself has done since the fork, by the slot that is made before its writes open. Tells an insert
 * that was lost from an update whose row the new primary has deleted.
 */
export interface History {
  /** Not of a table that was truncated or rewritten since, or whose keys are not in the WAL: there it knows nothing. */
  covers(table: string): boolean;
  /**
   * As `base` wants them: where equal keys may be written otherwise (`1.0`, `1.00`), by what they have in common. In the
   * order of the keys. @default - as they are
   */
  alike?(table: string, keys: readonly (readonly string[])[]): Promise<readonly (readonly string[])[]>;
  /** What was first done with a row: it was there at the fork, or not; undefined: it was not touched. */
  base(table: string, key: readonly string[]): 'present' | 'absent' | undefined;
  /** Keys of rows that were there at the fork and were touched since. */
  touched(table: string): Iterable<readonly string[]>;
}

/** One name for a row, whatever is in its key. */
export const rowId = (table: string, key: readonly string[]): string => JSON.stringify([table, ...key]);
