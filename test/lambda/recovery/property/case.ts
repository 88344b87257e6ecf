import { chance, randomOf } from '../../../../trial/simulation/random';
import { type Histories, makeHistories } from './history';
import { makeSite } from './schema';
import type { Site } from './site';

/** A schema and what becomes of it on two servers. */
export interface Case {
  readonly seed: number;
  readonly site: Site;
  readonly histories: Histories;
  /** Whether the new primary's sequences are advanced before its first write, as the controller does. */
  readonly hasGap: boolean;
}

/** The same for the same seed. */
export function makeCase(seed: number): Case {
  const site = makeSite(randomOf(seed, 1));
  return {
    seed,
    site,
    histories: makeHistories(randomOf(seed, 2), site),
    hasGap: chance(randomOf(seed, 3), 0.5),
  };
}
