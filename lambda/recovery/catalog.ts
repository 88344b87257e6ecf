/** Reads what must be known of the site's tables, and tells which of them are the same on both servers. */
import { OWN_SCHEMA } from '../prepare-database/plan';
import type { Unrecoverable } from './finding';
import type { Session } from './session';
import type { Column, Table } from './table';

export interface CatalogTable extends Table {
  /** Of whoever asks. */
  readonly isReadable: boolean;
}

/** By name. */
export type Catalog = ReadonlyMap<string, CatalogTable>;

/** The equality of an index's columns: strategy 3 of a B-tree, and unique indexes are B-trees. */
const EQUALS = `(
  select format('operator(%I.%s)', n.nspname, o.oprname)
    from pg_opclass c
    join pg_amop a on a.amopfamily = c.opcfamily and a.amopstrategy = 3
                  and a.amoplefttype = c.opcintype and a.amoprighttype = c.opcintype
    join pg_operator o on o.oid = a.amopopr
    join pg_namespace n on n.oid = o.oprnamespace
   where c.oid = i.indclass[part - 1])`;

/**
 * Tables of people: plain ones and roots of partitions, with their leaves.
 *
 * The key is what the WAL tells of a row that goes: the replica identity's index where one is named, else the primary key;
 * without any, a unique index whose columns are never null tells rows apart as well, though the WAL does not have it.
 * A primary key that is deferrable is not in the WAL either (RelationGetIndexList in relcache.c).
 */
