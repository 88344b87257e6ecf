/**
 * What is measured of our own, in a process of its own: `node child.js METHOD TASK.json OUT.json`. Bundled as the Lambda
 * is, so that its start is that of a bundle and not of a compiler.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Server, connect } from '../../../lambda/recovery/connect';
import type { Fork } from '../../../lambda/recovery/fork';
import { makePlan } from '../../../lambda/recovery/make-plan';
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
  /** From the first connection to the end of the search. */
  readonly workSeconds: number;
}

async function main([method, task, out]: readonly string[]): Promise<void> {
  const { old, primary, fork } = JSON.parse(readFileSync(task!, 'utf8')) as Task;
  const begun = performance.now();
  const found =
    method === 'except'
      ? { repairs: await exceptBothWays(old, primary) }
      : { plan: await planned(method as 'slot' | 'rows', { old, primary, fork }) };
  const workSeconds = (performance.now() - begun) / 1000;
  const outcome: Outcome = { ...found, workSeconds, peakMiB: ownPeakMiB() };
  writeFileSync(out!, JSON.stringify(outcome));
}

async function planned(method: 'slot' | 'rows', { old, primary, fork }: Task): Promise<Plan> {
  const [there, here] = await Promise.all([old, primary].map((one) => connect(one, { isReadOnly: true })));
  try {
    return await makePlan({
      old: there!,
      primary: here!,
      fork,
      isRestore: false,
      method,
      report: () => undefined,
    });
  } finally {
    await Promise.all([there!.close(), here!.close()]);
  }
}

void main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.stack);
  process.exitCode = 1;
});
