/** `npm run recover`, as a person types it, on the trial. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { GoalMissed } from './drill';
import type { Scene } from './scene';

const PROJECT = join(__dirname, '../..');
const TS_NODE = join(PROJECT, 'node_modules/ts-node/dist/bin.js');

/** A drill's changes are few: what takes longer hangs. */
const WITHIN_MILLIS = 180_000;

export interface Said {
  readonly code: number | null;
  /** On standard output. */
  readonly output: string;
  /** On both. */
  readonly said: string;
}

/** @returns what it said, whatever its exit code */
export function recover(scene: Scene, ...words: readonly string[]): Promise<Said> {
  const args = [TS_NODE, join(PROJECT, 'bin/recover.ts'), ...words, '--folder', scene.trialFolder];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: scene.signal,
      timeout: WITHIN_MILLIS,
    });
    let [output, said] = ['', ''];
    child.stdout.on('data', (data) => ((output += data), (said += data)));
    child.stderr.on('data', (data) => (said += data));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output, said }));
  });
}

/** @throws GoalMissed with its last lines when it ends with another code than 0 */
export async function mustRecover(scene: Scene, ...words: readonly string[]): Promise<Said> {
  const said = await recover(scene, ...words);
  if (said.code === 0) return said;
  const last = said.said.trim().split('\n').slice(-8).join(' / ');
  throw new GoalMissed(`npm run recover -- ${words.join(' ')} ended with ${said.code}: ${last}`);
}
