/** Workers, each with a batch at a time. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SimulateArguments } from './arguments';
import type { Batch, Done } from './batch';

/** Schedules a worker is given at once: some seconds' worth. */
const BATCH = 20;

/**
 * Has all schedules simulated, until one breaks a promise or `signal` ends it.
 *
 * @param onDone after each batch, in no order
 * @returns when no worker is left
 */
export async function simulateAll(
  { scenario, schedules, seed, workers, verbose }: SimulateArguments,
  onDone: (done: Done) => void,
  signal: AbortSignal,
): Promise<void> {
  let next = 0;
  let stopped = false;
  const batch = (): Batch | undefined => {
    if (next >= schedules || stopped || signal.aborted) return undefined;
    const count = Math.min(BATCH, schedules - next);
    const taken = { scenario, seed: (seed + next) >>> 0, count, verbose };
    next += count;
    return taken;
  };
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(join(__dirname, 'worker.ts'), {
        execArgv: ['--require', 'ts-node/register'],
      });
      const end = () => void worker.terminate();
      const give = () => {
        const taken = batch();
        if (taken) worker.postMessage(taken);
        else end();
      };
      signal.addEventListener('abort', end);
      worker.on('message', (done: Done) => {
        if (done.failed.length > 0) stopped = true;
        onDone(done);
        give();
      });
      worker.on('error', reject);
      worker.on('exit', () => {
        signal.removeEventListener('abort', end);
        resolve();
      });
      give();
    });
  const count = Math.min(workers, Math.ceil(schedules / BATCH));
  await Promise.all(Array.from({ length: count }, work));
}
