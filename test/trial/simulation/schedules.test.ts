import { availableParallelism } from 'node:os';
import { STATES } from '../../../lambda/failover/states';
import { simulateAll } from '../../../trial/simulation/crew';
import { generate } from '../../../trial/simulation/generate';
import { violationText } from '../../../trial/simulation/report';
import { shrink } from '../../../trial/simulation/shrink';
import { simulate } from '../../../trial/simulation/simulate';
import { emptyTally, merge } from '../../../trial/simulation/summary';

const SCHEDULES = 2_000;

/** A minute on two cores that have nothing else to do; this is for those that have. */
const PATIENCE_MILLIS = 600_000;

/** What only happens when a stack or its primary is deleted by hand. */
const ELSEWHERE = ['closed', 'primary-missing'];

test(
  `what must hold holds at every step of ${SCHEDULES} schedules`,
  async () => {
    const tally = emptyTally();
    const failed: number[] = [];
    // Threads of their own: jest gives this file one core.
    await simulateAll(
      { scenario: 'any', schedules: SCHEDULES, seed: 1, workers: availableParallelism(), verbose: false },
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
    expect(tally.schedules).toBe(SCHEDULES);
    // Something happened in them: nearly every state was seen.
    expect(tally.failovers.length).toBeGreaterThan(SCHEDULES / 4);
    const never = Object.keys(STATES).filter((name) => !(name in tally.states) && !ELSEWHERE.includes(name));
    expect(never.length).toBeLessThanOrEqual(2);
  },
  PATIENCE_MILLIS,
);
