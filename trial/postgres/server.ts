import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { OPERATORS, startupOptions } from '../../app/database/session-settings';
import { TrialFailure } from '../failure';
import { SERVER_PORT } from './addresses';
import { type Programs, programEnvironment } from './binaries';
import { socketFrom } from './gate';
import type { Keeper, Kept } from './keeper';
import { lastReason } from './log';

/** How long a server may take until it takes connections; recovery after a crash is part of it. */
const READY_WITHIN_MS = 120_000;
/** How long sessions may hold up a shutdown: a walsender whose replica is cut off waits for it. */
const SHUTDOWN_WITHIN_MS = 5_000;
/** A frozen server must not hold up the plane for ever. */
const QUERY_WITHIN_MS = 30_000;
const LOG_BYTES = 10_000_000;

export interface ServerOptions {
  readonly programs: Programs;
  /** Of the moment: a keeper that has ended is replaced. */
  keeper(): Keeper;
  /** Holds `data/` and `log`. */
  readonly folder: string;
  readonly address: string;
  /** Of `rdsadmin`, the superuser that only the plane uses. */
  readonly password: string;
  /** Called when it has ended and nobody stopped it. */
  onCrash(): void;
}

/** The PostgreSQL process of one database. */
export class PostgresServer {
  readonly data: string;
  readonly log: string;
  private running?: Kept;
  private isStopping = false;
  private isFrozen = false;

  constructor(private readonly options: ServerOptions) {
    this.data = join(options.folder, 'data');
    this.log = join(options.folder, 'log');
  }

  /** Runs, and is not frozen. */
  get isAtWork(): boolean {
    return this.isRunning && !this.isFrozen;
  }

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  get pid(): number | undefined {
    return this.running?.pid;
  }

