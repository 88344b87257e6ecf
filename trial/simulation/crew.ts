/** Workers, each with a batch at a time. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import type { SimulateArguments } from './arguments';
import type { Batch, Done } from './batch';

/** Schedules a worker is given at once: some seconds' worth. */
const BATCH = 20;

/** In one file a schedule takes half as long as in sixty, whose imports are looked up at each use. */
function bundled(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, 'worker.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    target: `node${process.versions.node}`,
    sourcemap: 'inline',
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}

/**
 * Has all schedules simulated, until one breaks a promise or `signal` ends it.
 *
 * @param onDone after each batch, in no order
 * @returns when no worker is left
 */
export async function simulateAll(
  {
    scenario,
    schedules,
    seed,
    workers,
    verbose,
  }: Pick<SimulateArguments, 'scenario' | 'schedules' | 'seed' | 'workers' | 'verbose'>,
  onDone: (done: Done) => void,
  signal: AbortSignal,
): Promise<void> {
  const program = bundled();
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
      const worker = new Worker(program, { eval: true, execArgv: ['--enable-source-maps'] });
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
