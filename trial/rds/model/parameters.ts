/** The parameters that RDS knows of PostgreSQL 17, and the values that it takes for them. */
import { invalidParameterValue } from './errors';
import { computed, isFormula, type Subject } from './formulas';
import table from './parameter-table.json';

export interface ParameterKind {
  /** Whether it takes effect at a start of the server only. */
  readonly isStatic: boolean;
  readonly type: 'boolean' | 'integer' | 'float' | 'list' | 'string';
  /** `0,1`, `64-2147483647`, or words with commas between; absent: any text. */
  readonly allowed?: string;
  readonly isModifiable: boolean;
}

/**
 * RDS's own, of which the trial has something to show, or which change nothing that a client sees. Source of the types:
 * guide, "RDS for PostgreSQL DB instance parameter list"; `rds.logical_replication`: "Performing logical replication".
 * What is not here (`rds.restrict_password_commands`, …) has nothing behind it in the trial, and is refused.
 */
const OF_RDS: Readonly<Record<string, string>> = {
  'rds.adaptive_autovacuum': 'dynamic boolean 0,1',
  'rds.force_ssl': 'dynamic boolean 0,1',
  'rds.log_retention_period': 'dynamic integer 1440-10080',
  'rds.logical_replication': 'static boolean 0,1',
};

/**
 * What RDS keeps to itself: files, addresses, archive, replication. No page of AWS lists them for RDS; `IsModifiable` of
 * DescribeDBParameters does, on AWS alone. These are what its guide for Aurora says "No" to, and what runs replicas.
 */
const KEPT_BY_RDS =
  /^(archive_.*|restore_command|recovery_.*|primary_.*|hot_standby|wal_level|listen_addresses|port|unix_socket_.*|bonjour.*|.*_file|.*_directory|ssl|ssl_ca.*|ssl_cr.*|ssl_ciphers|ssl_dh.*|ssl_passphrase.*|syslog_.*|event_source|logging_collector|log_destination|restart_after_crash|exit_on_error|superuser_reserved_connections|reserved_connections|allow_.*|krb_.*|dynamic_library_path|synchronous_standby_names|cluster_name|summarize_wal|zero_damaged_pages|ignore_.*|debug_io_direct|data_sync_retry)$/;

const ALL: Readonly<Record<string, string>> = { ...table, ...OF_RDS };

export const PARAMETER_NAMES: readonly string[] = Object.keys(ALL).sort();

/** @returns undefined for a name that RDS does not know */
export function parameterKind(name: string): ParameterKind | undefined {
  if (!Object.hasOwn(ALL, name)) return undefined;
  const [when, type, ...allowed] = ALL[name]!.split(' ');
  return {
    isStatic: when === 'static',
    type: type as ParameterKind['type'],
    ...(allowed.length > 0 && { allowed: allowed.join(' ') }),
    isModifiable: !KEPT_BY_RDS.test(name),
  };
}

/**
 * @returns what RDS knows of it
 * @throws RdsError InvalidParameterValue; the words of the first: terraform-provider-aws#522
 */
export function modifiable(name: string): ParameterKind {
  const kind = parameterKind(name);
  if (!kind) throw invalidParameterValue(`Could not find parameter with name: ${name}`);
  if (!kind.isModifiable) throw invalidParameterValue(`The parameter ${name} cannot be modified`);
  return kind;
}

/**
 * Numbers are without units, as "Amazon RDS uses the default PostgreSQL units" (guide, "parameter list").
 *
 * @throws RdsError InvalidParameterValue
 */
export function checkValue(name: string, value: string): void {
  const kind = modifiable(name);
  if (takes(kind, value)) return;
  throw invalidParameterValue(
    `Invalid parameter value: ${value} for: ${name} allowed values are: ${kind.allowed}`,
  );
}

const ANY: Subject = { instanceClass: 'db.m7g.large', allocatedStorage: 20, port: 5432 };

function takes({ type, allowed }: ParameterKind, value: string): boolean {
  if (!allowed) return true;
  // What it comes to depends on the instance; it must be one that can be read.
  if (isFormula(value)) return (type === 'integer' || type === 'boolean') && computed(value, ANY) !== '';
  if (type === 'boolean' || type === 'list') return allowed.split(',').includes(value);
  const pattern = type === 'integer' ? /^-?\d+$/ : /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
  const [, least, most] = allowed.match(/^(-?[^-]+(?:e-\d+)?)-(.+)$/) ?? [];
  return pattern.test(value) && Number(value) >= Number(least) && Number(value) <= Number(most);
}
