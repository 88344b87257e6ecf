import type { CommandOfPeople as Command } from '../../people/command';
import { siteOf } from '../../people/site';
import type { Common } from '../../people/words';
import type { Site } from '../../people/site';
import type { Cloud } from '../cloud';
import type { Surroundings } from '../surroundings';

export type CommandOfPeople = Command<Surroundings>;

/**
 * Opens what the site that is meant has in its account, and closes it whatever happens.
 *
 * @throws Failure
 */
export async function withCloud<T>(
  common: Common,
  { project, trial, cloud }: Surroundings,
  work: (cloud: Cloud, site: Site) => Promise<T>,
): Promise<T> {
  const site = siteOf(common, project, trial);
  const opened = await cloud(site);
  try {
    return await work(opened, site);
  } finally {
    opened.close();
  }
}

/** Sorts by kind, then by time. */
export const runId = (kind: 'plan' | 'apply', now: number): string =>
  `${kind}-${new Date(now)
    .toISOString()
    .replace(/[-:]|\.\d+/g, '')
    .toLowerCase()}-${Math.random().toString(16).slice(2, 6).padEnd(4, '0')}`;
