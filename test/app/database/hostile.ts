/** Defaults that an owner may set for a database or a role, and that no session of ours may notice. */
import { escapeIdentifier, escapeLiteral } from 'pg';
import { type Random, oneOf } from '../../../trial/load/random';

type Ask = (text: string) => Promise<Record<string, unknown>[]>;

export interface Hostile {
  readonly name: string;
  readonly value: string;
}

interface Known {
  readonly name: string;
  readonly vartype: 'bool' | 'enum' | 'integer' | 'real' | 'string';
  readonly unit: string | null;
  readonly least: string | null;
  readonly most: string | null;
  readonly values: string[] | null;
  readonly usual: string;
}

/** Of text, what is neither the usual value nor nonsense. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  DateStyle: ['German, DMY', 'SQL, MDY', 'Postgres, YMD'],
  TimeZone: ['Asia/Kathmandu', 'America/St_Johns'],
  client_encoding: ['LATIN1', 'SQL_ASCII'],
  default_tablespace: ['pg_global'],
  local_preload_libraries: ['nowhere'],
  search_path: ['hostile, pg_catalog', 'nowhere'],
  lc_monetary: ['C.UTF-8'],
  role: ['pg_read_all_stats'],
  default_text_search_config: ['pg_catalog.german'],
};

/** As a database's or a role's default RDS's master may not set them, or they are no defaults. */
const NO_DEFAULTS = ['application_name', 'session_authorization', 'transaction_isolation', 'seed'];

/** Each setting that an owner may set, with its hostile values. */
export async function hostileDefaults(ask: Ask): Promise<Hostile[][]> {
  const known = (await ask(
    `select name, vartype, unit, min_val as least, max_val as most, enumvals as values, boot_val as usual
       from pg_settings where context = 'user' order by name`,
  )) as unknown as Known[];
  return known
    .filter(({ name }) => !NO_DEFAULTS.includes(name))
    .map((one) => valuesOf(one).map((value) => ({ name: one.name, value })))
    .filter((values) => values.length > 0);
}

function valuesOf({ name, vartype, unit, least, most, values, usual }: Known): string[] {
  switch (vartype) {
    case 'bool':
      return [usual === 'on' ? 'off' : 'on'];
    case 'enum':
      return values!.filter((value) => value !== usual);
    case 'string':
      return [...(TEXTS[name] ?? [])];
    default: {
      // The greatest amount of memory is no hostility of one session's: the machine has not got it.
      const isMemory = unit !== null && /B$/.test(unit);
      const isTime = unit === 'ms' || unit === 's' || unit === 'min';
      return [least!, ...(isTime ? ['1'] : isMemory ? [] : [most!])].filter((value) => value !== usual);
    }
  }
}

/** What finds a name in it instead of in pg_catalog gets a wrong answer. */
export const HOSTILE_SCHEMA = `
  create schema hostile;
  grant usage on schema hostile to public;
  create function hostile.pg_is_in_recovery() returns boolean language sql as 'select null::boolean';
  create function hostile.current_database() returns name language sql as 'select ''hostile''::name';
  create function hostile.clock_timestamp() returns timestamptz language sql as 'select ''-infinity''::timestamptz';
  create table hostile.pg_stat_activity ();
  create table hostile.pg_replication_slots ();
  create table hostile.pg_settings ();
  create table hostile.pg_class ()`;

/** Every setting once, in sets: several at once, each with one of its hostile values. */
export function dealt(random: Random, all: readonly (readonly Hostile[])[], size: number): Hostile[][] {
  const deck = [...all];
  for (let at = deck.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [deck[at], deck[other]] = [deck[other]!, deck[at]!];
  }
  return Array.from({ length: Math.ceil(deck.length / size) }, (_, at) =>
    deck.slice(at * size, (at + 1) * size).map((values) => oneOf(random, values)),
  );
}

/** `database site`, or `role controller in database site`. */
export const setting = (of: string, { name, value }: Hostile): string =>
  `alter ${of} set ${escapeIdentifier(name)} = ${name === 'search_path' ? value : escapeLiteral(value)}`;
