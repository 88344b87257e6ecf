import type { Site } from '../people/site';
import type { Surroundings as AroundPeople } from '../people/surroundings';
import type { JournalAccess } from './journal';

/** What a command has around it: a terminal and an account, or a test. */
export interface Surroundings extends AroundPeople {
  /** @throws Failure with one sentence when there is no journal, or nobody may read it */
  readonly open: (site: Site) => Promise<JournalAccess>;
}
