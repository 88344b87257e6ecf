/**
 * Answers of RDS that are older than one before. RDS takes identifiers, and they move from one instance to another: a
 * deletion that is asked for by an old answer could meet the new primary under the old one's name.
 */
import type { Memory } from '../memory';
import type { Observation } from '../observation';
import { UNSEEN_MILLIS } from '../policy';
import { meaningOf } from '../statuses';

const called = ({ identifier, resourceId }: { identifier: string; resourceId: string }): string =>
  `${identifier} ${resourceId}`;

/** Which instances are shown as they cannot be any more: sentences. */
export const staleness = ({ instances, at }: Observation, { past = {} }: Memory): string[] =>
  instances
    .filter((one) => at - (past[called(one)] ?? -Infinity) < UNSEEN_MILLIS)
    .map((one) => `RDS shows ${one.identifier} (${one.resourceId}) as it was before: its answer is old`);

/** What `before` had seen and is over by now: a name that was given up, and an instance that was being deleted. */
export function pastOf({ instances, at }: Observation, before: Memory): Record<string, number> {
  const young = Object.entries(before.past ?? {}).filter(([, since]) => at - since < UNSEEN_MILLIS);
  const over = (before.seen ?? []).filter(({ resourceId, identifier, status }) => {
    const now = instances.find((one) => one.resourceId === resourceId);
    return now ? now.identifier !== identifier : meaningOf(status).kind === 'leaving';
  });
  return { ...Object.fromEntries(young), ...Object.fromEntries(over.map((one) => [called(one), at])) };
}
