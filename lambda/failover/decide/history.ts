/** Whose history an instance has. */
import type { History } from '../memory';
import type { Reached } from '../observation';
import type { View } from './view';

export const historyOf = ({ system, timeline }: Reached): History => ({ system, timeline });

/** In words, when `probe` is of another history than the primary's: an earlier timeline, one of its own, another cluster. */
export function isElsewhere({ memory: { history } }: View, probe: Reached): string | undefined {
  if (!history) return undefined;
  if (probe.system !== history.system) return `is of another cluster, ${probe.system}`;
  return probe.timeline === history.timeline
    ? undefined
    : `is on timeline ${probe.timeline}, the primary's is ${history.timeline}`;
}
