/** Out of reach of clients: the quarantine group, then a restart, then the evidence. */
import type { Action } from '../decision';
import type { Failover, FenceProgress, Memory } from '../memory';
import type { SeenInstance } from '../observation';
import { FENCE_TIMEOUT_MILLIS, type Policy, UNSEEN_MILLIS } from '../policy';
import type { StateName } from '../states';
import { isOperational } from '../statuses';
import { choosing } from './choose';
import { giveUp, hasReturned, mayGoBack } from './return';
import { hasFailed } from './retry';
import { type Step, step } from './step';
import { type View, answers, find, groupsAsked, groupsInForce, seconds, targetOf } from './view';

/** What a clock of one run may differ from another's: the hosts of Lambda keep time by NTP. */
const CLOCK_SKEW_MILLIS = 5_000;

/** Looks in a row in which nobody listened. */
const REFUSALS = 2;

/** A group that was asked for is shown at once, as a rule; RDS may answer with what was before. */
const ASK_AGAIN_MILLIS = 10_000;

/** Phase `fencing`. @param first the state to be told of the round that begins it */
export function fencing(
  view: View,
  first?: { readonly state: StateName; readonly reasons: readonly string[] },
): Step {
  const { memory, policy, now } = view;
  const failover = memory.failover!;
  if (!first && hasReturned(view)) return giveUp(view, 'primary-returned');

  const { memory: looked, actions, ...tries } = fenceOn(view);
  const tried = { ...looked, failover: withSilence(view, looked.failover!) };
  const reasons = [...(first?.reasons ?? []), ...tries.reasons];
  const goOn = (because: readonly string[]): Step => {
    const chosen = choosing({ ...view, memory: fenced(tried, now) }, [...reasons, ...because]);
    // Also without its evidence the fence is put up; unless the old primary goes on.
    return chosen.memory.phase === 'steady'
      ? chosen
      : { ...chosen, actions: [...actions, ...chosen.actions] };
  };
  if (isFenced(tried)) return goOn([]);
  if (failover.override?.fence) {
    const { by, why } = failover.override;
    return goOn([`${by} goes on without the fence: ${why}`]);
  }
  if (now - Math.max(failover.decidedAt, failover.limitsFrom ?? 0) >= FENCE_TIMEOUT_MILLIS) {
    if (failover.kind === 'switchover' && mayGoBack(tried)) {
      return giveUp({ ...view, memory: tried }, 'switchover-given-up');
    }
    const late = `not shown within ${seconds(FENCE_TIMEOUT_MILLIS)} s`;
    if (policy.fencePolicy === 'strict') return step('fence-unverified', tried, [...reasons, late], actions);
    return goOn([`${late}; the policy is best-effort`]);
  }
  return step(first?.state ?? 'fencing', tried, reasons, actions);
}

/** As long as it is not fenced, an old primary that answers may take writes, whatever it did before. */
function withSilence(view: View, failover: Failover): Failover {
  const { silentFrom = view.now, from, fence } = failover;
  const isFenced = fence[from]?.verifiedAt !== undefined;
  return { ...failover, silentFrom: answers(find(view, from)) && !isFenced ? undefined : silentFrom };
}

/** The next step of every fence of the failover that is under way. */
export function fenceOn(view: View): Omit<Step, 'state'> {
  const { memory } = view;
  const failover = memory.failover!;
  const looks = Object.entries(failover.fence).map(([resourceId, progress]) =>
    look(view, resourceId, progress),
  );
  const fence = Object.fromEntries(looks.map(({ resourceId, progress }) => [resourceId, progress]));
  return {
    memory: { ...memory, failover: { ...failover, fence } },
    reasons: looks.map(({ reason }) => reason),
    actions: looks.flatMap((one) => one.actions),
  };
}

export const isFenced = ({ failover }: Memory): boolean =>
  Object.values(failover?.fence ?? {}).every(({ verifiedAt }) => verifiedAt !== undefined);

const fenced = (memory: Memory, now: number): Memory => ({
  ...memory,
  phase: 'promoting',
  failover: { ...memory.failover!, fencedAt: now },
});

export interface Look {
  readonly resourceId: string;
  readonly progress: FenceProgress;
  readonly reason: string;
  readonly actions: readonly Action[];
}

