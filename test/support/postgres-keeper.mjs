/**
 * Keeps one throw-away PostgreSQL, and cleans up after it. A process of its own, because it must
 * outlive its client: when standard input ends, for whatever reason the client died, the server is
 * killed and the folder removed. (Exit handlers would not do: jest replaces `process` in tests, and
 * nobody handles SIGKILL.)
 *
 * In: the first line is a JSON object { native, parentFolder, user?, password?, tls?, settings },
 * then lines "start" and "halt". Out: a JSON line each, { event: 'ready', port, folder } |
 * { event: 'halted' } | { event: 'failed', log }.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

let config;
let folder;
let server;
let port;
let log = '';

const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const program = (name) => join(config.native, 'bin', name);
/** PostgreSQL refuses to run as root. */
const identity = () => config.user ?? {};
/** Nothing of the caller's environment: PGPORT and the like would be obeyed. */
const environment = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };

function own(path, mode) {
  chmodSync(path, mode);
  if (config.user) chownSync(path, config.user.uid, config.user.gid);
}

function write(name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  own(path, 0o600);
}

function initialize() {
  folder = mkdtempSync(join(config.parentFolder, 'scale-from-zero-pg-'));
  own(folder, 0o700);
  write('password', config.password ?? 'unused');
  const how = config.password ? 'scram-sha-256' : 'trust';
  const data = join(folder, 'data');
  const done = spawnSync(
    program('initdb'),
    ['-D', data, '-U', 'postgres', '-A', how, `--pwfile=${join(folder, 'password')}`].concat([
      '--no-sync',
      '--no-instructions',
      '-E',
      'UTF8',
      '--locale=C',
    ]),
    { ...identity(), env: environment, cwd: folder, encoding: 'utf8' },
  );
  if (done.status !== 0) throw new Error(`initdb failed: ${done.error?.message ?? done.stderr}`);
  if (config.tls) {
    write('data/server.crt', config.tls.certificate);
    write('data/server.key', config.tls.key);
    // hostssl alone: whoever gets in has proved to speak TLS.
    write('data/pg_hba.conf', `hostssl all all all ${how}\n`);
  }
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const found = probe.address().port;
      probe.close(() => resolve(found));
    });
  });

/** Starts the server; on another port when somebody was quicker on the one found free. */
async function start(attempt = 1) {
  const isFirst = port === undefined;
  port ??= await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    fsync: 'off',
    ssl: config.tls ? 'on' : 'off',
    ...config.settings,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  log = '';
  server = spawn(program('postgres'), ['-D', join(folder, 'data'), ...args], {
    ...identity(),
    env: environment,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let isReady = false;
  server.stderr.setEncoding('utf8').on('data', (text) => {
    log += text;
    if (isReady || !log.includes('database system is ready to accept connections')) return;
    isReady = true;
    say({ event: 'ready', port, folder });
  });
  server.once('exit', () => {
    server = undefined;
    if (isReady) return;
    if (isFirst && attempt < 5 && log.includes('could not bind')) {
      port = undefined;
      void start(attempt + 1);
    } else say({ event: 'failed', log });
  });
}

/** SIGQUIT is PostgreSQL's immediate shutdown: clients are cut off, the next start recovers. */
const halt = () =>
  new Promise((resolve) => {
    if (!server) return resolve();
    server.once('exit', resolve);
    server.kill('SIGQUIT');
  });

async function end() {
  await halt();
  if (folder) rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}

process.on('SIGTERM', end);
process.on('SIGINT', end);
// A client that is gone reads nothing; that is no reason to leave the folder lying around.
process.stdout.on('error', () => {});

createInterface({ input: process.stdin })
  .on('line', async (line) => {
    try {
      if (line === 'halt') {
        await halt();
        say({ event: 'halted' });
        return;
      }
      if (line !== 'start') {
        config = JSON.parse(line);
        initialize();
      }
      await start();
    } catch (error) {
      say({ event: 'failed', log: error.message });
    }
  })
  .on('close', end);
