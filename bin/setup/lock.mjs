import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers';
import { inFolder, textOf } from './folder.mjs';

const LOCK = inFolder('.trial', 'setup.lock');

let held = false;

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

function write(pids, place) {
  const draft = `${LOCK}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(pids));
  try {
    place(draft, LOCK);
  } finally {
    rmSync(draft, { force: true });
  }
}

const sleep = (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds));

const holders = () => JSON.parse(textOf(LOCK) ?? '[]');

/** Takes the lock of this folder's set-up, waiting for whoever has it; one whose holders are all dead is taken over. */
export async function lock() {
  mkdirSync(inFolder('.trial'), { recursive: true });
  for (let told = false, takenOver = false; !held;) {
    try {
      write([process.pid], linkSync); // a link fails when the name is taken, and brings its content along
      // Two that take over the same dead lock at once: the later one has removed the other's by now.
      if (takenOver) await sleep(50);
      held = holders()[0] === process.pid;
      continue;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const alive = holders().filter(isAlive);
    if (alive.length === 0) {
      rmSync(LOCK, { force: true });
      takenOver = true;
      continue;
    }
    if (!told)
      process.stderr.write(`· waiting for another set-up of this folder (process ${alive.join(', ')})\n`);
    told = true;
    await sleep(200);
  }
}

/** Names a program that this process runs: it may outlive a kill, and must end before another set-up begins. */
export function holdWith(pid) {
  if (held) write([process.pid, pid], renameSync);
}

export function unlock() {
  if (held) rmSync(LOCK, { force: true });
  held = false;
}
