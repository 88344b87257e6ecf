/** Looks for a schedule in which a promise is broken: a worker's thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { generate } from '../../../../trial/simulation/generate';
import { simulate } from '../../../../trial/simulation/simulate';

/** Seeds in this order. */
export interface Hunt {
  readonly seeds: readonly number[];
}

/** What was found first; nothing: every promise was kept in all of them. */
export interface Found {
  readonly seed: number;
  readonly number: number;
  readonly detail: string;
}

async function hunt({ seeds }: Hunt): Promise<Found | undefined> {
  for (const seed of seeds) {
    const { violation } = await simulate(generate(seed));
    if (violation) return { seed, number: violation.number, detail: violation.detail };
  }
  return undefined;
}

void hunt(workerData as Hunt).then((found) => parentPort!.postMessage(found));
