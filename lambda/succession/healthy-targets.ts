import type { Log } from '../../app/log';

export interface HealthyTargetsPorts {
  /** States of a target group's targets, as Elastic Load Balancing calls them, with the reason of each: `healthy`. */
  readonly states: (targetGroup: string) => Promise<readonly string[]>;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly log: Log;
}

/** A target is asked every 10 s (lib/web/load-balancer.ts). */
const PAUSE_MILLIS = 5_000;

/**
 * Waits until a target group has so many healthy targets.
 *
 * @param tries how often it is looked at
 * @throws Error with the states seen last
 */
export async function healthyTargets(
  targetGroup: string,
  wanted: number,
  { states, sleep, log }: HealthyTargetsPorts,
  tries: number,
): Promise<void> {
  let seen = '';
  for (let attempt = 1; attempt <= tries; attempt++) {
    if (attempt > 1) await sleep(PAUSE_MILLIS);
    const all = await states(targetGroup);
    if (all.filter((state) => state === 'healthy').length >= wanted) return;
    const now = all.join(', ') || 'there are none';
    if (now !== seen) log.info('targets are waited for', { targetGroup, wanted, now });
    seen = now;
  }
  throw new Error(
    `the load balancer has not ${wanted} healthy targets: ${seen}. Does the site answer 200 at web.healthPath on web.port?`,
  );
}
