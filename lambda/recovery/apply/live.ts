/** What an apply must know of the new primary's tables as they are now, besides what the plan says of them. */
import type { Session } from '../session';
import type { Table } from '../table';
import { type Given, type Statement, given, isSameKey } from './statements';

/** A foreign key that refers to the table, and would change its rows for us. */
export interface Cascade {
  readonly name: string;
  /** Quoted, with schema: who refers, and to whom: the table, or a partition of it. */
  readonly child: string;
  readonly childIsPartitioned: boolean;
  readonly parent: string;
  readonly parentIsPartitioned: boolean;
  /** Names of columns, quoted, and the operator between the parent's and the child's. */
  readonly pairs: readonly { readonly to: string; readonly from: string; readonly equals: string }[];
  readonly onDelete: boolean;
  readonly onUpdate: boolean;
}

export interface Live {
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly isGenerated: boolean;
  }[];
  readonly isPartitioned: boolean;
  /** Whether we may switch its triggers off. */
  readonly isOurs: boolean;
  readonly owner: string;
  /** The key has an index that `on conflict` can take. */
  readonly hasArbiter: boolean;
  /** Of it and of its partitions, those that fire for us. */
  readonly triggers: readonly {
    readonly relation: string;
    readonly name: string;
    readonly isAlways: boolean;
  }[];
  readonly cascades: readonly Cascade[];
}

const LIVE = `
  select n.name,
    c.relkind = 'p' as "isPartitioned",
    pg_has_role(c.relowner, 'usage') as "isOurs",
    pg_get_userbyid(c.relowner) as owner,
    (select json_agg(json_build_object('name', attname, 'type', format_type(atttypid, atttypmod),
              'isGenerated', attgenerated <> '') order by attnum)
       from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) as columns,
    coalesce((select json_agg(json_build_object('immediate', i.indimmediate, 'columns',
              (select json_agg(a.attname order by part) from generate_series(1, i.indnkeyatts) as part
                 join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[part - 1])))
       from pg_index i where i.indrelid = c.oid and i.indisunique and i.indisvalid
                         and i.indpred is null and i.indexprs is null), '[]') as indexes,
    coalesce((select json_agg(json_build_object('relation', format('%I.%I', rn.nspname, r.relname),
              'name', quote_ident(g.tgname), 'isAlways', g.tgenabled = 'A') order by r.oid, g.tgname)
       from pg_trigger g join pg_class r on r.oid = g.tgrelid join pg_namespace rn on rn.oid = r.relnamespace
      where g.tgrelid = any(tree.oids) and not g.tgisinternal and g.tgenabled in ('O', 'A')), '[]') as triggers,
    coalesce((select json_agg(json_build_object('name', quote_ident(f.conname),
              'child', format('%I.%I', hn.nspname, h.relname), 'childIsPartitioned', h.relkind = 'p',
              'parent', format('%I.%I', pn.nspname, p.relname), 'parentIsPartitioned', p.relkind = 'p',
              'onDelete', f.confdeltype in ('c', 'n', 'd'), 'onUpdate', f.confupdtype in ('c', 'n', 'd'),
              'pairs', (select json_agg(json_build_object('to', quote_ident(pa.attname), 'from', quote_ident(ha.attname),
                          'equals', format('operator(%I.%s)', os.nspname, o.oprname)) order by part)
                          from generate_subscripts(f.conkey, 1) as part
                          join pg_attribute pa on pa.attrelid = f.confrelid and pa.attnum = f.confkey[part]
                          join pg_attribute ha on ha.attrelid = f.conrelid and ha.attnum = f.conkey[part]
                          join pg_operator o on o.oid = f.conpfeqop[part]
                          join pg_namespace os on os.oid = o.oprnamespace)) order by f.oid)
       from pg_constraint f
       join pg_class h on h.oid = f.conrelid join pg_namespace hn on hn.oid = h.relnamespace
       join pg_class p on p.oid = f.confrelid join pg_namespace pn on pn.oid = p.relnamespace
      where f.contype = 'f' and f.conparentid = 0 and f.confrelid = any(tree.oids)
        and (f.confdeltype in ('c', 'n', 'd') or f.confupdtype in ('c', 'n', 'd'))), '[]') as cascades
  from unnest($1::text[]) as n(name)
  join pg_class c on c.oid = to_regclass(n.name)
  cross join lateral (select case when c.relkind = 'p'
      then (select array_agg(relid::oid) from pg_partition_tree(c.oid)) else array[c.oid] end as oids) as tree`;

