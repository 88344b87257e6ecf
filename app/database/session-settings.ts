/**
 * What a session relies on, said at its start: whoever owns the database may have set defaults for it, or for a role, that
 * make our statements fail or mean something else. A word in the startup packet wins over those
 * (https://www.postgresql.org/docs/17/config-setting.html, "Parameter Interaction via the Shell": per session, by PGOPTIONS).
 */
export type SessionSettings = Readonly<Record<string, string>>;

/** How values are written and read, how long nothing is ended by itself, and what a statement means. PostgreSQL 17. */
const COMMON: SessionSettings = {
  // A session ends by its own limits alone.
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  transaction_timeout: '0',
  idle_session_timeout: '0',
  exit_on_error: 'off',
  local_preload_libraries: '',
  // A read-only transaction would wait for a moment at which nobody writes.
  default_transaction_deferrable: 'off',
  client_encoding: 'UTF8',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  // The shortest text that gives the same number.
  extra_float_digits: '1',
  xmloption: 'content',
  array_nulls: 'on',
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  transform_null_equals: 'off',
  quote_all_identifiers: 'off',
};

/**
 * Of the controller, recovery, and what makes the roles. On a replica nothing can be read at `serializable` (PostgreSQL,
 * "Hot Standby": ERROR 0A000). They wait for their own disk and for no other server.
 */
export const OPERATORS: SessionSettings = {
  ...COMMON,
  default_transaction_isolation: 'read committed',
  search_path: 'pg_catalog',
  role: 'none',
  synchronous_commit: 'local',
  // An error instead of rows that a policy hides in silence.
  row_security: 'off',
  default_tablespace: '',
  temp_tablespaces: '',
  default_table_access_method: 'heap',
  check_function_bodies: 'on',
};

/** Of the site: the grants are in `public` (lambda/prepare-database/plan.ts). */
const SITE: SessionSettings = { ...COMMON, search_path: 'public' };

/** Also of a read that the primary serves: what one server answers, another one must. */
export const READS: SessionSettings = {
  ...SITE,
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'on',
};

/**
 * Isolation, read-only and synchronous_commit stay as the owner has them: a weaker one than was asked for would harm data in
 * silence.
 */
export const WRITES: SessionSettings = SITE;

/** For `options` of a connection (libpq, "PQconnectdb", options: a blank is part of a word behind a backslash). */
export const startupOptions = (settings: SessionSettings): string =>
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, (one) => `\\${one}`)}`)
    .join(' ');
