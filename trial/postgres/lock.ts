import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrialFailure } from '../failure';

/**
 * Takes a folder for this process alone: a second trial on it would take the first one's databases for left-overs.
 *
 * @returns gives it back
 * @throws TrialFailure when a process that lives has it
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'plane.lock');
  const own = `${process.pid} ${startOf(process.pid)}`;
  // 'wx' fails where the file exists, so that of two processes one gets it.
  for (let attempt = 1; ; attempt++) {
    try {
      writeFileSync(path, own, { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const [pid, ...start] = readIfThere(path).split(' ');
    if (attempt > 3 || (pid && startOf(Number(pid)) === start.join(' '))) {
      throw new TrialFailure(`Process ${pid} uses the databases in ${folder}: end it first.`);
    }
    rmSync(path, { force: true });
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** When a process has started, in the system's own words; empty when there is none. Ids are used again, this is not. */
function startOf(pid: number): string {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // Field 22, proc(5); the name in parentheses may hold anything. A boot starts the count again.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // Z, a zombie: it has ended, and its parent has not asked for its exit code. It uses nothing any more.
      if (fields[0] === 'Z') return '';
      const ticks = fields[19];
      return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}-${ticks}`;
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}
