/** Types and functions. */
import { access, isMember, type ObjectQuery, SITE } from './objects';

const NAME = 'format_type(t.oid, null)';

const DOMAIN = `concat_ws(' ', 'as', format_type(t.typbasetype, t.typtypmod),
  (select format('collate %I.%I', cn.nspname, co.collname) from pg_collation co join pg_namespace cn on cn.oid = co.collnamespace
    where co.oid = t.typcollation and t.typcollation <> (select b.typcollation from pg_type b where b.oid = t.typbasetype)),
  'default ' || t.typdefault, case when t.typnotnull then 'not null' end,
  (select string_agg(format('constraint %I %s', x.conname, pg_get_constraintdef(x.oid)), ' ' order by x.conname)
     from pg_constraint x where x.contypid = t.oid and x.contype = 'c'))`;

const DEFINITION = `case t.typtype
  when 'e' then (select format('as enum (%s)', string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder))
                   from pg_enum e where e.enumtypid = t.oid)
  when 'c' then (select format('as (%s)', string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' order by a.attnum))
                   from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped)
  when 'd' then ${DOMAIN}
  when 'r' then (select format('as range (subtype = %s)', format_type(r.rngsubtype, null)) from pg_range r where r.rngtypid = t.oid)
  else format('of its own (input %s, output %s, length %s)', t.typinput, t.typoutput, t.typlen) end`;

const FUNCTION = `case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end`;

export const TYPES: readonly ObjectQuery[] = [
  {
    of: 'types',
    change: 'by hand',
    // Neither arrays and multiranges, which come with their types, nor the rows of tables.
    sql: (late) => `
      select kind, name, null as parent, oid::text as oid, definition || ${access('typowner', 'typacl')} as definition,
             case when typtype <> 'b' then format('create %s %s %s;', kind, name, definition) end as sql,
             format('drop %s %s;', kind, name) as removal, ids, ids is not null as "isNew"
        from (select case t.typtype when 'd' then 'domain' else 'type' end as kind, ${NAME} as name, t.oid, t.typtype,
                     t.typowner, t.typacl, ${DEFINITION} as definition,
                     ${late(
                       't.xmin',
                       'select e.xmin from pg_enum e where e.enumtypid = t.oid',
                       'select x.xmin from pg_constraint x where x.contypid = t.oid',
                       `select a.xmin from pg_attribute a where a.attrelid = t.typrelid and t.typtype = 'c'`,
                     )} as ids
                from pg_type t join pg_namespace n on n.oid = t.typnamespace
               where ${SITE} and not ${isMember('pg_type', 't.oid')} and t.typtype in ('b', 'c', 'd', 'e', 'r')
                 and not exists (select from pg_type element where element.typarray = t.oid)
                 and not exists (select from pg_class c where c.oid = t.typrelid and c.relkind <> 'c')) as types`,
  },
  {
    of: 'functions',
    change: 'replace',
    sql: (late) => `
      select kind, name, null as parent, oid::text as oid,
             coalesce(definition, aggregate) || ${access('proowner', 'proacl')} as definition,
             definition || ';' as sql, format('drop %s %s;', kind, name) as removal, ids, ids is not null as "isNew"
        from (select ${FUNCTION} as kind, p.oid::regprocedure::text as name, p.oid, p.proowner, p.proacl,
                     case when p.prokind <> 'a' then pg_get_functiondef(p.oid) end as definition,
                     (select (to_jsonb(g) - 'aggfnoid')::text from pg_aggregate g where g.aggfnoid = p.oid) as aggregate,
                     ${late('p.xmin', 'select g.xmin from pg_aggregate g where g.aggfnoid = p.oid')} as ids
                from pg_proc p join pg_namespace n on n.oid = p.pronamespace
               where ${SITE} and not ${isMember('pg_proc', 'p.oid')}
                 -- Those of a range type come with it.
                 and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid
                                    and d.deptype = 'i')) as functions`,
  },
];
