/** A real PostgreSQL 17 for a test: throw-away, on a free loopback port. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { postgresPrograms, programEnvironment, sharedFolder } from '../../trial/postgres/binaries';
import { Keeper, type Kept } from '../../trial/postgres/keeper';

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

/**
 * Whatever happens to the caller, the server ends with it, and its folder goes (see keeper-process.mjs).
 * @throws with PostgreSQL's own log when it does not start
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<TestPostgres> {
  const keeper = new Keeper();
  try {
    return await start(keeper, options);
  } catch (error) {
    await keeper.end();
    throw error;
  }
}

async function start(keeper: Keeper, options: PostgresOptions): Promise<TestPostgres> {
  const programs = postgresPrograms();
  const folder = mkdtempSync(join(sharedFolder(), 'scale-from-zero-pg-'));
  const data = join(folder, 'data');
  const log = join(folder, 'log');
  const own = (path: string, mode: number) => {
    chmodSync(path, mode);
    if (programs.user) chownSync(path, programs.user.uid, programs.user.gid);
  };
  const write = (path: string, text: string) => {
    writeFileSync(join(folder, path), text);
    own(join(folder, path), 0o600);
  };
  await keeper.removeAtEnd(folder);
  own(folder, 0o700);

  const how = options.password === undefined ? 'trust' : 'scram-sha-256';
  write('password', options.password ?? 'unused');
  const made = spawnSync(
    programs.initdb,
    [
      ...['-D', data, '-U', 'postgres', '-A', how, `--pwfile=${join(folder, 'password')}`],
      ...['--no-sync', '--no-instructions', '-E', 'UTF8', '--locale=C'],
    ],
    { ...programs.user, env: programEnvironment(), cwd: folder, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`);
  if (options.tls) {
    write('data/server.crt', options.tls.certificate);
    write('data/server.key', options.tls.key);
    // hostssl alone: whoever gets in has proved to speak TLS.
    write('data/pg_hba.conf', `hostssl all all all ${how}\n`);
  }

  let server: Kept | undefined;
  const launch = async (port: number) => {
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(port),
      unix_socket_directories: '',
      fsync: 'off',
      ssl: options.tls ? 'on' : 'off',
      ...options.settings,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    rmSync(log, { force: true });
    const started = await keeper.start({
      program: programs.postgres,
      args: ['-D', data, ...args],
      cwd: folder,
      log,
      user: programs.user,
    });
    server = started;
    void started.ended.then(() => server === started && (server = undefined));
    const said = () => readFileSync(log, 'utf8');
    while (!said().includes('database system is ready to accept connections')) {
      if (!server) throw new Error(`PostgreSQL did not start: ${said()}`);
      await sleep(10);
    }
  };

  // On another port when somebody was quicker on the one found free.
  let port = await freePort();
  for (let attempt = 1; ; attempt++) {
    const failure = await launch(port).catch((error: Error) => error);
    if (!failure) break;
    if (attempt === 5 || !failure.message.includes('could not bind')) throw failure;
    port = await freePort();
  }

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
    async halt() {
      if (!server) return;
      const { pid, ended } = server;
      // PostgreSQL's immediate shutdown: clients are cut off, the next start recovers.
      await keeper.signal(pid, 'SIGQUIT');
      await ended;
    },
    resume: () => launch(port),
    stop: () => keeper.end(),
  };
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
