/** A streaming replica of a test's PostgreSQL, and what may happen to it. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { Client } from 'pg';
import type { PostgresOptions, TestPostgres } from './postgres';
import { startPostgres } from './postgres';

export interface TestServer {
  /**
   * The folder of its unix socket, which a client takes for a host. Servers that one name stands for
   * must share a port, and only on Linux does a machine have many loopback addresses; sockets it has
   * anywhere, one a folder.
   */
  readonly host: string;
  readonly port: number;
  /** One statement as superuser, on a connection of its own. */
  query(text: string): Promise<Record<string, unknown>[]>;
  /** Stops all its processes where they are: it takes connections and answers nothing. */
  freeze(): Promise<void>;
  thaw(): void;
}

export interface TestReplica extends TestServer {
  /** Ends it as a power cut would; its data stay. */
  kill(): Promise<void>;
  /** Starts it again. */
  restart(): Promise<void>;
  /** Makes it a primary of its own, on a new timeline. */
  promote(): Promise<void>;
  /** Returns when it has replayed all that the primary has written by now. */
  caughtUp(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export interface ReplicaOptions {
  /** How long each commit waits until it is replayed. @default 0 */
  readonly delayMillis?: number;
  /** Settings as in postgresql.conf, besides what makes it a replica. */
  readonly settings?: PostgresOptions['settings'];
}

/** What a primary needs for servers beside it: its socket lies in its own data folder. */
const BESIDE = { unix_socket_directories: '.' };

/** A server that replicas can be made of. */
export type TestPrimary = Omit<TestPostgres, 'host'> & TestServer;

export const startPrimary = async (options: PostgresOptions = {}): Promise<TestPrimary> => {
  const primary = await startPostgres({ ...options, settings: { ...BESIDE, ...options.settings } });
  const itself = server(primary.folder, primary.port);
  const stop = () => (itself.thaw(), primary.stop());
  return { ...primary, ...itself, stop };
};

const socketFolder = (folder: string) => join(folder, 'data');

/** Not in a copy: the WAL, which is streamed, and what belongs to the running server. */
const NOT_COPIED = /^(postmaster\.(pid|opts)|\.s\.PGSQL\..*|pgsql_tmp.*|pg_internal\.init)$/;
const EMPTIED = [
  'pg_wal',
  'pg_replslot',
  'pg_stat_tmp',
  'pg_notify',
  'pg_snapshots',
  'pg_dynshmem',
  'pg_subtrans',
];

let replicas = 0;

/**
 * @param primary from startPrimary, without password
 * @throws with PostgreSQL's own log when it does not start
 */
export async function startReplica(
  primary: TestServer & Pick<TestPrimary, 'folder'>,
  { delayMillis = 0, settings }: ReplicaOptions = {},
): Promise<TestReplica> {
  const slot = `replica_${++replicas}`;
  await primary.query(`select pg_create_physical_replication_slot('${slot}', true)`);
  // A whole server first, for its folder and its keeper, which removes both whatever happens to us.
  const keeper = await startPostgres({
    settings: {
      ...settings,
      ...BESIDE,
      listen_addresses: '',
      port: String(primary.port),
      primary_conninfo: `host=${primary.host} port=${primary.port} user=postgres application_name=${slot}`,
      primary_slot_name: slot,
      recovery_min_apply_delay: `${delayMillis}ms`,
      wal_retrieve_retry_interval: '100ms',
    },
  });
  const { folder } = keeper;
  await keeper.halt();
  await copyData(primary, socketFolder(folder));
  const replica = server(folder, primary.port);

  let starting: Promise<unknown> = Promise.resolve();
  const restart = async () => {
    // Its keeper calls a server ready when it takes writes: that is not waited for, only its failure.
    starting = keeper.resume().catch((error: unknown) => error);
    const failed = starting.then((error) => Promise.reject(error ?? new Error('It began as a primary')));
    await Promise.race([
      failed,
      until(() =>
        replica.query('select 1').then(
          () => true,
          () => false,
        ),
      ),
    ]);
  };
  await restart().catch(async (error: unknown) => {
    await keeper.stop();
    throw error;
  });

  return {
    ...replica,
    restart,
    async kill() {
      process.kill(postmasterOf(folder), 'SIGQUIT');
      await starting;
    },
    promote: async () => void (await replica.query('select pg_promote()')),
    async caughtUp() {
      const [row] = await primary.query('select pg_current_wal_insert_lsn() as lsn');
      await until(async () => {
        const [found] = await replica.query(`select pg_last_wal_replay_lsn() >= '${row?.lsn}' as yes`);
        return found?.yes === true;
      });
    },
    async stop() {
      replica.thaw();
      await keeper.stop();
    },
  };
}

/** As pg_basebackup does: https://www.postgresql.org/docs/17/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP */
async function copyData(primary: TestServer & Pick<TestPrimary, 'folder'>, to: string): Promise<void> {
  const { uid, gid } = statSync(to);
  for (const entry of readdirSync(to)) rmSync(join(to, entry), { recursive: true });
  const client = await connectTo(primary.host, primary.port);
  try {
    await client.query(`select pg_backup_start('replica', fast => true)`);
    cpSync(socketFolder(primary.folder), to, {
      recursive: true,
      filter: (path) => !NOT_COPIED.test(basename(path)) && !EMPTIED.includes(basename(join(path, '..'))),
    });
    const { rows } = await client.query('select labelfile from pg_backup_stop(wait_for_archive => false)');
    writeFileSync(join(to, 'backup_label'), rows[0].labelfile);
  } finally {
    await client.end();
  }
  mkdirSync(join(to, 'pg_wal', 'archive_status'), { recursive: true });
  writeFileSync(join(to, 'standby.signal'), '');
  chmodSync(to, 0o700);
  const give = (path: string) => {
    chownSync(path, uid, gid);
    if (statSync(path).isDirectory()) for (const entry of readdirSync(path)) give(join(path, entry));
  };
  give(to);
}

const connectTo = async (host: string, port: number): Promise<Client> => {
  const client = new Client({ host, port, user: 'postgres', database: 'postgres' });
  client.on('error', () => {}); // a killed server cuts it off
  await client.connect();
  return client;
};

const postmasterOf = (folder: string): number =>
  Number(readFileSync(join(socketFolder(folder), 'postmaster.pid'), 'utf8').split('\n')[0]);

/** A frozen server ignores its keeper: should the test die, this long after it goes on by itself. */
const FROZEN_SECONDS = 60;

function server(folder: string, port: number): TestServer {
  const host = socketFolder(folder);
  let frozen: { pids: number[]; watchdog: ChildProcess } | undefined;
  const query: TestServer['query'] = async (text) => {
    const client = await connectTo(host, port);
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    host,
    port,
    query,
    async freeze() {
      // The postmaster first: it would replace nobody, but it could start somebody.
      const others = await query('select pid from pg_stat_activity where pid <> pg_backend_pid()');
      const pids = [postmasterOf(folder), ...others.map(({ pid }) => Number(pid))];
      const watchdog = spawn('sh', ['-c', `sleep ${FROZEN_SECONDS}; kill -CONT ${pids.join(' ')}`], {
        detached: true,
        stdio: 'ignore',
      });
      watchdog.unref();
      frozen = { pids, watchdog };
      signal(pids, 'SIGSTOP');
    },
    thaw() {
      if (!frozen) return;
      process.kill(-frozen.watchdog.pid!, 'SIGKILL');
      signal(frozen.pids, 'SIGCONT');
      frozen = undefined;
    },
  };
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // A process that has ended meanwhile needs no signal.
    }
  }
}

/** A limit for what never comes, far from what is usual: ten minutes of jest would tell less. */
const PATIENCE_MILLIS = 30_000;

/** @throws when it has not come true in time */
export async function until(isTrue: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = Date.now() + PATIENCE_MILLIS; !(await isTrue());) {
    if (Date.now() > end) throw new Error(`Never came true: ${String(isTrue)}`);
    await new Promise((next) => setTimeout(next, 20));
  }
}
