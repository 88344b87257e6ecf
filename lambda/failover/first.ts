/** The memory of a group that has no journal yet. */
import { primaryName } from './decide/view';
import type { Memory, Retired } from './memory';
import type { Observation } from './observation';
import type { Policy } from './policy';

/**
 * @returns why there is none, in a sentence, while the primary cannot be asked: its heartbeat has the epoch, which must
 *   never be one that was there before
 */
export function firstMemory({ instances, at }: Observation, policy: Policy): Memory | string {
  const primary = instances.find(({ identifier }) => identifier === primaryName(policy));
  if (!primary) return `there is no ${primaryName(policy)}`;
  if (primary.source !== undefined) return `${primary.identifier} follows ${primary.source}`;
  const { probe } = primary;
  if (!probe.reached) return `${primary.identifier} cannot be reached: ${probe.message}`;
  if (probe.inRecovery) return `${primary.identifier} is in recovery`;
  const epochs = instances.map((one) => (one.probe.reached ? one.probe.heartbeat.epoch : 0));
  const epoch = Math.max(...epochs);
  const retired = instances
    .filter(({ identifier }) => identifier.startsWith(`${policy.name}-retired-`))
    // Whether it holds something that is nowhere else, nobody knows any more.
    .map(({ resourceId }): Retired => ({ resourceId, epoch, recovery: 'needed', since: at }));
  return {
    phase: 'steady',
    epoch,
    primary: primary.resourceId,
    retired,
    unfitSince: {},
    inFlight: [],
    creating: {},
    backoff: {},
    stackPolicy: 'open',
  };
}
