/** The connections to one database server, under its real name. */
import { checkServerIdentity } from 'node:tls';
import type { ClientBase, ClientConfig, PoolClient, QueryResult } from 'pg';
import { Client, Pool } from 'pg';
import type { Log } from '../log';
import type { Credentials, CredentialSource } from './credentials';
import { DatabaseUnavailable, isGone, isPassing, POOL_BUSY, sqlState } from './errors';
import type { Limits } from './limits';
import type { Position } from './position';
import { READS, WRITES, startupOptions } from './session-settings';

/** Runs one statement with its parameters and gives its rows. */
export type Query = <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** One connection while a piece of work has it. */
export interface Session {
  readonly query: Query;
  /** The server's real name: the end of the CNAME, not the name in the settings. */
  readonly host: string;
}

/** What the client itself may do with a connection beyond a piece of work. */
export interface Connection extends Session {
  /** Several statements without parameters in one round trip, a result each. */
  readonly queryAll: (text: string) => Promise<QueryResult[]>;
  /** Stays with the connection from one piece of work to the next. */
  readonly memory: { shown?: Position };
}

export interface HostPoolSettings {
  readonly port: number;
  readonly database: string;
  /** PEM of the authorities to trust; absent: no TLS, which the environment allows on this machine only. */
  readonly ca?: string;
  /** What pg_stat_activity shows as application_name. */
  readonly name: string;
  /** The server refuses to change anything: a read must not turn into a write because the primary serves it. */
  readonly readOnly: boolean;
  readonly limits: Limits;
}

export interface HostPoolParts {
  readonly source: CredentialSource;
  readonly log: Log;
  /** Milliseconds of a clock. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

export interface HostPool {
  /**
   * Runs work on a connection. When the server turns out to be gone, the pool is empty afterwards.
   * @throws DatabaseUnavailable for what passes by itself; anything else as it came
   */
  run<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** Ends the connections, each after its work. */
  close(): Promise<void>;
}

const INVALID_PASSWORD = '28P01';
const READ_ONLY_TRANSACTION = '25006';

/** pg-pool's words for "no connection came free in time"; it gives no code. */
const NO_FREE_CONNECTION = 'timeout exceeded when trying to connect';

/** @param onGone called once for each pool that is emptied */
export function hostPool(
  host: string,
  settings: HostPoolSettings,
  { source, log, now, random }: HostPoolParts,
  onGone: () => void,
): HostPool {
  const { limits, readOnly } = settings;
  let credentials: Credentials;
  /** The pool makes its clients itself and synchronously: each takes the credentials that were found last. */
  class HostClient extends Client {
    constructor(config: ClientConfig) {
      super({ ...config, ...credentials, ...connectionTo(host, settings) });
    }
  }
  const expiry = new WeakMap<PoolClient, number>();
  const memories = new WeakMap<PoolClient, Connection['memory']>();

  const open = () => {
    const opened = new Pool({
      max: limits.connections,
      connectionTimeoutMillis: limits.connectMillis,
      idleTimeoutMillis: limits.idleMillis,
      Client: HostClient as unknown as new () => ClientBase,
    });
    opened.on('connect', (client) => {
      // Between two queries of a piece of work nobody else listens, and an error that nobody listens
      // to ends the process; the next query fails by itself. https://node-postgres.com/apis/pool#error
      client.on('error', () => {});
      memories.set(client, {});
      expiry.set(client, now() + limits.ageMillis * (0.75 + random() / 2));
    });
    // A server that ends an idle connection is going, most likely: the others are not waited for.
    opened.on('error', (error) => {
      log.warn('idle database connection lost', { host, error });
      empty(opened);
    });
    return opened;
  };
  let pool = open();
  let isClosed = false;
  const ending = new Set<Promise<void>>();

  const connect = async (from: Pool): Promise<PoolClient> => {
    const used = (credentials = await source.current());
    try {
      return await from.connect();
    } catch (error) {
      if (sqlState(error) !== INVALID_PASSWORD || !(await source.renew(used))) throw error;
      log.info('database password renewed', { host });
      credentials = await source.current();
      return from.connect();
    }
  };

  /** Ten pieces of work may find the same server gone: only the first empties the pool. */
  const empty = (from: Pool) => {
    if (from !== pool || isClosed) return;
    pool = open();
    const end = from.end().finally(() => ending.delete(end));
    ending.add(end);
    onGone();
  };

  return {
    async run(work) {
      const from = pool;
      const client = await connect(from).catch((error: Error) => {
        if (error.message === NO_FREE_CONNECTION) Object.assign(error, { code: POOL_BUSY });
        if (isGone(error)) empty(from);
        throw isPassing(error) ? new DatabaseUnavailable(error) : error;
      });
      let broken: 'statement' | 'server' | undefined;
      const guarded = async <T>(ask: () => Promise<T>): Promise<T> => {
        if (broken) throw new DatabaseUnavailable(new Error('The connection was lost before'));
        try {
          return await ask();
        } catch (error) {
          if (isGone(error)) {
            const isOurs = readOnly && sqlState(error) === READ_ONLY_TRANSACTION;
            broken = isOurs ? 'statement' : 'server';
          }
          throw isPassing(error) ? new DatabaseUnavailable(error) : error;
        }
      };
      try {
        return await work({
          host,
          query: (text, values) => guarded(async () => (await client.query(text, values as unknown[])).rows),
          // The driver's types know one statement a call; with several it gives a list.
          queryAll: (text) => guarded(() => client.query(text) as unknown as Promise<QueryResult[]>),
          memory: memories.get(client) ?? {},
        });
      } finally {
        if (broken === 'server') empty(from);
        client.release(broken !== undefined || now() >= (expiry.get(client) ?? 0));
      }
    },
    async close() {
      isClosed = true;
      await Promise.all([...ending, pool.end()]);
    },
  };
}

function connectionTo(host: string, { port, database, ca, name, readOnly, limits }: HostPoolSettings) {
  return {
    host,
    port,
    database,
    application_name: name,
    options: startupOptions({
      ...(readOnly ? READS : WRITES),
      statement_timeout: String(limits.statementMillis),
      idle_in_transaction_session_timeout: '30000',
    }),
    query_timeout: limits.answerMillis,
    keepAlive: true,
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
