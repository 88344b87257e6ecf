/** How much memory the servers' own processes take meanwhile. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Stand } from './stand';

const LOOK_EVERY_MILLIS = 250;

/**
 * What one backend at most had of its own at once, in MiB (RssAnon, proc_pid_status(5)): without the shared buffers, which
 * all of them share.
 *
 * @returns undefined where there is no /proc
 */
export async function watched<T>({ pair }: Stand, work: () => Promise<T>): Promise<[T, number | undefined]> {
  const folders = [pair.old.host, pair.primary.host];
  const postmasters = folders.map((folder) => Number(read(join(folder, 'postmaster.pid'))?.split('\n')[0]));
  let peak: number | undefined;
  const look = () => {
    for (const pid of childrenOf(postmasters)) {
      const [, kibibytes] = /^RssAnon:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '') ?? [];
      if (kibibytes !== undefined) peak = Math.max(peak ?? 0, Number(kibibytes) / 1024);
    }
  };
  const timer = setInterval(look, LOOK_EVERY_MILLIS);
  try {
    return [await work(), peak];
  } finally {
    clearInterval(timer);
  }
}

/** By the parent's id, proc_pid_stat(5), field 4. */
function childrenOf(parents: readonly number[]): string[] {
  return list('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    const stat = read(`/proc/${name}/stat`);
    return parents.includes(Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  });
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not Linux
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // it has ended
  }
}
