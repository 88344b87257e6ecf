/** What must be known of the site's tables; the same on both servers, or it says so (catalog.ts). */

export interface Table {
  /** Quoted and with its schema, `public."Notes"`: for statements and for people, and the name of the table in a plan. */
  readonly name: string;
  readonly schema: string;
  readonly relation: string;
  /** In the order of a row's text. */
  readonly columns: readonly Column[];
  /**
   * Of the primary key, or else of the index that is the replica identity; absent: rows cannot be told apart. As indices
   * into `columns`, in the order of the index.
   */
  readonly key?: readonly number[];
  /** Of the key's columns: the operator that says that two are equal, `operator(pg_catalog.=)`. */
  readonly keyEquals?: readonly string[];
  /** What the WAL tells of a row that is updated or deleted: its key, all of it, nothing. */
  readonly logged: 'key' | 'all' | 'nothing';
  readonly isUnlogged: boolean;
  /** Where its rows are: itself, or its partitions of whatever depth. Changes are told of these, and made by the root. */
  readonly leaves: readonly Leaf[];
  readonly isPartitioned: boolean;
  readonly uniques: readonly Unique[];
  readonly references: readonly Reference[];
  /** Names of the triggers that people made and that fire for us: `enabled` is O or A of pg_trigger.tgenabled. */
  readonly triggers: readonly { readonly name: string; readonly enabled: 'O' | 'A' }[];
  /** An estimate, for progress. */
  readonly rows: number;
}

export interface Column {
  readonly name: string;
  /** For statements. */
  readonly quoted: string;
  /** With schema and size, `numeric(10,2)`, `public."Mood"`: for casts from text. */
  readonly type: string;
  /** GENERATED ALWAYS AS (…) STORED: never written. */
  readonly isGenerated: boolean;
  readonly identity?: 'always' | 'by default';
}

export interface Leaf {
  readonly name: string;
  readonly schema: string;
  readonly relation: string;
  /** Of its main fork, 8 kB each. */
  readonly blocks: number;
}

/** What must not be there twice, besides the key. */
export interface Unique {
  readonly name: string;
  /** Indices into `columns`; absent for an index on expressions, which only the database can judge. */
  readonly columns?: readonly number[];
  /** Its own statement of what it is, for people and for a look at the database: pg_get_indexdef. */
  readonly definition: string;
  /** `where …` of a partial index. */
  readonly predicate?: string;
  /** Of each part: a column's name or an expression, in SQL; and what makes two of them collide. */
  readonly parts: readonly { readonly sql: string; readonly operator: string }[];
  readonly nullsAreEqual: boolean;
}

/** A foreign key of this table. */
export interface Reference {
  readonly name: string;
  /** Indices into this table's columns. */
  readonly from: readonly number[];
  /** `Table.name` of the other one. */
  readonly table: string;
  /** Indices into the other's columns. */
  readonly to: readonly number[];
  readonly isDeferrable: boolean;
}
