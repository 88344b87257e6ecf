import { generate } from '../../../trial/simulation/generate';
import { violationText } from '../../../trial/simulation/report';
import { shrink } from '../../../trial/simulation/shrink';
import { simulate } from '../../../trial/simulation/simulate';
import { add, emptyTally, type Tally } from '../../../trial/simulation/summary';

/** In each of four files, so that jest's workers share them. */
export const SHARD = 500;

/** Far above what it takes, on a machine that has other things to do. */
export const SHARD_TIMEOUT_MILLIS = 300_000;

/**
 * The schedules of one shard.
 *
 * @throws Error with the smallest schedule that breaks the same promise, and what happened in it
 */
export async function runShard(shard: number): Promise<Tally> {
  const tally = emptyTally();
  for (let seed = shard * SHARD + 1; seed <= (shard + 1) * SHARD; seed++) {
    const result = await simulate(generate(seed));
    if (result.violation) throw new Error(violationText(result, await shrink(result)));
    add(tally, result.statistics);
  }
  return tally;
}
