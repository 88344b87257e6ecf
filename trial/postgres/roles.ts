/** The users and rights of a new database, as RDS makes them: its master user is no superuser. */
import type { Master } from '../rds/ports';

/**
 * Functions on replication slots. On RDS a member of `rds_replication` may use them; PostgreSQL asks for the REPLICATION
 * attribute, which RDS's master user lacks and which no role inherits. So each is replaced by a twin that runs as its
 * owner, the superuser, and the right to call it is what `rds_replication` gives. (A twin, as PostgreSQL ignores
 * SECURITY DEFINER on its built-in functions: src/backend/utils/fmgr/fmgr.c, fmgr_info_cxt_security.)
 *
 * The streaming protocol for logical replication (subscriptions, pg_recvlogical) still asks for the attribute: there the
 * trial refuses what RDS allows, rather than the other way round.
 */
const SLOT_FUNCTIONS = [
  'pg_create_logical_replication_slot',
  'pg_create_physical_replication_slot',
  'pg_copy_logical_replication_slot',
  'pg_drop_replication_slot',
  'pg_replication_slot_advance',
  'pg_logical_slot_get_changes',
  'pg_logical_slot_peek_changes',
  'pg_logical_slot_get_binary_changes',
  'pg_logical_slot_peek_binary_changes',
];

/**
 * For each database that PostgreSQL makes by itself: functions are kept in each database, and copied from its template.
 *
 * These and the following are statements for single-user mode, each ended by an empty line.
 */
export const slotRights = (): string => `do $$
declare
  plain regprocedure;
  definition text;
begin
  for plain in
    select oid from pg_proc
    where pronamespace = 'pg_catalog'::regnamespace and proname = any ('{${SLOT_FUNCTIONS.join(',')}}')
  loop
    definition := replace(pg_get_functiondef(plain), 'LANGUAGE internal', 'LANGUAGE internal SECURITY DEFINER');
    execute format('alter function %s rename to %I', plain, 'plain_' || (select proname from pg_proc where oid = plain));
    execute definition;
  end loop;
  for plain in
    select oid from pg_proc
    where pronamespace = 'pg_catalog'::regnamespace and proname = any ('{${SLOT_FUNCTIONS.join(',')}}')
  loop
    execute format('revoke execute on function %s from public', plain);
    execute format('grant execute on function %s to rds_replication', plain);
  end loop;
end $$;`;

/**
 * The roles, once a server.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.rds_superuser.html
 */
export const rdsRoles = (replicationPassword: string): string =>
  [
    'create role rds_replication nologin',
    'create role rds_password nologin',
    'create role rds_superuser nologin',
    ...[
      'pg_monitor',
      'pg_signal_backend',
      'pg_checkpoint',
      'pg_use_reserved_connections',
      'pg_create_subscription',
      'rds_replication',
      'rds_password',
    ].map((role) => `grant ${role} to rds_superuser with admin option`),
    `create role rdsrepladmin login replication password ${literal(replicationPassword)}`,
  ]
    .map((statement) => `${statement};`)
    .join('\n\n');

/** The master user and its databases; `rdsadmin` is the plane's, which no client can drop. */
export const masterAndDatabases = (master: Master, databaseName?: string): string =>
  [
    // The very attributes of the page above.
    `create role ${identifier(master.username)} login createdb createrole valid until 'infinity' password ${literal(master.password)}`,
    `grant rds_superuser to ${identifier(master.username)} with admin option`,
    'create database rdsadmin',
    'revoke all on database rdsadmin from public',
    `alter database postgres owner to ${identifier(master.username)}`,
    ...(databaseName === undefined || databaseName === 'postgres'
      ? []
      : [`create database ${identifier(databaseName)} owner ${identifier(master.username)}`]),
  ]
    .map((statement) => `${statement};`)
    .join('\n\n');

/** Statements that give the master user another password. */
export const newPassword = ({ username, password }: Master): string =>
  `alter role ${identifier(username)} password ${literal(password)}`;

/** A name in double quotes. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text in quotes, for which backslashes mean nothing (standard_conforming_strings). */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
