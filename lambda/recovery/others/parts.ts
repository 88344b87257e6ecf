/** Parts of tables. What comes with a parent, a constraint or an extension is not told twice. */
import { isMember, type ObjectQuery, SITE } from './objects';
import { COLUMN } from './relations';

const TABLE = `format('%I.%I', n.nspname, c.relname)`;

/** SQL: tables `c` of people, besides those of extensions. */
const OF_SITE = `pg_class c join pg_namespace n on n.oid = c.relnamespace and ${SITE} and not ${isMember('pg_class', 'c.oid')}`;

/**
 * @param part `table`, the words and SQL of one kind of part, of a catalog's row `o`
 * @param more xids besides that of its row
 */
const parts = (
  of: string,
  change: ObjectQuery['change'],
  part: {
    readonly kind: string;
    readonly from: string;
    readonly where: string;
    readonly name: string;
    readonly oid?: string;
    readonly definition: string;
    readonly sql: string;
    readonly removal: string;
    readonly more?: readonly string[];
  },
): ObjectQuery => ({
  of,
  change,
  sql: (late) => `
    select '${part.kind}' as kind, o.name, o.parent, o.oid, o.definition, o.sql, o.removal, o.ids, o.ids is not null as "isNew"
      from (select ${TABLE} as parent, ${part.name} as name, ${part.oid ?? 'o.oid'}::text as oid,
                   ${part.definition} as definition, ${part.sql} as sql, ${part.removal} as removal,
                   ${late('o.xmin', ...(part.more ?? []))} as ids
              from ${part.from} where ${part.where}) as o`,
});

const POLICY = `concat_ws(' ', format('create policy %I on %s as', o.polname, ${TABLE}),
  case when o.polpermissive then 'permissive' else 'restrictive' end, 'for',
  case o.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end, 'to',
  (select string_agg(case role when 0 then 'public' else quote_ident(pg_get_userbyid(role)) end, ', ' order by role)
     from unnest(o.polroles) as role),
  'using (' || pg_get_expr(o.polqual, o.polrelid) || ')', 'with check (' || pg_get_expr(o.polwithcheck, o.polrelid) || ')')`;

const ENABLED = `case o.tgenabled when 'O' then '' when 'D' then ' disabled' when 'R' then ' enabled on replicas' else ' enabled always' end`;

export const PARTS: readonly ObjectQuery[] = [
  parts('columns', 'by hand', {
    kind: 'column',
    from: `pg_attribute o join ${OF_SITE} on c.oid = o.attrelid, lateral (select o.*) as a`,
    where: `c.relkind in ('r', 'p', 'f') and o.attnum > 0 and not o.attisdropped and o.attinhcount = 0`,
    name: `format('%s.%I', ${TABLE}, o.attname)`,
    oid: 'null',
    definition: `${COLUMN} || coalesce(' privileges ' || o.attacl::text, '')`,
    sql: `format('alter table %s add column %s;', ${TABLE}, ${COLUMN})`,
    removal: `format('alter table %s drop column %I;', ${TABLE}, o.attname)`,
    more: ['select d.xmin from pg_attrdef d where d.adrelid = o.attrelid and d.adnum = o.attnum'],
  }),
  parts('indexes', 'recreate', {
    kind: 'index',
    from: `pg_index o join pg_class ic on ic.oid = o.indexrelid join ${OF_SITE} on c.oid = o.indrelid`,
    where: `not exists (select from pg_constraint x where x.conindid = o.indexrelid and x.contype in ('p', 'u', 'x'))
        and not exists (select from pg_inherits i where i.inhrelid = o.indexrelid)`,
    name: `format('%I.%I', n.nspname, ic.relname)`,
    oid: 'o.indexrelid',
    definition: `pg_get_indexdef(o.indexrelid) || case when o.indisvalid then '' else ' (not valid)' end`,
    sql: `pg_get_indexdef(o.indexrelid) || ';'`,
    removal: `format('drop index %I.%I;', n.nspname, ic.relname)`,
    more: ['ic.xmin'],
  }),
  parts('constraints', 'recreate', {
    kind: 'constraint',
    from: `pg_constraint o join ${OF_SITE} on c.oid = o.conrelid`,
    where: `o.contype in ('c', 'f', 'p', 'u', 'x') and o.conparentid = 0 and o.conislocal`,
    name: `format('%I of %s', o.conname, ${TABLE})`,
    definition: 'pg_get_constraintdef(o.oid)',
    sql: `format('alter table %s add constraint %I %s;', ${TABLE}, o.conname, pg_get_constraintdef(o.oid))`,
    removal: `format('alter table %s drop constraint %I;', ${TABLE}, o.conname)`,
  }),
  parts('triggers', 'recreate', {
    kind: 'trigger',
    from: `pg_trigger o join ${OF_SITE} on c.oid = o.tgrelid`,
    where: 'not o.tgisinternal and o.tgparentid = 0',
    name: `format('%I of %s', o.tgname, ${TABLE})`,
    definition: `pg_get_triggerdef(o.oid) || ${ENABLED}`,
    sql: `pg_get_triggerdef(o.oid) || ';' || case o.tgenabled when 'O' then '' else format(E'\\nalter table %s %s trigger %I;', ${TABLE},
            case o.tgenabled when 'D' then 'disable' when 'R' then 'enable replica' else 'enable always' end, o.tgname) end`,
    removal: `format('drop trigger %I on %s;', o.tgname, ${TABLE})`,
  }),
  parts('rules', 'recreate', {
    kind: 'rule',
    from: `pg_rewrite o join ${OF_SITE} on c.oid = o.ev_class`,
    where: `o.rulename <> '_RETURN'`,
    name: `format('%I of %s', o.rulename, ${TABLE})`,
    definition: 'pg_get_ruledef(o.oid)',
    sql: 'pg_get_ruledef(o.oid)',
    removal: `format('drop rule %I on %s;', o.rulename, ${TABLE})`,
  }),
  parts('policies', 'recreate', {
    kind: 'policy',
    from: `pg_policy o join ${OF_SITE} on c.oid = o.polrelid`,
    where: 'true',
    name: `format('%I of %s', o.polname, ${TABLE})`,
    definition: POLICY,
    sql: `${POLICY} || ';'`,
    removal: `format('drop policy %I on %s;', o.polname, ${TABLE})`,
  }),
];
