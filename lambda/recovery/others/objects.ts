/** What a database's objects are, read alike from both servers: name, definition, and which transactions wrote them late. */
import { OWN_SCHEMA } from '../../prepare-database/plan';

/** One object, or one part of a table. */
export interface DbObject {
  /** `table`, `function` …; empty when the name tells it. */
  readonly kind: string;
  /** Quoted and with its schema. */
  readonly name: string;
  /** The table that it is part of, as in Table.name. */
  readonly parent: string | null;
  readonly oid: string | null;
  /** What is compared, for people too. */
  readonly definition: string;
  /** A statement that makes it. */
  readonly sql: string | null;
  /** A statement that removes it. */
  readonly removal: string | null;
  /** Transactions since the fork that wrote its rows of the catalogs; `null`: none. */
  readonly ids: readonly string[] | null;
  /** It was made since the fork, as far as that can be told. */
  readonly isNew: boolean;
}

/** What can be done when an object is another one there. */
export type Change = 'replace' | 'recreate' | 'by hand';

export interface ObjectQuery {
  /** For people: `functions`. */
  readonly of: string;
  readonly change: Change;
  /** Gives DbObject's fields; `ids` is what `late` makes. */
  readonly sql: (late: Late) => string;
}

/** SQL: ids of those of the given xids that are later than the fork, as a text array; null when none is. */
export type Late = (...xids: readonly string[]) => string;

/** Objects that are made after initdb have these ids: FirstNormalObjectId in access/transam.h. */
export const FIRST_OID = 16384;

/** SQL: a namespace `n` of people. */
export const SITE = `(n.nspname not in ('pg_catalog', 'information_schema', '${OWN_SCHEMA}') and n.nspname !~ '^pg_(toast|temp)')`;

/** SQL: it came with an extension, which is an object itself; or `i`, it is part of what made it. */
export const isMember = (catalog: string, oid: string, types: readonly ('e' | 'i')[] = ['e']): string =>
  `exists (select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = ${oid}
              and e.deptype in (${types.map((type) => `'${type}'`).join()}))`;

/** SQL: owner and privileges. */
export const access = (owner: string, acl: string): string =>
  `format(E'\\nowner %s, privileges %s', pg_get_userbyid(${owner}), coalesce(${acl}::text, 'by default'))`;

/** @param since SQL that is true for a transaction id that is later than the fork */
export const lateOf =
  (since: (xid: string) => string): Late =>
  (...xids) =>
    `(select array_agg(distinct x::text) from (${xids.map((xid) => (xid.startsWith('select') ? xid : `select ${xid}`)).join(' union all ')}) as w(x) where ${since('w.x')})`;
