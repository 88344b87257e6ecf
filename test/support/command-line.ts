/** A program of bin/ as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const ROOT = resolve(__dirname, '../..');

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

export interface Started {
  readonly child: ChildProcess;
  /** What it has written so far. */
  readonly said: { out: string; err: string };
  readonly ended: Promise<Ended>;
}

const running = new Set<ChildProcess>();

/** @param program `bin/failover.ts` */
export function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd = ROOT): Started {
  const tsNode = resolve(ROOT, 'node_modules/ts-node/dist/bin.js');
  const child = spawn(
    process.execPath,
    [tsNode, '--project', resolve(ROOT, 'tsconfig.json'), resolve(ROOT, program), ...args],
    { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  running.add(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', (data) => (said.out += data));
  child.stderr.on('data', (data) => (said.err += data));
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    return { code: code as number | null, signal: signal as string | null, ...said };
  });
  return { child, said, ended };
}

/** At the end of a test file. */
export const killAll = (): void => running.forEach((child) => child.kill('SIGKILL'));

export async function eventually(check: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; !(await check()); await sleep(50)) {
    if (Date.now() > end) throw new Error('It did not happen');
  }
}
