/** Schemas, extensions and what is there once for all databases; and the rarer kinds, all read in one way. */
import { OWN_SCHEMA } from '../../prepare-database/plan';
import { access, FIRST_OID, isMember, type ObjectQuery } from './objects';

export const CLUSTER: readonly ObjectQuery[] = [
  {
    of: 'databases',
    change: 'by hand',
    sql: (late) => `
      select 'database' as kind, quote_ident(d.datname) as name, null as parent, d.oid::text as oid,
             format('encoding %s, collate %L, ctype %L, connections %s', pg_encoding_to_char(d.encoding), d.datcollate, d.datctype,
                    d.datconnlimit) || ${access('d.datdba', 'd.datacl')} as definition,
             format('create database %I;', d.datname) as sql, format('drop database %I;', d.datname) as removal,
             ${late('d.xmin')} as ids, ${late('d.xmin')} is not null as "isNew"
        from pg_database d`,
  },
  {
    of: 'schemas',
    change: 'by hand',
    sql: (late) => `
      select 'schema' as kind, quote_ident(n.nspname) as name, null as parent, n.oid::text as oid,
             'schema' || ${access('n.nspowner', 'n.nspacl')} as definition,
             format('create schema %I;', n.nspname) as sql, format('drop schema %I;', n.nspname) as removal,
             ${late('n.xmin')} as ids, ${late('n.xmin')} is not null as "isNew"
        from pg_namespace n
       where n.nspname not in ('pg_catalog', 'information_schema', '${OWN_SCHEMA}') and n.nspname !~ '^pg_(toast|temp)'
         and not ${isMember('pg_namespace', 'n.oid')}`,
  },
  {
    of: 'extensions',
    change: 'by hand',
    sql: (late) => `
      select 'extension' as kind, quote_ident(x.extname) as name, null as parent, x.oid::text as oid,
             format('version %L in schema %I', x.extversion, n.nspname) as definition,
             format('create extension %I with schema %I version %L;', x.extname, n.nspname, x.extversion) as sql,
             format('drop extension %I;', x.extname) as removal, ${late('x.xmin')} as ids, ${late('x.xmin')} is not null as "isNew"
        from pg_extension x join pg_namespace n on n.oid = x.extnamespace`,
  },
];

/** Catalogs with an oid, whose rows say all of an object. */
const RARE: readonly (readonly [of: string, catalog: string])[] = [
  ['event triggers', 'pg_event_trigger'],
  ['publications', 'pg_publication'],
  ['publications of tables', 'pg_publication_rel'],
  ['publications of schemas', 'pg_publication_namespace'],
  ['statistics', 'pg_statistic_ext'],
  ['default privileges', 'pg_default_acl'],
  ['collations', 'pg_collation'],
  ['conversions', 'pg_conversion'],
  ['casts', 'pg_cast'],
  ['operators', 'pg_operator'],
  ['operator classes', 'pg_opclass'],
  ['operator families', 'pg_opfamily'],
  ['languages', 'pg_language'],
  ['transforms', 'pg_transform'],
  ['access methods', 'pg_am'],
  ['foreign data wrappers', 'pg_foreign_data_wrapper'],
  ['foreign servers', 'pg_foreign_server'],
  ['text search configurations', 'pg_ts_config'],
  ['text search dictionaries', 'pg_ts_dict'],
  ['text search parsers', 'pg_ts_parser'],
  ['text search templates', 'pg_ts_template'],
];

const described = (classid: string, oid: string, part: string): string =>
  `pg_describe_object(${classid}, ${oid}, ${part})`;

export const GENERIC: readonly ObjectQuery[] = [
  ...RARE.map(([of, catalog]): ObjectQuery => ({
    of,
    change: 'by hand',
    sql: (late) => `
        select '' as kind, ${described(`'${catalog}'::regclass`, 'o.oid', '0')} as name, null as parent, o.oid::text as oid,
               (to_jsonb(o) - 'oid')::text as definition, null as sql, null as removal,
               ${late('o.xmin')} as ids, ${late('o.xmin')} is not null as "isNew"
          from ${catalog} o where o.oid >= ${FIRST_OID} and not ${isMember(catalog, 'o.oid', ['e', 'i'])}`,
  })),
  {
    of: 'settings of databases and roles',
    change: 'by hand',
    sql: (late) => `
      select '' as kind, concat_ws(' in ', 'the list of settings of ' || coalesce('role ' || quote_ident(pg_get_userbyid(nullif(s.setrole, 0))), 'all roles'),
                                   (select 'database ' || quote_ident(d.datname) from pg_database d where d.oid = s.setdatabase)) as name,
             null as parent, null as oid, s.setconfig::text as definition, null as sql, null as removal,
             ${late('s.xmin')} as ids, ${late('s.xmin')} is not null as "isNew"
        from pg_db_role_setting s`,
  },
  {
    of: 'comments',
    change: 'by hand',
    sql: (late) => `
      select '' as kind, 'the comment on ' || ${described('d.classoid', 'd.objoid', 'd.objsubid')} as name,
             case when d.classoid = 'pg_class'::regclass then d.objoid::regclass::text end as parent, null as oid,
             d.description as definition, null as sql, null as removal,
             ${late('d.xmin')} as ids, ${late('d.xmin')} is not null as "isNew"
        from pg_description d
       where d.objoid >= ${FIRST_OID} and d.classoid <> 'pg_extension'::regclass
         and not exists (select from pg_depend e where e.classid = d.classoid and e.objid = d.objoid and e.deptype = 'e')
         and ${described('d.classoid', 'd.objoid', 'd.objsubid')} is not null`,
  },
];
