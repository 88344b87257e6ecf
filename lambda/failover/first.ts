/** The memory of a group that has no journal yet. */
import { isLeaving, primaryName } from './decide/view';
import type { Memory, Retired } from './memory';
import type { Observation, SeenInstance } from './observation';
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
  // A journal that was lost after a failover, before the usual names were back: the name is the old primary's then.
  const other = instances.find((one) => one !== primary && mayBeLater(one, probe.heartbeat.epoch));
  if (other) return `${other.identifier} follows nobody, and may be the primary: ${sayingWhy(other)}`;
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
    // Of an earlier journal it may be closed: the first round opens it.
    stackPolicy: 'closed',
  };
}

/** It follows nobody and was opened under a later epoch, or nobody can tell. Whoever was retired was so by name. */
const mayBeLater = (one: SeenInstance, epoch: number): boolean =>
  one.source === undefined &&
  !isLeaving(one) &&
  !/-retired-\d+$/.test(one.identifier) &&
  (!one.probe.reached || one.probe.heartbeat.epoch > epoch);

const sayingWhy = ({ probe }: SeenInstance): string =>
  probe.reached ? `it has epoch ${probe.heartbeat.epoch}` : `it cannot be asked: ${probe.message}`;
