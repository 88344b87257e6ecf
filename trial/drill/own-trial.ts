/** A trial for a drill alone: in a folder and on a network of its own, gone with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Running } from '../control/contract';
import { TrialFailure } from '../failure';
import { removeState } from '../postgres/state';
import { findRunning } from '../view/source';

const PROJECT = join(__dirname, '../..');
const TS_NODE = join(PROJECT, 'node_modules/ts-node/dist/bin.js');

/** `npm start` takes 17 s on two cores with nothing else to do. */
const START_WITHIN_SECONDS = 180;
const END_WITHIN_SECONDS = 30;

export interface OwnTrialOptions {
  /** For the CDK app: `database.replicas=1`. */
  readonly context: readonly string[];
  readonly signal: AbortSignal;
  /** Second number of its loopback addresses. @default - one that depends on this process */
  readonly network?: number;
  /** @default 0 */
  readonly timeScale?: number;
}

export interface OwnTrial {
  readonly running: Running;
  readonly folder: string;
  /** The process of the trial itself. */
  readonly pid: number;
  /** Also after a Ctrl-C: nothing is left of it. */
  end(): Promise<void>;
}

/** 127.120.* and on: none of npm start's, four networks each (trial/world/world.ts). */
const networkOf = (pid: number): number => 120 + 4 * (pid % 31);

/** @throws TrialFailure when it does not start, or is not wanted any more */
export async function startOwnTrial(options: OwnTrialOptions): Promise<OwnTrial> {
  const { context, signal, network = networkOf(process.pid), timeScale = 0 } = options;
  const folder = mkdtempSync(join(tmpdir(), 'drill-'));
  const args = [
    ...['--folder', folder, '--network', String(network), '--time-scale', String(timeScale)],
    ...context.flatMap((pair) => ['-c', pair]),
  ];
  const child = spawn(process.execPath, [TS_NODE, 'trial/main.ts', ...args], {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Of its own group, so that Ctrl-C reaches this process first; it ends by itself when this process is gone.
    detached: process.platform !== 'win32',
    env: { ...process.env, npm_lifecycle_event: 'drill' },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += String(data)));
  const end = () => endTrial(child, folder);
  try {
    await ready(child, folder, () => said, signal);
    return { running: findRunning(folder)!, folder, pid: child.pid!, end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function ready(child: ChildProcess, folder: string, said: () => string, signal: AbortSignal) {
  for (const end = Date.now() + START_WITHIN_SECONDS * 1000; Date.now() < end; await sleep(100)) {
    if (signal.aborted) throw new TrialFailure('The drill was ended before it had begun.');
    if (child.exitCode !== null || child.signalCode !== null) break;
    if (said().includes('To end: Ctrl-C') && findRunning(folder)) return;
  }
  const last = said().trim().split('\n').slice(-15).join('\n');
  throw new TrialFailure(`The trial for the drill did not start:\n${last}`);
}

async function endTrial(child: ChildProcess, folder: string): Promise<void> {
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  if (!ended()) {
    child.kill('SIGINT');
    const patience = new AbortController();
    await Promise.race([
      once(child, 'exit'),
      sleep(END_WITHIN_SECONDS * 1000, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
  }
  if (!ended()) child.kill('SIGKILL');
  if (!existsSync(folder)) return;
  // As root the databases lie elsewhere (trial/postgres/state.ts).
  removeState(join(folder, 'state'));
  rmSync(folder, { recursive: true, force: true });
}
