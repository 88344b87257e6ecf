/** Foreign keys, as the new primary has them: also those from and to tables that are not recovered. */
import type { Session } from '../session';
import type { Table } from '../table';

/** One side of a foreign key. */
export interface LinkEnd {
  /** The table of the plan, the root of partitions; absent when its rows cannot be recovered. */
  readonly table?: Table;
  /** Where the constraint is: the table, or one partition of it. Quoted and with its schema. */
  readonly name: string;
  /** The constraint is on one partition alone. */
  readonly isLeaf: boolean;
  readonly isPartitioned: boolean;
  readonly isReadable: boolean;
  /** Indices into `table.columns`; empty without `table`. */
  readonly positions: readonly number[];
  /** For statements. */
  readonly columns: readonly string[];
  /** With schema and size. */
  readonly types: readonly string[];
}

export interface Link {
  readonly name: string;
  readonly child: LinkEnd;
  readonly parent: LinkEnd;
  /** Of each pair of columns, the parent's on the left: `operator(pg_catalog.=)`. */
  readonly operators: readonly string[];
}

interface EndRow {
  readonly root: string;
  readonly name: string;
  readonly isLeaf: boolean;
  readonly isPartitioned: boolean;
  readonly isReadable: boolean;
  readonly names: readonly string[];
  readonly columns: readonly string[];
  readonly types: readonly string[];
}

const end = (relation: string, numbers: string): string => `(
  select json_build_object(
    'root', format('%I.%I', rn.nspname, r.relname), 'name', format('%I.%I', tn.nspname, t.relname),
    'isLeaf', r.oid <> t.oid, 'isPartitioned', t.relkind = 'p', 'isReadable', has_table_privilege(t.oid, 'select'),
    'names', json_agg(a.attname order by n.at), 'columns', json_agg(quote_ident(a.attname) order by n.at),
    'types', json_agg(format_type(a.atttypid, a.atttypmod) order by n.at))
    from pg_class t
    join pg_namespace tn on tn.oid = t.relnamespace
    join pg_class r on r.oid = coalesce(pg_partition_root(t.oid), t.oid)
    join pg_namespace rn on rn.oid = r.relnamespace
    cross join unnest(${numbers}) with ordinality as n(number, at)
    join pg_attribute a on a.attrelid = t.oid and a.attnum = n.number
   where t.oid = ${relation}
   group by t.oid, t.relname, t.relkind, tn.nspname, r.oid, r.relname, rn.nspname)`;

/** What a partition has from its root has a parent constraint, and is told by that. */
const LINKS = `
  select name, child, parent, operators from (
    select f.conname as name, ${end('f.conrelid', 'f.conkey')} as child, ${end('f.confrelid', 'f.confkey')} as parent,
           (select json_agg(format('operator(%I.%s)', n.nspname, o.oprname) order by e.at)
              from unnest(f.conpfeqop) with ordinality as e(id, at)
              join pg_operator o on o.oid = e.id join pg_namespace n on n.oid = o.oprnamespace) as operators
      from pg_constraint f
     where f.contype = 'f' and f.conparentid = 0) as l
   where child ->> 'root' = any($1::text[]) or parent ->> 'root' = any($1::text[])
   order by child ->> 'name', name`;

/** @param tables those that can be recovered */
export async function readLinks(primary: Session, tables: readonly Table[]): Promise<Link[]> {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const endOf = ({ root, names, ...rest }: EndRow): LinkEnd => {
    const table = byName.get(root);
    const positions = table
      ? names.map((name) => table.columns.findIndex((column) => column.name === name))
      : [];
    return { ...rest, positions, ...(table && { table }) };
  };
  const rows = await primary.ask<{ name: string; child: EndRow; parent: EndRow; operators: string[] }>(
    LINKS,
    [[...byName.keys()]],
  );
  return rows.map(({ child, parent, ...rest }) => ({ ...rest, child: endOf(child), parent: endOf(parent) }));
}

/** Unique constraints that look at values at the end of a statement or later: `schema."Table"` and the index, as one. */
export async function readDeferrables(primary: Session): Promise<ReadonlySet<string>> {
  const rows = await primary.ask<{ table: string; index: string }>(
    `select format('%I.%I', n.nspname, t.relname) as table, x.relname as index
       from pg_index i join pg_class t on t.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
       join pg_namespace n on n.oid = t.relnamespace
      where not i.indimmediate`,
  );
  return new Set(rows.map(({ table, index }) => uniqueId(table, index)));
}

export const uniqueId = (table: string, index: string): string => JSON.stringify([table, index]);
