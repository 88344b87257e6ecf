/** A data plane for a test file: in a folder and on addresses of its own, closed and removed whatever happens. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import { socketFrom } from '../../../trial/postgres/gate';
import { type PostgresPlane, type PostgresPlaneOptions, postgresPlane } from '../../../trial/postgres/plane';
import { removeState } from '../../../trial/postgres/state';
import type { DatabaseCopy, NewDatabase } from '../../../trial/rds/ports';

export const MASTER = { username: 'postgres', password: "it's a \\ secret" };

/** Test files run side by side: each in a /16 of its own, none of them the trial's. */
const number = 128 + (process.pid % 100);
export const NETWORK = `127.${number}`;
/** A server of the trial, in the security group `web`. */
export const WEB = `127.${number}.200.1`;
/** Somebody whom no group lets in. */
export const STRANGER = `127.${number}.200.2`;
export const CONTROLLER = `127.${number}.200.3`;

const admitted: Record<string, readonly string[]> = { [WEB]: ['web'], [CONTROLLER]: ['web', 'quarantine'] };

export const planeOptions = (stateFolder: string): PostgresPlaneOptions => ({
  stateFolder,
  network: NETWORK,
  admits: (remote, groups) => groups.some((group) => admitted[remote]?.includes(group)),
  isController: (remote) => remote === CONTROLLER,
});

export const newDatabase = (resourceId: string, change: Partial<NewDatabase> = {}): NewDatabase => ({
  resourceId,
  endpoint: { name: `${resourceId.toLowerCase()}.trial.example`, port: 5432 },
  master: MASTER,
  databaseName: 'site',
  securityGroupIds: ['web'],
  parameters: { 'rds.force_ssl': '1', 'rds.logical_replication': '1', max_slot_wal_keep_size: '512' },
  archiveWal: false,
  ...change,
});

/** `newDatabase` without what a copy takes from its source. */
export const copyOf = (resourceId: string, change: Partial<DatabaseCopy> = {}): DatabaseCopy => {
  const { endpoint, securityGroupIds, parameters, archiveWal } = newDatabase(resourceId, change);
  return { resourceId, endpoint, securityGroupIds, parameters, archiveWal };
};

export interface TestWorld {
  readonly plane: PostgresPlane;
  readonly stateFolder: string;
  /** As the master user, with TLS verified to the endpoint's name; ended with the world. */
  connect(resourceId: string, config?: ClientConfig & { from?: string }): Promise<Client>;
  /** Closes the plane and opens another one on the same folder. */
  reopen(): Promise<PostgresPlane>;
  end(): Promise<void>;
}

export async function testWorld(): Promise<TestWorld> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'scale-from-zero-plane-'));
  const clients: Client[] = [];
  let plane = await postgresPlane(planeOptions(stateFolder)).catch((error: unknown) => {
    removeState(stateFolder);
    throw error;
  });
  return {
    get plane() {
      return plane;
    },
    stateFolder,
    async connect(resourceId, { from = WEB, ...config } = {}) {
      const client = new Client({ ...clientConfig(plane, resourceId, from), ...config });
      client.on('error', () => undefined);
      clients.push(client);
      await client.connect();
      return client;
    },
    async reopen() {
      await plane.close();
      plane = await postgresPlane(planeOptions(stateFolder));
      return plane;
    },
    async end() {
      // Not waited for: the other end may be frozen.
      for (const client of clients) void client.end().catch(() => undefined);
      await plane.close();
      removeState(stateFolder);
    },
  };
}

export function clientConfig(plane: PostgresPlane, resourceId: string, from: string): ClientConfig {
  const { address, port } = plane.addressOf(resourceId)!;
  const [name] = [...plane.addresses()].find(([, found]) => found.address === address)!;
  return {
    host: address,
    port,
    user: MASTER.username,
    password: MASTER.password,
    database: 'site',
    ssl: { ca: readFileSync(plane.certificateBundle, 'utf8'), servername: name },
    stream: () => socketFrom(from),
  };
}

/** Waits until it holds. No verdict by time: jest's own limit ends a test that would wait for ever. */
export async function eventually<T>(
  look: () => Promise<T | false | undefined> | T | false | undefined,
): Promise<T> {
  for (const limit = Date.now() + 60_000; Date.now() < limit; await sleep(20)) {
    const seen = await look();
    if (seen !== false && seen !== undefined) return seen;
  }
  throw new Error(`it did not happen: ${look}`);
}

/** Whether nothing comes of it for a while: the nearest that a test gets to "it hangs". */
export async function hangs(promise: Promise<unknown>, milliseconds = 400): Promise<boolean> {
  return Promise.race([
    promise.then(
      () => false,
      () => false,
    ),
    sleep(milliseconds, true),
  ]);
}