/** One instance: how far its fence is, and what is next. */
export function look(view: View, resourceId: string, before: FenceProgress): Look {
  const { memory, policy, now } = view;
  const instance = find(view, resourceId);
  const is = (reason: string, progress: FenceProgress, actions: readonly Action[] = []): Look => ({
    resourceId,
    progress,
    reason,
    actions,
  });
  if (!instance) {
    const goneSince = before.goneSince ?? now;
    const gone: FenceProgress = { ...before, goneSince };
    return now - goneSince >= UNSEEN_MILLIS
      ? is(`${resourceId} is gone`, verify(gone, now, 'RDS does not know it any more'))
      : is(`RDS does not show ${resourceId}`, gone);
  }
  const { identifier, probe, status } = instance;
  if (before.verifiedAt !== undefined && groupsInForce(instance, policy.quarantineGroup)) {
    return is(`${identifier} is fenced: ${before.evidence}`, { ...before, goneSince: undefined });
  }
  // Until the group is in force, nothing of before counts.
  const { groupsAskedAt } = before;
  if (!groupsAsked(instance, policy.quarantineGroup)) {
    const groups: Action = { kind: 'set-groups', on: targetOf(instance), groups: [policy.quarantineGroup] };
    const isAsked =
      groupsAskedAt !== undefined && !hasFailed(memory, groups) && now - groupsAskedAt < ASK_AGAIN_MILLIS;
    const reason = `${identifier} is not in quarantine`;
    return isAsked ? is(reason, { groupsAskedAt }) : is(reason, { groupsAskedAt: now }, [groups]);
  }
  if (!groupsInForce(instance, policy.quarantineGroup)) {
    return is(`the quarantine of ${identifier} is not in force yet`, { groupsAskedAt });
  }

  const reboot: Action = { kind: 'reboot', on: targetOf(instance) };
  const { rebootAskedAt } = before;
  // A call that was refused, or of which nobody knows, has restarted nothing: it is no evidence, and is repeated.
  const isAccepted = rebootAskedAt !== undefined && !hasFailed(memory, reboot);
  const isFirst = before.inForceAt === undefined;
  const isRefused = !probe.reached && probe.why === 'refused';
  const isReceived = isReceivedFrom(view, instance);
  const lives = probe.reached || isReceived;
  const isBeginning = isAccepted && !lives && status === 'rebooting';
  const progress: FenceProgress = {
    ...before,
    goneSince: undefined,
    inForceAt: before.inForceAt ?? now,
    refusals: isRefused && !isFirst ? (before.refusals ?? 0) + 1 : 0,
    ...(isFirst && probe.reached && { startedAt: probe.startedAt }),
    // A server that has come back meanwhile is not one that RDS cannot bring back. And a restart that was refused to us is
    // of RDS's own: it may have begun before the group was in force.
    rebootBegunAt: lives ? undefined : (before.rebootBegunAt ?? (isBeginning ? now : undefined)),
  };
  const evidence = evidenceOf(view, instance, progress);
  if (evidence) return is(`${identifier} is fenced: ${evidence}`, verify(progress, now, evidence));
  const isUnheard =
    isAccepted &&
    isOperational(status) &&
    now - Math.max(rebootAskedAt, progress.rebootBegunAt ?? 0) >= UNSEEN_MILLIS;
  // One that cannot be asked and sends to a replica was restarted, or never had to be: another restart only hurts.
  const isSpared = isReceived && !probe.reached;
  return isAccepted && (!isUnheard || isSpared)
    ? is(`the restart of ${identifier} is not through yet: it is ${status}`, progress)
    : is(
        `the quarantine of ${identifier} is in force; sessions from before live on`,
        { ...progress, rebootAskedAt: now, rebootBegunAt: undefined },
        [reboot],
      );
}

const verify = (progress: FenceProgress, now: number, evidence: string): FenceProgress => ({
  ...progress,
  verifiedAt: now,
  evidence,
});

/**
 * What shows that no client is left, in words; undefined when nothing does. The group is in force: nobody new comes in.
 *
 * Of a server that answers, its own start counts. Of one that does not, only a restart counts that RDS has accepted from
 * us and has been seen to begin: what was merely asked for has ended no session.
 *
 * That nobody reaches an instance which RDS cannot restart rests on this: RDS can restart any host that a client can
 * still reach (docs/failover.md, "What it cannot").
 */
function evidenceOf(view: View, instance: SeenInstance, progress: FenceProgress): string | undefined {
  const { policy, now } = view;
  const { probe, status } = instance;
  const { rebootBegunAt, inForceAt, startedAt, refusals = 0 } = progress;
  if (probe.reached) {
    // By one and the same server's clock if it was seen before; else by the lengths of time, with room for skew.
    const restarted =
      startedAt !== undefined
        ? probe.startedAt !== startedAt
        : probe.uptimeMillis + CLOCK_SKEW_MILLIS < now - inForceAt!;
    return restarted && probe.clientSessions === 0
      ? 'it was restarted in quarantine, and no client has a session'
      : undefined;
  }
  if (isReceivedFrom(view, instance)) return undefined;
  if (refusals >= REFUSALS) return 'nobody listens there any more';
  if (rebootBegunAt === undefined) return undefined;
  const sinceBegun = now - rebootBegunAt;
  if (isOperational(status)) {
    return sinceBegun >= oldestAnswerMillis(policy) ? 'RDS has restarted it in quarantine' : undefined;
  }
  return sinceBegun >= policy.managedFailoverGraceMillis
    ? `nobody reaches it, and RDS has not brought it back in ${seconds(sinceBegun)} s`
    : undefined;
}

/**
 * RDS may answer with what was before: an `available` that comes soon after `rebooting` may be older than that. Never
 * longer than a restart that does not end is waited for.
 */
const oldestAnswerMillis = ({ managedFailoverGraceMillis }: Policy): number =>
  Math.min(UNSEEN_MILLIS, managedFailoverGraceMillis);

const isReceivedFrom = ({ observation }: View, { identifier }: SeenInstance): boolean =>
  observation.instances.some(
    (other) => other.source === identifier && answers(other) && other.probe.receiving,
  );
