import type { JournalAccess } from '../journal';
import { type Site, siteOf } from '../../people/site';
import type { Surroundings } from '../surroundings';
import type { Common } from '../../people/words';

/**
 * Opens the journal of the site that is meant, and closes it whatever happens.
 *
 * @throws Failure
 */
export async function withJournal<T>(
  common: Common,
  { project, trial, open }: Surroundings,
  work: (journal: JournalAccess, site: Site) => Promise<T>,
): Promise<T> {
  const site = siteOf(common, project, trial);
  const journal = await open(site);
  try {
    return await work(journal, site);
  } finally {
    journal.close();
  }
}
