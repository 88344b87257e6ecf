/** A primary, its replicas, and names that lead to them as DNS would: what the database client meets. */
import type { Database, DatabaseParts } from '../../../app/database/database';
import { openDatabase } from '../../../app/database/database';
import type { Log } from '../../../app/log';
import type { ReplicaOptions, TestPrimary, TestReplica } from '../../support/replica';
import { startPrimary, startReplica } from '../../support/replica';

export interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields?: Record<string, unknown>;
}

export interface Fleet {
  readonly primary: TestPrimary;
  readonly replicas: readonly TestReplica[];
  /** Where the names lead: change it as the controller would. A reader has a weight of its own. */
  readonly names: { writer: string; readers: { host: string; weight: number }[] };
  readonly log: Line[];
  /** A client as a web server has it; closed with the fleet, or by closeClients(). */
  open(parts?: Partial<DatabaseParts>): Database;
  closeClients(): Promise<void>;
  stop(): Promise<void>;
}

/** Names that look local, as sockets have no TLS. */
const WRITER = '/writer';
const READER = '/reader';

export async function startFleet(replicaOptions: readonly ReplicaOptions[], schema: string): Promise<Fleet> {
  const primary = await startPrimary();
  const replicas: TestReplica[] = [];
  const opened: Database[] = [];
  const log: Line[] = [];
  const closeClients = async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
  };
  const stop = async () => {
    await closeClients();
    await Promise.all([primary, ...replicas].map((server) => server.stop()));
  };
  try {
    await primary.query(schema);
    for (const options of replicaOptions) replicas.push(await startReplica(primary, options));
  } catch (error) {
    await stop();
    throw error;
  }
  const names = { writer: primary.host, readers: replicas.map(({ host }) => ({ host, weight: 1 })) };

  let lookups = 0;
  const findRealName = (name: string) => {
    if (name === WRITER) return Promise.resolve(names.writer);
    // Weighted, one answer a lookup, in bunches as a cache would have it; no dice, so that each run is alike.
    const answers = names.readers.flatMap(({ host, weight }) => Array<string>(weight).fill(host));
    const answer = answers[Math.floor(lookups++ / 3) % answers.length];
    return answer === undefined ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve(answer);
  };
  const at = (level: string) => (message: string, fields?: Record<string, unknown>) =>
    void log.push({ level, message, fields });
  const logging: Log = { debug: () => {}, info: at('info'), warn: at('warn'), error: at('error') };

  return {
    primary,
    replicas,
    names,
    log,
    stop,
    closeClients,
    open(parts = {}) {
      const database = openDatabase(
        {
          server: { id: 'i-1' },
          database: {
            writer: { host: WRITER },
            reader: { host: READER },
            port: primary.port,
            name: 'postgres',
            user: 'postgres',
          },
        },
        {
          fetchSecret: () => Promise.reject(new Error('There is no secret')),
          findRealName,
          log: logging,
          lookUpEveryMillis: 10,
          ...parts,
        },
      );
      opened.push(database);
      return database;
    },
  };
}

/** Runs `work` so many times, a few at a time. */
export async function repeat(
  times: number,
  atOnce: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < times) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

/** How often each value occurs. */
export const tally = (values: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};
