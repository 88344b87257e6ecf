/** The files that configure the PostgreSQL server of one database: text in, text out. */
import { SERVER_PORT, SOURCE_PORT } from './addresses';
import type { DatabaseRecord } from './state';

export interface Configuration {
  readonly record: DatabaseRecord;
  /** Of `rdsrepladmin`, for a replica. */
  readonly replicationPassword: string;
  /**
   * Whether each commit waits for the disk. Without, nothing is lost when processes are killed, as the system keeps
   * what they wrote; it is when the machine itself loses power.
   */
  readonly isDurable: boolean;
  /** Until a restore is done. */
  readonly recovery?: Recovery;
}

/** From an archive beside the data directory. */
export interface Recovery {
  readonly archiveOf: string;
  /** Milliseconds since 1970. */
  readonly until: number | 'latest';
}

/** The plane's own: what RDS does not let a parameter group change either, so that the plane can reach the server. */
const OWN = {
  unix_socket_directories: '',
  port: String(SERVER_PORT),
  ssl: 'on',
  ssl_cert_file: 'server.crt',
  ssl_key_file: 'server.key',
  hot_standby: 'on',
  archive_mode: 'on',
  // A crash ends the server, and whoever runs the instance starts it again: with RDS's time for it, not at once.
  restart_after_crash: 'off',
} as const;

/** What a parameter group may change. */
const DEFAULTS = {
  max_connections: '120',
  // RDS's defaults for PostgreSQL 17 where they differ from PostgreSQL's own.
  wal_sender_timeout: '30000',
  wal_receiver_timeout: '30000',
  max_wal_senders: '20',
  max_replication_slots: '20',
  hot_standby_feedback: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  password_encryption: 'scram-sha-256',
  // Smaller than RDS's: a primary, two replicas, two servers and the emulator together take less than 1.5 GB.
  shared_buffers: '2048', // in 8 kB
  maintenance_work_mem: '32768', // in kB
  min_wal_size: '16', // in MB
  max_wal_size: '128',
  // A replica looks again soon after its source is back.
  wal_retrieve_retry_interval: '1000',
} as const;

/** In 8 kB. Of a class with more memory than this machine shares among its servers, a quarter would not be there. */
const MOST_SHARED_BUFFERS = 32_768;

/** The slot by which the source keeps the WAL of a replica. RDS names them so too. */
export const slotOf = (resourceId: string): string =>
  `rds_replica_${resourceId.toLowerCase().replace(/[^a-z0-9]/g, '_')}`.slice(0, 63);

/** @returns postgresql.conf */
export function postgresqlConf(configuration: Configuration): string {
  const { record, isDurable } = configuration;
  const settings = {
    ...DEFAULTS,
    ...ofPostgres(record.parameters),
    ...OWN,
    listen_addresses: record.address,
    // rds.logical_replication is how RDS spells it.
    wal_level: isOn(record.parameters['rds.logical_replication']) ? 'logical' : 'replica',
    fsync: isDurable ? 'on' : 'off',
    archive_command: record.archiveWal ? archiveCommand(record.resourceId) : 'true',
    ...(record.sourceResourceId !== undefined && {
      // Libpq quotes with backslashes; hexadecimal passwords and addresses need none.
      primary_conninfo:
        `host=${record.address} port=${SOURCE_PORT} user=rdsrepladmin password=${configuration.replicationPassword} ` +
        `sslmode=verify-ca sslrootcert=authority.pem application_name=${record.resourceId} connect_timeout=10`,
      primary_slot_name: slotOf(record.resourceId),
      recovery_min_apply_delay: `${record.replayDelayMillis}ms`,
    }),
    ...(configuration.recovery && recoverySettings(configuration.recovery)),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${quoted(value)}'`);
  return `# Written by the trial at each start: changes are lost.\n${lines.join('\n')}\n`;
}

/**
 * Who may sign in, and how.
 *
 * @param network the first two numbers of the databases' addresses
 * @returns pg_hba.conf
 */
export function pgHbaConf(record: DatabaseRecord, network: string): string {
  // Off unless it is said: the default of RDS for PostgreSQL 15 and above is 1.
  const forceTls = isOn(record.parameters['rds.force_ssl'] ?? '1');
  return `# Written by the trial at each start: changes are lost.
# The plane itself, from the database's own address; never through the gate.
host    all         rdsadmin     ${record.address}/32   scram-sha-256
host    all         rdsadmin     all                    reject
hostssl replication rdsrepladmin ${network}.0.0/16      scram-sha-256
host    all         rdsrepladmin all                    reject
# Physical replication is RDS's own business.
host    replication all          all                    reject
# Takes what password_encryption makes, either kind.
${forceTls ? 'hostssl' : 'host   '} all         all          all                    md5
`;
}

/** To a file of its own first: a crash must not leave half a segment under the name of a whole one. */
const archiveCommand = (resourceId: string) =>
  // PostgreSQL runs it in the data directory, and %f holds letters and digits alone: nothing needs quoting.
  `test -f ${archivedFile(resourceId)} || { cp "%p" ${archivedFile(resourceId)}.part && mv ${archivedFile(resourceId)}.part ${archivedFile(resourceId)}; }`;

const archivedFile = (resourceId: string) => `../../../archives/${resourceId}/wal/%f`;

const recoverySettings = ({ archiveOf, until }: Recovery) => ({
  restore_command: `cp ${archivedFile(archiveOf)} "%p"`,
  recovery_target_action: 'promote',
  // With a number for the time zone: its letter is not understood in this place.
  ...(until !== 'latest' && { recovery_target_time: new Date(until).toISOString().replace('Z', '+00') }),
});

/** As the group says them, but for the share of the memory. RDS's own have a dot, as PostgreSQL's extensions have. */
function ofPostgres(parameters: Readonly<Record<string, string>>): Record<string, string> {
  const { shared_buffers: buffers, ...others } = parameters;
  if (buffers === undefined) return others;
  return { ...others, shared_buffers: String(Math.min(Number(buffers), MOST_SHARED_BUFFERS)) };
}

/** Inside quotes of a configuration file, where a backslash means something. */
const quoted = (value: string) => value.replaceAll('\\', '\\\\').replaceAll("'", "''");

const isOn = (value: string | undefined) => ['1', 'on', 'true', 'yes'].includes((value ?? '').toLowerCase());
