/** The site's database: a pool for what reads, a pool for what writes. */
import type { SiteEnvironment } from './environment';
import { isLocalHost } from './environment';
import type { CredentialSource, FetchSecret } from './credentials';
import { fromSecret, withoutPassword } from './credentials';
import type { Session } from './endpoint-pool';
import { endpointPool } from './endpoint-pool';
import type { Log } from './log';
import type { FindRealName } from './real-name';

export interface Database {
  /** Runs work that only reads, on the reader endpoint: what it sees may lag behind. */
  read<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Runs work in one transaction on the writer endpoint: all of it happens, or nothing. */
  write<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Ends the connections, each after its work. */
  close(): Promise<void>;
}

export interface DatabaseParts {
  readonly fetchSecret: FetchSecret;
  readonly findRealName: FindRealName;
  readonly log: Log;
  /** Text of the PEM file with the authorities; absent: this machine's database, without TLS. */
  readonly ca?: string;
}

/** Connects nothing yet: the first use does, so that a site starts while its database is away. */
export function openDatabase(
  { database, server }: Pick<SiteEnvironment, 'database' | 'server'>,
  { fetchSecret, findRealName, log, ca }: DatabaseParts,
): Database {
  const pool = ({ host, secretArn }: SiteEnvironment['database']['writer']) => {
    const source: CredentialSource = secretArn
      ? fromSecret(secretArn, fetchSecret)
      : withoutPassword(database.user ?? '');
    // A unix socket has no TLS; a loopback address has it when there is something to verify it by.
    const trusted = host.startsWith('/') ? undefined : ca;
    if (trusted === undefined && !isLocalHost(host)) throw new Error(`No TLS to ${host}: a CA is missing`);
    const name = `site ${server.id}`;
    return endpointPool(
      { host, port: database.port, database: database.name, ca: trusted, name },
      source,
      findRealName,
      log,
    );
  };
  const reader = pool(database.reader);
  const writer = pool(database.writer);

  return {
    read: (work) => reader.run(work),
    write: (work) =>
      writer.run(async (session) => {
        await session.query('begin');
        try {
          const result = await work(session);
          await session.query('commit');
          return result;
        } catch (error) {
          // When this fails as well, the connection is broken, and PostgreSQL rolls back by itself.
          await session.query('rollback').catch(() => undefined);
          throw error;
        }
      }),
    close: async () => {
      await Promise.all([reader.close(), writer.close()]);
    },
  };
}