const TABLES = `
  with site as (
    select c.oid, c.relname, c.relkind, c.relpersistence, c.relreplident, n.nspname
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
       and n.nspname not in ('pg_catalog', 'information_schema', '${OWN_SCHEMA}') and n.nspname !~ '^pg_(toast|temp)'
  ), numbered as (
    select a.attrelid, a.attnum, a.attname, a.attnotnull, a.attgenerated, a.attidentity,
           format_type(a.atttypid, a.atttypmod) as type,
           row_number() over (partition by a.attrelid order by a.attnum)::int - 1 as position
      from pg_attribute a join site s on s.oid = a.attrelid
     where a.attnum > 0 and not a.attisdropped
  ), parts as (
    select i.indrelid, i.indexrelid, i.indisprimary, i.indisreplident, i.indimmediate, i.indpred, i.indexprs,
           i.indisunique, i.indnullsnotdistinct, x.conexclop is not null as excludes,
           bool_and(i.indkey[part - 1] > 0 and n.attnotnull) as never_null,
           json_agg(n.position order by part) as columns,
           json_agg(coalesce(
             (select format('operator(%I.%s)', ns.nspname, o.oprname)
                from pg_operator o join pg_namespace ns on ns.oid = o.oprnamespace
               where o.oid = x.conexclop[part]), ${EQUALS}) order by part) as operators,
           json_agg(pg_get_indexdef(i.indexrelid, part, true) order by part) as sqls
      from pg_index i
      join site s on s.oid = i.indrelid
      left join pg_constraint x on x.conindid = i.indexrelid and x.contype = 'x'
      cross join generate_series(1, i.indnkeyatts) as part
      left join numbered n on n.attrelid = i.indrelid and n.attnum = i.indkey[part - 1]
     where (i.indisunique or x.oid is not null) and i.indisvalid and i.indislive
     group by i.indrelid, i.indexrelid, i.indisprimary, i.indisreplident, i.indimmediate, i.indpred, i.indexprs,
              i.indisunique, i.indnullsnotdistinct, x.conexclop
  ), keys as (
    select distinct on (p.indrelid) p.*
      from parts p join site s on s.oid = p.indrelid
     where p.indisunique and p.indpred is null and p.indexprs is null and p.never_null
     order by p.indrelid, (s.relreplident = 'i' and p.indisreplident) desc, p.indisprimary desc,
              p.indimmediate desc, p.indexrelid
  )
  select
    format('%I.%I', s.nspname, s.relname) as name, s.nspname as schema, s.relname as relation,
    (select json_agg(json_strip_nulls(json_build_object(
        'name', attname, 'quoted', quote_ident(attname), 'type', type, 'isGenerated', attgenerated <> '',
        'identity', case attidentity when 'a' then 'always' when 'd' then 'by default' end)) order by attnum)
       from numbered where attrelid = s.oid) as columns,
    k.columns as key, k.operators as "keyEquals",
    case when s.relreplident = 'f' then 'all'
         when s.relreplident = 'i' and k.indisreplident or s.relreplident = 'd' and k.indisprimary and k.indimmediate
         then 'key' else 'nothing' end as logged,
    s.relpersistence = 'u' as "isUnlogged",
    s.relkind = 'p' as "isPartitioned",
    coalesce((select json_agg(json_build_object(
        'name', format('%I.%I', ln.nspname, l.relname), 'schema', ln.nspname, 'relation', l.relname,
        'blocks', pg_relation_size(l.oid) / current_setting('block_size')::int) order by l.oid)
       from pg_partition_tree(s.oid) as tree
       join pg_class l on l.oid = tree.relid and l.relkind = 'r'
       join pg_namespace ln on ln.oid = l.relnamespace where s.relkind = 'p'),
     json_build_array(json_build_object(
        'name', format('%I.%I', s.nspname, s.relname), 'schema', s.nspname, 'relation', s.relname,
        'blocks', case when s.relkind = 'r' then pg_relation_size(s.oid) / current_setting('block_size')::int else 0 end)))
      as leaves,
    coalesce((select json_agg(json_strip_nulls(json_build_object(
        'name', (select relname from pg_class where oid = p.indexrelid),
        'columns', case when p.indexprs is null then p.columns end,
        'definition', pg_get_indexdef(p.indexrelid),
        'predicate', pg_get_expr(p.indpred, p.indrelid),
        'parts', (select json_agg(json_build_object('sql', p.sqls ->> at, 'operator', p.operators ->> at))
                    from generate_series(0, json_array_length(p.sqls) - 1) as at),
        'nullsAreEqual', p.indnullsnotdistinct)))
       from parts p where p.indrelid = s.oid and p.indexrelid is distinct from k.indexrelid), '[]') as uniques,
    coalesce((select json_agg(json_build_object(
        'name', f.conname,
        'from', (select json_agg(n.position order by at) from unnest(f.conkey) with ordinality as c(number, at)
                   join numbered n on n.attrelid = f.conrelid and n.attnum = c.number),
        'table', format('%I.%I', tn.nspname, t.relname),
        'to', (select json_agg((select count(*) from pg_attribute a where a.attrelid = f.confrelid
                   and a.attnum between 1 and c.number - 1 and not a.attisdropped) order by at)
                 from unnest(f.confkey) with ordinality as c(number, at)),
        'isDeferrable', f.condeferrable) order by f.conname)
       from pg_constraint f join pg_class t on t.oid = f.confrelid join pg_namespace tn on tn.oid = t.relnamespace
      where f.conrelid = s.oid and f.contype = 'f' and f.conparentid = 0), '[]') as "references",
    coalesce((select json_agg(json_build_object('name', tgname, 'enabled', tgenabled) order by tgname)
       from pg_trigger where tgrelid = s.oid and not tgisinternal and tgenabled in ('O', 'A')), '[]') as triggers,
    (select coalesce(sum(greatest(l.reltuples, 0)), 0)::float8
       from pg_class l where l.oid = s.oid and s.relkind = 'r'
          or s.relkind = 'p' and l.oid in (select relid from pg_partition_tree(s.oid) where isleaf)) as rows,
    has_table_privilege(s.oid, 'select') as "isReadable"
  from site s left join keys k on k.indrelid = s.oid
  order by name`;

type Row = { readonly [K in keyof CatalogTable]: CatalogTable[K] | null };

