import type { Surroundings as AroundFailover } from '../failover/surroundings';
import type { Site } from '../people/site';
import type { Cloud } from './cloud';

/** What a command has around it: a terminal and an account, or a test. */
export interface Surroundings extends AroundFailover {
  /** @throws Failure with one sentence when there is no recovery, or nobody may read it */
  readonly cloud: (site: Site) => Promise<Cloud>;
}
