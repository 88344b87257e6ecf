/** The connections to one endpoint of the database, the writer or the reader. */
import { checkServerIdentity } from 'node:tls';
import type { ClientBase, ClientConfig, PoolClient } from 'pg';
import { Client, Pool } from 'pg';
import type { CredentialSource, Credentials } from './credentials';
import { DatabaseUnavailable, isPassing, sqlState } from './database-errors';
import type { Log } from './log';
import type { FindRealName } from './real-name';

/** Runs one statement with its parameters and gives its rows. */
export type Query = <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** One connection while a piece of work has it. */
export interface Session {
  readonly query: Query;
  /** The server's real name: the end of the CNAME, not the name in the settings. */
  readonly host: string;
}

export interface EndpointSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** PEM of the authorities to trust; absent: no TLS, which the environment allows on this machine only. */
  readonly ca?: string;
  /** What pg_stat_activity shows as application_name. */
  readonly name: string;
}

export interface EndpointPool {
  /** @throws DatabaseUnavailable for what passes by itself; anything else as it came */
  run<T>(work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Where a new connection goes, and as whom. */
interface Target {
  readonly host: string;
  readonly credentials: Credentials;
}

/** The names of our zone live 5 s; asking more than once a second would only burden the resolver. */
const TARGET_MILLIS = 1_000;

const LIMITS = {
  max: 10,
  /** Also how long a request waits for a free connection. */
  connectionTimeoutMillis: 3_000,
  idleTimeoutMillis: 60_000,
  /** Connections turn over, so that new replicas get their share. */
  maxLifetimeSeconds: 300,
  statement_timeout: 10_000,
  /** For a server that died without a word: it sends no error at all. */
  query_timeout: 12_000,
  idle_in_transaction_session_timeout: 30_000,
  keepAlive: true,
};

const INVALID_PASSWORD = '28P01';

export function endpointPool(
  settings: EndpointSettings,
  source: CredentialSource,
  findRealName: FindRealName,
  log: Log,
): EndpointPool {
  let target: { at: number; found: Promise<Target> } | undefined;

  const findTarget = async (): Promise<Target> => {
    const [host, credentials] = await Promise.all([findRealName(settings.host), source.current()]);
    return { host, credentials };
  };
  const currentTarget = (): Promise<Target> => {
    if (!target || Date.now() - target.at > TARGET_MILLIS) target = { at: Date.now(), found: findTarget() };
    return target.found;
  };

  let latest: Target | undefined;
  /** The pool makes its clients itself and synchronously: each takes the target that was found last. */
  class TargetedClient extends Client {
    constructor(config: ClientConfig) {
      super({ ...config, ...(latest && connectionOf(settings, latest)) });
    }
  }
  const pool = new Pool({ ...LIMITS, Client: TargetedClient as unknown as new () => ClientBase });
  // A server that ends an idle connection is no reason to end the process.
  pool.on('error', (error) => log.warn('idle database connection lost', { host: settings.host, error }));

  const connect = async (): Promise<PoolClient> => {
    const used = (latest = await currentTarget());
    try {
      return await pool.connect();
    } catch (error) {
      target = undefined;
      if (sqlState(error) !== INVALID_PASSWORD || !(await source.renew(used.credentials))) throw error;
      log.info('database password renewed', { host: settings.host });
      target = undefined; // again: another connection may have found the old one meanwhile
      latest = await currentTarget();
      return pool.connect();
    }
  };

  return {
    async run(work) {
      const client = await connect().catch((error: unknown) => {
        throw isPassing(error) ? new DatabaseUnavailable(error) : error;
      });
      let broken = false;
      const query: Query = async (text, values) => {
        if (broken) throw new DatabaseUnavailable(new Error('The connection was lost before'));
        try {
          return (await client.query(text, values as unknown[])).rows;
        } catch (error) {
          // Without a SQLSTATE the connection's state is unknown; 57 and 25006 mean: not this server any more.
          broken ||= /^(57P|25006)/.test(sqlState(error) ?? '57P');
          throw isPassing(error) ? new DatabaseUnavailable(error) : error;
        }
      };
      try {
        return await work({ query, host: client.host });
      } finally {
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}

function connectionOf({ port, database, ca, name }: EndpointSettings, { host, credentials }: Target) {
  return {
    ...credentials,
    host,
    port,
    database,
    application_name: name,
    ssl: ca !== undefined && {
      ca,
      minVersion: 'TLSv1.2' as const,
      rejectUnauthorized: true,
      // Said here, and not left to the driver: the certificate must bear the very name connected to.
      checkServerIdentity: (_: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
        checkServerIdentity(host.replace(/\.$/, ''), certificate),
    },
  };
}
