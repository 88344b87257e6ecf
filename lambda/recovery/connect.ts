import type { ConnectionOptions } from 'node:tls';
import { Client } from 'pg';
import { sqlState } from '../../app/database/errors';
import { startupOptions } from '../../app/database/session-settings';
import { LostConnection, SEARCH_PATH, SESSION, type Session } from './session';

export interface Server {
  /** A name, an address, or the folder of a unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: string;
  /** Absent: without TLS. */
  readonly ssl?: ConnectionOptions;
  /** For people. @default - `host:port` */
  readonly name?: string;
}

export interface SessionOptions {
  /** Nothing can be written, by the server's own word. */
  readonly isReadOnly: boolean;
  /** A statement that takes longer is ended by the server. @default - none is */
  readonly statementMillis?: number;
}

const CONNECT_MILLIS = 10_000;

/** @throws LostConnection when nobody answers; what PostgreSQL refuses, with its SQLSTATE in `code` */
export async function connect(
  server: Server,
  { isReadOnly, statementMillis = 0 }: SessionOptions,
): Promise<Session> {
  const { name = `${server.host}:${server.port}`, host, port, database, user, password, ssl } = server;
  const client = new Client({
    ...{ host, port, database, user, password, ssl },
    application_name: 'recovery',
    options: startupOptions({
      ...SESSION,
      statement_timeout: String(statementMillis),
      default_transaction_read_only: isReadOnly ? 'on' : 'off',
    }),
    connectionTimeoutMillis: CONNECT_MILLIS,
    // A connection that is used for hours may otherwise be forgotten on the way.
    keepAlive: true,
  });
  const failed = (error: unknown): Error => {
    const { message } = error as Error;
    return sqlState(error) === undefined || /^(08|57P)/.test(sqlState(error)!)
      ? new LostConnection(`${name}: ${message}`, { cause: error })
      : (error as Error);
  };
  // A server that ends while nobody asks it anything: the next statement tells.
  client.on('error', () => {});
  const say = <Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> =>
    client.query<Row>(text, values && [...values]).then(
      ({ rows }) => rows,
      (error: unknown) => Promise.reject(failed(error)),
    );
  let isSnapshot = false;
  let last: Promise<unknown> = Promise.resolve();
  /** One at a time, as savepoints lie within each other. */
  const guarded = <Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> => {
    const next = last.then(async () => {
      await say('savepoint statement');
      try {
        return await say<Row>(text, values);
      } catch (error) {
        await say('rollback to statement').catch(() => undefined);
        throw error;
      } finally {
        await say('release statement').catch(() => undefined);
      }
    });
    last = next.catch(() => undefined);
    return next;
  };
  const ask: Session['ask'] = (text, values) => (isSnapshot ? guarded(text, values) : say(text, values));
  const transaction = async <T>(work: () => Promise<T>): Promise<T> => {
    await ask('begin');
    try {
      const result = await work();
      await ask('commit');
      return result;
    } catch (error) {
      // A connection that is lost has rolled back by itself.
      await ask('rollback').catch(() => undefined);
      throw error;
    }
  };
  const snapshot = async <T>(work: () => Promise<T>): Promise<T> => {
    await say('begin isolation level repeatable read, read only');
    isSnapshot = true;
    try {
      return await work();
    } finally {
      isSnapshot = false;
      await say('rollback').catch(() => undefined);
    }
  };
  try {
    await client.connect();
    // Not at its start: what the database has for it is asked for (sitePath in apply/live.ts).
    await ask(`set search_path = ${SEARCH_PATH}`);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw failed(error);
  }
  return {
    name,
    ask,
    transaction,
    snapshot,
    async *portions<Row extends object>(text: string, values: readonly unknown[], size: number) {
      const isWithin = isSnapshot;
      if (!isWithin) await ask('begin');
      try {
        await ask(`declare portions no scroll cursor for ${text}`, values);
        for (;;) {
          const rows = await ask<Row>(`fetch ${size} from portions`);
          if (rows.length > 0) yield rows;
          if (rows.length < size) break;
        }
      } finally {
        // Nothing was written; the cursor goes with the transaction.
        await ask(isWithin ? 'close portions' : 'rollback').catch(() => undefined);
      }
    },
    close: () => client.end(),
  };
}