interface Index {
  readonly immediate: boolean;
  readonly columns: readonly string[] | null;
}

/** @returns by name; a table that is not there is missing */
export async function readLive(primary: Session, tables: readonly Table[]): Promise<Map<string, Live>> {
  const rows = await primary.ask<Omit<Live, 'hasArbiter'> & { name: string; indexes: readonly Index[] }>(
    LIVE,
    [tables.map(({ name }) => name)],
  );
  const byName = new Map(tables.map((table) => [table.name, table]));
  return new Map(
    rows.map(({ name, indexes, ...live }) => {
      const { key = [], columns } = byName.get(name)!;
      const wanted = key.map((column) => columns[column]!.name).sort();
      const same = indexes.filter(
        (index) => JSON.stringify(index.columns?.toSorted()) === JSON.stringify(wanted),
      );
      // PostgreSQL takes every one that matches, and refuses when one of them is deferrable.
      return [name, { ...live, hasArbiter: same.length > 0 && same.every(({ immediate }) => immediate) }];
    }),
  );
}

/**
 * Which rows cannot be deleted, or updated, without PostgreSQL changing rows that refer to them. The rows must be locked,
 * so that no new ones come to refer to them.
 */
export function referred(
  table: Table,
  { child, childIsPartitioned, parent, parentIsPartitioned, pairs }: Cascade,
  rows: readonly Given[],
  operation: 'update' | 'delete',
): Statement {
  const { text, values } = given(table, rows, {
    more: operation === 'update' ? { lost: rows.map(({ lost }) => lost) } : {},
  });
  const refers = pairs.map(({ to, from, equals }) => `t.${to} ${equals} c.${from}`).join(' and ');
  const moves = pairs
    .map(
      ({ to }) => `t.${to}::text operator(pg_catalog.<>) (x.lost::${table.name}).${to}::text
                      or ((x.lost::${table.name}).${to} is null and t.${to} is not null)`,
    )
    .join(' or ');
  // Rows that refer to their like, and go with them.
  const isSelf = child === table.name && operation === 'delete';
  const others = isSelf ? ` and not exists (select from ${text} where ${isSameKey(table, 'c')})` : '';
  return {
    text: `select x.at from ${text} join ${parentIsPartitioned ? '' : 'only '}${parent} as t on ${isSameKey(table)}
            where ${operation === 'update' ? `(${moves}) and ` : ''}exists (
              select from ${childIsPartitioned ? '' : 'only '}${child} as c where ${refers}${others})`,
    values,
  };
}

/**
 * For a dry run, in which no row has gone yet: every row that refers to one of those.
 *
 * @param childKey names of its key's columns, quoted; absent: nobody needs it
 */
export function referring(
  table: Table,
  { child, childIsPartitioned, parent, parentIsPartitioned, pairs }: Cascade,
  rows: readonly Given[],
  childKey: readonly string[],
): Statement {
  const { text, values } = given(table, rows);
  const refers = pairs.map(({ to, from, equals }) => `t.${to} ${equals} c.${from}`).join(' and ');
  return {
    text: `select x.at, array[${childKey.map((column) => `format('%s', c.${column})`).join(', ')}]::text[] as key
             from ${text} join ${parentIsPartitioned ? '' : 'only '}${parent} as t on ${isSameKey(table)}
             join ${childIsPartitioned ? '' : 'only '}${child} as c on ${refers}`,
    values,
  };
}

/** The search path that the site's triggers, checks and generated columns find their names by. */
export async function sitePath(primary: Session): Promise<string> {
  const [row] = await primary.ask<{ path: string; hasWriter: boolean }>(
    `select coalesce(
              (select substr(one, length('search_path=') + 1)
                 from pg_db_role_setting s join pg_roles r on r.oid = s.setrole, unnest(s.setconfig) as one
                where r.rolname = 'app_writer' and one like 'search_path=%'
                  and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
                order by s.setdatabase desc limit 1),
              (select reset_val from pg_settings where name = 'search_path')) as path,
            exists (select from pg_roles where rolname = 'app_writer') as "hasWriter"`,
  );
  return row!.hasWriter ? row!.path.replaceAll('"$user"', 'app_writer') : row!.path;
}
