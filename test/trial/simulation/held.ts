/** What must hold holds at every step of many schedules. */
import { availableParallelism } from 'node:os';
import { simulateAll } from '../../../trial/simulation/crew';
import { generate } from '../../../trial/simulation/generate';
import { violationText } from '../../../trial/simulation/report';
import { shrink } from '../../../trial/simulation/shrink';
import { simulate } from '../../../trial/simulation/simulate';
import { emptyTally, merge, type Tally } from '../../../trial/simulation/summary';

/** @throws Error that names the promise which is broken, with the smallest schedule in which it is */
export async function held(schedules: number): Promise<Tally> {
  const tally = emptyTally();
  const failed: number[] = [];
  // Threads of their own: jest gives a file one core.
  await simulateAll(
    { scenario: 'any', schedules, seed: 1, workers: availableParallelism(), verbose: false },
    (done) => {
      merge(tally, done.tally);
      failed.push(...done.failed);
    },
    new AbortController().signal,
  );
  const [seed] = failed;
  if (seed !== undefined) {
    const result = await simulate(generate(seed));
    throw new Error(violationText(result, await shrink(result)));
  }
  expect(tally.schedules).toBe(schedules);
  // Something happened in them.
  expect(tally.failovers.length).toBeGreaterThan(schedules / 4);
  return tally;
}
