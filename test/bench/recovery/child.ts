/**
 * What is measured of our own, in a process of its own: `node child.js METHOD TASK.json OUT.json`. Bundled as the Lambda
 * is, so that its start is that of a bundle and not of a compiler.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Server } from '../../../lambda/recovery/connect';
import type { Fork } from '../../../lambda/recovery/fork';
import type { Plan } from '../../../lambda/recovery/plan';
import { exceptBothWays } from './except';
import type { Repair } from './judge';
import { ownPeakMiB } from './tool';

export interface Task {
  readonly old: Server;
  readonly primary: Server;
  readonly fork: Fork;
}

export interface Outcome {
  readonly plan?: Plan;
  readonly repairs?: readonly Repair[];
  readonly peakMiB?: number;
}

async function main([method, task, out]: readonly string[]): Promise<void> {
  const { old, primary, fork } = JSON.parse(readFileSync(task!, 'utf8')) as Task;
  const found =
    method === 'except'
      ? { repairs: await exceptBothWays(old, primary) }
      : { plan: await planned(method as 'slot' | 'rows', { old, primary, fork }) };
  const outcome: Outcome = { ...found, peakMiB: ownPeakMiB() };
  writeFileSync(out!, JSON.stringify(outcome));
}

async function planned(_method: string, _task: Task): Promise<Plan> {
  throw new Error('not yet');
}

void main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.stack);
  process.exitCode = 1;
});