  /** Makes an empty data directory. @param passwordFile readable by PostgreSQL's user */
  async initialize(passwordFile: string): Promise<void> {
    await this.run(this.options.programs.initdb, [
      ...['-D', this.data, '-U', 'rdsadmin', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`],
      ...['--data-checksums', '--no-sync', '--no-instructions', '-E', 'UTF8'],
      // Unicode without the system's locales, which differ from machine to machine.
      ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      // RDS has 64 MB; a small database copies and archives faster by small ones.
      '--wal-segsize=4',
    ]);
  }

  /** Runs statements as superuser while no server runs, each ended by an empty line. */
  async runAlone(database: string, statements: string): Promise<void> {
    // Not waiting for the disk: a database whose making is cut short is made anew.
    const args = ['--single', '-j', '-c', 'exit_on_error=on', '-c', 'fsync=off', '-D', this.data, database];
    await this.run(this.options.programs.postgres, args, `${statements}\n\n`);
  }

  /**
   * Starts the server; done when it takes connections (a replica: for reading).
   *
   * @throws TrialFailure with the last line of its log
   */
  async launch(): Promise<void> {
    if (this.running) return;
    const { programs, folder } = this.options;
    const keeper = this.options.keeper();
    await keeper.clear(programs.postgres, this.data);
    if (existsSync(this.log) && statSync(this.log).size > LOG_BYTES) renameSync(this.log, `${this.log}.1`);
    const running = await keeper.start({
      program: programs.postgres,
      args: ['-D', this.data],
      cwd: folder,
      log: this.log,
      user: programs.user,
    });
    this.running = running;
    this.isStopping = false;
    this.isFrozen = false;
    let isReady = false;
    void running.ended.then(() => {
      if (this.running === running) this.running = undefined;
      if (isReady && !this.isStopping) this.options.onCrash();
    });
    for (const limit = Date.now() + READY_WITHIN_MS; !this.takesConnections(); await sleep(10)) {
      if (this.running !== running)
        throw new TrialFailure(`PostgreSQL refuses to start: ${this.lastLogLine()}`);
      if (Date.now() > limit) {
        await this.halt('immediate');
        throw new TrialFailure(
          `PostgreSQL took no connections within ${READY_WITHIN_MS / 1000} s: ${this.lastLogLine()}`,
        );
      }
    }
    isReady = true;
  }

  /**
   * `fast` ends the sessions in order and writes everything down; `immediate` ends as a power cut would. A fast one
   * that takes too long becomes an immediate one.
   */
  async halt(how: 'fast' | 'immediate'): Promise<void> {
    const running = this.running;
    if (!running) return;
    this.isStopping = true;
    const keeper = this.options.keeper();
    // A frozen server hears nothing; to thaw it first would let it go on for a moment.
    if (this.isFrozen) await keeper.signal(running.pid, 'SIGKILL', 'tree');
    else await keeper.signal(running.pid, how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    for (const next of ['SIGQUIT', 'SIGKILL'] as const) {
      if (await endedWithin(running.ended, SHUTDOWN_WITHIN_MS)) return;
      await keeper.signal(running.pid, next, next === 'SIGKILL' ? 'tree' : 'itself');
    }
    await running.ended;
  }

  /** Ends all its processes at once, unexpectedly. */
  async kill(): Promise<void> {
    if (this.running) await this.options.keeper().signal(this.running.pid, 'SIGKILL', 'tree');
  }

  /** All its processes stop where they are; its connections stay. */
  async freeze(): Promise<void> {
    if (this.running) await this.options.keeper().signal(this.running.pid, 'SIGSTOP', 'tree');
    this.isFrozen = this.running !== undefined;
  }

  async thaw(): Promise<void> {
    if (this.running) await this.options.keeper().signal(this.running.pid, 'SIGCONT', 'tree');
    this.isFrozen = false;
  }

  /** Reads its configuration files and certificate again. */
  async reload(): Promise<void> {
    if (this.running) await this.options.keeper().signal(this.running.pid, 'SIGHUP');
  }

  /** A connection of the plane's own, as superuser; it ends when `use` does. */
  async connected<T>(use: (client: Client) => Promise<T>, database = 'rdsadmin'): Promise<T> {
    if (this.isFrozen) throw new TrialFailure('This database is frozen: thaw it first.');
    const { address, password } = this.options;
    const client = new Client({
      host: address,
      port: SERVER_PORT,
      user: 'rdsadmin',
      database,
      password,
      // pg_hba.conf admits it from there alone.
      stream: () => socketFrom(address),
      connectionTimeoutMillis: QUERY_WITHIN_MS,
      query_timeout: QUERY_WITHIN_MS,
      application_name: 'rdsadmin',
      options: startupOptions({ ...OPERATORS, search_path: 'public', default_transaction_read_only: 'off' }),
    });
    client.on('error', () => undefined); // the query that suffers from it says so
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** One statement as superuser. */
  query(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return this.connected(
      async (client) => (await client.query(text, values)).rows as Record<string, unknown>[],
    );
  }

  lastLogLine(): string {
    return lastReason(this.log);
  }

  /** The last line of postmaster.pid is the server's status; pg_ctl looks there too (src/bin/pg_ctl/pg_ctl.c). */
  private takesConnections(): boolean {
    try {
      const lines = readFileSync(join(this.data, 'postmaster.pid'), 'utf8').split('\n');
      return Number(lines[0]) === this.running?.pid && lines[7]?.trim() === 'ready';
    } catch {
      return false;
    }
  }

  private async run(program: string, args: readonly string[], input = ''): Promise<void> {
    const child = spawn(program, args, {
      ...this.options.programs.user,
      env: programEnvironment(),
      cwd: this.options.folder,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-10_000)));
    child.stdin.on('error', () => undefined); // it ended before it had read all: its status says so
    child.stdin.end(input);
    const [status] = (await once(child, 'close')) as [number | null];
    if (status !== 0)
      throw new TrialFailure(`PostgreSQL cannot make a database: ${said.trim().split('\n').at(-1)}`);
  }
}

const endedWithin = (ended: Promise<void>, milliseconds: number): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), milliseconds);
    void ended.then(() => (clearTimeout(timer), resolve(true)));
  });