/** @throws what PostgreSQL refuses */
export async function readTables(session: Session): Promise<Catalog> {
  const rows = await session.ask<Row>(TABLES);
  return new Map(
    rows.map(({ key, keyEquals, ...rest }) => {
      const table = { ...rest, ...(key && { key, keyEquals }) } as CatalogTable;
      return [table.name, table];
    }),
  );
}

export interface Usable {
  readonly tables: readonly Table[];
  readonly unrecoverable: readonly Unrecoverable[];
}

/**
 * Tables that are on both servers, readable and of the same columns: as the new primary has them, where changes will be
 * made, with what the old one knows of its own rows.
 */
export function usableTables(old: Catalog, primary: Catalog): Usable {
  const tables: Table[] = [];
  const unrecoverable: Unrecoverable[] = [];
  for (const there of old.values()) {
    const here = primary.get(there.name);
    const problem = problemOf(there, here);
    if (problem) unrecoverable.push({ ...problem, table: there.name, transactions: [] });
    else {
      const { leaves, logged, rows, isUnlogged } = there;
      tables.push({ ...here!, leaves, rows, isUnlogged, logged: sameKey(there, here!) ? logged : 'nothing' });
    }
  }
  return { tables, unrecoverable };
}

function problemOf(
  there: CatalogTable,
  here: CatalogTable | undefined,
): Pick<Unrecoverable, 'kind' | 'what' | 'remedy'> | undefined {
  const { name } = there;
  if (!here) {
    return {
      kind: 'table missing',
      what: `${name} is on the old primary, and not on the new one: no row of it is compared.`,
      remedy: `If it was made there after the fork, copy it (pg_dump --table). If it was dropped here, nothing is to be done.`,
    };
  }
  const differences = columnDifferences(there.columns, here.columns);
  if (differences.length > 0 || there.isPartitioned !== here.isPartitioned) {
    return {
      kind: 'columns differ',
      what: `${name} is not the same on both servers, so that its rows cannot be compared: ${[
        ...differences,
        ...(there.isPartitioned === here.isPartitioned ? [] : ['only one of them is partitioned']),
      ].join('; ')}.`,
      remedy: 'Make both the same, on the old primary as well, and plan again; or compare the rows by hand.',
    };
  }
  const blind = [
    there.isReadable ? [] : ['the old primary'],
    here.isReadable ? [] : ['the new primary'],
  ].flat();
  if (blind.length > 0) {
    return {
      kind: 'not readable',
      what: `${name} may not be read on ${blind.join(' and ')}: no row of it is compared.`,
      remedy: `As its owner, on the new primary: grant select, insert, update, delete on ${name} to recovery. On the old one: grant select on ${name} to recovery. Then plan again.`,
    };
  }
  return undefined;
}

function columnDifferences(there: readonly Column[], here: readonly Column[]): string[] {
  const list = (columns: readonly Column[]) => columns.map(({ name }) => name).join(', ');
  const only = (some: readonly Column[], others: readonly Column[], where: string) =>
    some
      .filter(({ name }) => !others.some((other) => other.name === name))
      .map(({ quoted, type }) => `${quoted} ${type} is only on the ${where}`);
  const found = [
    ...only(there, here, 'old one'),
    ...only(here, there, 'new one'),
    ...there.flatMap((column) => {
      const other = here.find(({ name }) => name === column.name);
      if (!other) return [];
      if (other.type !== column.type) {
        return [`${column.quoted} is ${column.type} on the old one and ${other.type} on the new one`];
      }
      return other.isGenerated === column.isGenerated
        ? []
        : [`${column.quoted} is generated on only one of them`];
    }),
  ];
  // A row's text has its values in this order.
  return found.length === 0 && list(there) !== list(here) ? ['its columns are in another order'] : found;
}

const sameKey = (there: Table, here: Table): boolean =>
  JSON.stringify(there.key) === JSON.stringify(here.key);
