/**
 * Starts servers for its client, and ends them when the client is gone. A process of its own, because it must outlive
 * the client: when standard input ends, for whatever reason the client died, every server is ended and every folder
 * that was named for it is removed. (Exit handlers would not do: nobody handles SIGKILL.)
 *
 * In, a JSON object a line; out, one answer each with the same `id` and perhaps `error`:
 *   { id, do: 'start', program, args, cwd, env, log, user? }   → { id, pid }
 *   { id, do: 'signal', pid, signal, tree? }                   → { id }      tree: with all its descendants
 *   { id, do: 'clear', program, data }                         → { id, pids } ends what still runs in a data directory
 *   { id, do: 'removeAtEnd', folder }                          → { id }
 * Besides, for each server that ends: { ended: pid, code, signal }.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long servers may take to shut down before they are killed. */
const PATIENCE_MS = 3_000;

const servers = new Map();
const folders = new Set();
const isLinux = process.platform === 'linux';

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const actions = { start, signal, clear, removeAtEnd: ({ folder }) => void folders.add(folder) };

function start({ program, args, cwd, env, log, user }) {
  // Straight into a file: a pipe would stall the server, or break it, when this process does not read.
  const output = openSync(log, 'a', 0o600);
  const child = spawn(program, args, { ...user, cwd, env, stdio: ['ignore', output, output] });
  closeSync(output);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => {
      servers.set(child.pid, child);
      child.once('exit', (code, name) => {
        servers.delete(child.pid);
        say({ ended: child.pid, code, signal: name });
      });
      resolve({ pid: child.pid });
    });
  });
}

/** Only the keeper's own servers: a process id may belong to somebody else by now. */
function signal({ pid, signal: name, tree }) {
  if (!servers.has(pid)) return;
  if (tree) signalTree(pid, name);
  else send(pid, name);
}

/** PostgreSQL's processes each lead a session of their own, so that no process group holds them all. */
function signalTree(pid, name) {
  if (name !== 'SIGCONT') send(pid, 'SIGSTOP'); // so that nobody is born meanwhile
  for (const descendant of descendants(pid)) send(descendant, name);
  send(pid, name);
}

/**
 * Ends processes that an earlier keeper left in a data directory. They are known by working directory *and* program,
 * so that nobody else's process is ever touched.
 */
async function clear({ program, data }) {
  const pids = isLinux ? workingIn(program, data) : fromLockFile(program, data);
  for (const pid of pids) send(pid, 'SIGSTOP');
  for (const pid of pids) send(pid, 'SIGKILL');
  while ((isLinux ? workingIn(program, data) : pids.filter((pid) => isAlive(pid))).length > 0) {
    await sleep(10);
  }
  // It may name a process id that somebody else has by now; PostgreSQL would refuse to start.
  rmSync(join(data, 'postmaster.pid'), { force: true });
  return { pids };
}

function workingIn(program, data) {
  const here = real(data);
  const binary = real(program);
  return here && binary
    ? numbered('/proc').filter((pid) => link(pid, 'cwd') === here && link(pid, 'exe') === binary)
    : [];
}

function fromLockFile(program, data) {
  let pid;
  try {
    pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch {
    return [];
  }
  const command = spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
  return command?.includes(program) && command.includes(data) ? [...descendants(pid), pid] : [];
}

/** Children, their children, and so on. */
function descendants(pid) {
  const parents = isLinux ? parentsFromProc() : parentsFromPs();
  const found = [pid];
  for (const at of found) for (const [child, parent] of parents) if (parent === at) found.push(child);
  return found.slice(1);
}

function parentsFromProc() {
  return numbered('/proc').flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The name, in parentheses, may hold anything; the state and the parent follow the last one.
      return [[pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]];
    } catch {
      return []; // it has ended
    }
  });
}

function parentsFromPs() {
  const listing = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).stdout ?? '';
  return listing.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
}

const numbered = (folder) => readdirSync(folder).map(Number).filter(Number.isInteger);

function real(path) {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function link(pid, name) {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return undefined; // ended, a zombie, or somebody else's
  }
}

function send(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}

const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** SIGQUIT is PostgreSQL's immediate shutdown: clients are cut off, the next start recovers. */
async function end() {
  for (const pid of servers.keys()) {
    signalTree(pid, 'SIGCONT'); // one that was frozen would not hear it
    send(pid, 'SIGQUIT');
  }
  for (const limit = Date.now() + PATIENCE_MS; servers.size > 0 && Date.now() < limit;) await sleep(10);
  for (const pid of servers.keys()) signalTree(pid, 'SIGKILL');
  while (servers.size > 0) await sleep(10);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}

process.on('SIGTERM', end);
process.on('SIGINT', end);
// A client that is gone reads nothing; that is no reason to leave anything behind.
process.stdout.on('error', () => {});

createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const request = JSON.parse(line);
    try {
      say({ id: request.id, ...(await actions[request.do](request)) });
    } catch (error) {
      say({ id: request.id, error: error.message });
    }
  })
  .on('close', end);
