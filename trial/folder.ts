import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const NAME = /^run-(\d+)$/;

/** Path of this process's own folder in `parent`; those of processes that have ended are removed. */
export function ownFolder(parent: string): string {
  const known = existsSync(parent) ? readdirSync(parent) : [];
  for (const name of known) {
    const pid = name.match(NAME)?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(parent, name), { recursive: true, force: true });
  }
  return join(parent, `run-${process.pid}`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
