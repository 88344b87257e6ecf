/** Back to the old primary, before anything was promoted. */
import type { Action } from '../decision';
import type { Memory, Retired } from '../memory';
import type { StateName } from '../states';
import { type Step, step } from './step';
import { type View, answers, find, targetOf } from './view';

/**
 * The old primary lives, and a replica receives from it: nothing is lost when it goes on. It need not answer the controller,
 * whose own way to it may be cut. Not when a human wants another one, and not twice in a short time: what comes back again
 * and again is not well.
 */
export function hasReturned(view: View): boolean {
  const { memory, policy, now, observation } = view;
  const failover = memory.failover!;
  if (failover.kind !== 'automatic' || failover.promoteAskedAt !== undefined || failover.override)
    return false;
  if (Object.keys(failover.fence).length > 1) return false;
  if (memory.lastReturn !== undefined && now - memory.lastReturn < policy.minimumIntervalMillis) return false;
  const old = find(view, failover.from);
  if (!old || (answers(old) && old.probe.inRecovery)) return false;
  return observation.instances.some(
    (other) => answers(other) && other.source === old.identifier && other.probe.receiving,
  );
}

/**
 * Whoever else was fenced is out of reach, or a human has said that this need not be shown: one that has failed takes no
 * security group. And no client has written there: the old primary has all that there is.
 */
export function mayGoBack({ failover }: Memory): boolean {
  const { fence, from, served = {}, override } = failover!;
  const isFenced = Object.entries(fence).every(
    ([id, { verifiedAt }]) => id === from || verifiedAt !== undefined,
  );
  return Object.keys(served).length === 0 && (isFenced || override?.fence === true);
}

/** Its quarantine ends; the phase is steady again. Candidates that were lost stay in theirs, and are deleted. */
export function giveUp(
  view: View,
  state: Extract<StateName, 'primary-returned' | 'switchover-given-up'>,
): Step {
  const { memory, policy, now } = view;
  const { failover, ...rest } = memory;
  const old = find(view, failover!.from);
  const lost = Object.keys(failover!.fence).filter((resourceId) => resourceId !== failover!.from);
  const back: Memory = {
    ...rest,
    phase: 'steady',
    // Nothing was counted meanwhile.
    suspicion: undefined,
    unfitSince: {},
    retired: [
      ...rest.retired,
      ...lost.map((resourceId): Retired => ({
        resourceId,
        epoch: memory.epoch,
        recovery: 'nothing lost',
        since: now,
      })),
    ],
    ...(state === 'primary-returned' && { lastReturn: now }),
  };
  const actions: Action[] = old
    ? [{ kind: 'set-groups', on: targetOf(old), groups: [policy.databaseGroup] }]
    : [];
  const why =
    state === 'primary-returned'
      ? `${old?.identifier} ${answers(old) ? 'answers' : 'sends to a replica'} again`
      : 'the candidate did not get everything in time';
  return step(state, back, [why, 'nothing has been promoted: the old primary goes on'], actions);
}
