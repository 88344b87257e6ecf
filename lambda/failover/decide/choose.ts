/** Who is promoted, and where its history leaves the old one's. */
import { type Action, keyOf } from '../decision';
import { compareLsn } from '../lsn';
import type { Fork, Memory } from '../memory';
import type { SeenInstance } from '../observation';
import { CATCH_UP_MILLIS, UNSEEN_MILLIS } from '../policy';
import { isOperational } from '../statuses';
import { isDue, refusalOf } from './retry';
import { giveUp, hasReturned, mayGoBack } from './return';
import { isElsewhere } from './history';
import { type Step, step } from './step';
import {
  type Answering,
  type View,
  answers,
  byReceived,
  farBehind,
  find,
  isBroken,
  isLeaving,
  targetOf,
} from './view';
import { overlap } from './window';

/** Phase `promoting`, before anybody was asked to be promoted. The fence holds. */
export function choosing(view: View, before: readonly string[] = []): Step {
  const { memory, now } = view;
  const failover = memory.failover!;
  if (hasReturned(view)) return giveUp(view, 'primary-returned');

  const candidate = bestOf(view);
  if (typeof candidate === 'string') return orGiveUp(view, 'candidate-unfit', [...before, candidate]);
  const waits = incomplete(view, candidate);
  if (waits) return orGiveUp(view, 'candidate-replaying', [...before, waits]);

  const old = find(view, failover.from);
  // One epoch promotes one instance at most, also when RDS has refused it.
  const isOther = failover.asked !== undefined && failover.asked !== candidate.resourceId;
  const epoch = isOther ? memory.epoch + 1 : memory.epoch;
  // Whom nobody has fenced may take more writes as long as he pleases.
  const isFenced = failover.fence[failover.from]?.verifiedAt !== undefined;
  const nothingLost =
    isFenced && answers(old) && compareLsn(candidate.probe.received, old.probe.received) >= 0;
  const fork: Fork = {
    epoch,
    from: failover.from,
    to: candidate.resourceId,
    lsn: candidate.probe.replayed,
    snapshot: candidate.probe.snapshot,
    timeline: candidate.probe.timeline,
    system: candidate.probe.system,
    heartbeatAt: candidate.probe.heartbeat.at,
    at: now,
  };
  const reasons = [
    ...before,
    `${candidate.identifier} has received most: ${candidate.probe.received}`,
    `the fork is at ${fork.lsn} on timeline ${fork.timeline}, snapshot ${fork.snapshot}`,
  ];
  const asked: Memory = {
    ...memory,
    epoch,
    ...(failover.kind === 'automatic' && { lastFailover: { at: now, acknowledged: false } }),
    failover: {
      ...failover,
      candidate: candidate.resourceId,
      ...(failover.candidate !== undefined && { isNamed: true }),
      asked: candidate.resourceId,
      fork,
      nothingLost,
      promoteAskedAt: now,
      promotionSince: now,
    },
  };
  // While it is refused and asked again, that is what people must know.
  const state = isUnready(view, candidate) ? 'candidate-unfit' : 'candidate-chosen';
  return step(state, asked, reasons, [promotionOf(view, candidate)]);
}

/**
 * New replicas need a source that keeps backups, whatever the settings say. The window of backups is given as long as RDS
 * does not refuse it: nothing may keep a failover from its end that can be set afterwards.
 */
export function promotionOf({ memory, policy }: View, candidate: SeenInstance): Action {
  const { backupWindow } = policy;
  const promote: Action = {
    kind: 'promote',
    on: targetOf(candidate),
    backupDays: Math.max(1, policy.backupDays),
  };
  const maintenance = candidate.maintenanceWindow ?? policy.maintenanceWindow;
  const isRefused = overlap(backupWindow, maintenance) || refusalOf(memory, promote)?.outcome === 'invalid';
  return isRefused ? promote : { ...promote, backupWindow };
}

/**
 * A switchover does not wait for ever: its primary is well. Nor does a failover whose old primary answers by now, and has
 * what no candidate can get any more. Who was asked for by a human is waited for, as long as there is one.
 */
function orGiveUp(
  view: View,
  state: 'candidate-unfit' | 'candidate-replaying',
  reasons: readonly string[],
): Step {
  const { memory, now } = view;
  const { kind, fencedAt = now, limitsFrom = 0, from, asked } = memory.failover!;
  const isTime = now - Math.max(fencedAt, limitsFrom) >= CATCH_UP_MILLIS;
  // One that RDS refuses to promote will not be ready by waiting a little.
  const isHopeless = kind === 'switchover' && asked !== undefined;
  if (!(isTime || isHopeless) || !mayGoBack(memory)) return step(state, memory, reasons);
  if (kind === 'switchover') return giveUp(view, 'switchover-given-up');
  const old = find(view, from);
  const lives = answers(old) && !old.probe.inRecovery;
  const isWanted = kind === 'promote' && candidatesOf(view).some((one) => mayStillBe(view, one));
  return lives && !isWanted ? giveUp(view, 'primary-returned') : step(state, memory, reasons);
}

/** Waiting makes none of what RDS has given up, nor of what has left the common history. */
const mayStillBe = (view: View, one: SeenInstance): boolean =>
  !isBroken(one) && !isLeaving(one) && !(answers(one) && isElsewhere(view, one.probe) !== undefined);

/** Replicas of the old primary that are still there, and were not lost. */
const candidatesOf = ({ memory, observation }: View): readonly SeenInstance[] =>
  observation.instances.filter(
    ({ resourceId }) =>
      memory.failover!.siblings.includes(resourceId) && !(resourceId in memory.failover!.fence),
  );

/**
 * The replica with the highest received LSN of those that may be promoted, or why there is none. Of those that RDS would
 * promote by their status, if there are any: else the others are asked too. Who was just refused is passed over; when all
 * were, the last is asked again, and another one when it is `available`.
 */
function bestOf(view: View): Answering | string {
  const { candidate, override, asked } = view.memory.failover!;
  const named = candidatesOf(view).filter(({ resourceId }) => !candidate || resourceId === candidate);
  const able = named.filter((one): one is Answering => cannot(view, one) === undefined);
  const fit = override?.lag ? able : able.filter(({ probe }) => !farBehind(view, probe));
  const never = fit.filter((one) => !isUnready(view, one));
  const again = fit.filter(({ status, resourceId }) => status === 'available' || resourceId === asked);
  const fresh = never.length > 0 ? never : again;
  const likely = fresh.filter(({ status }) => isOperational(status));
  const [best] = [...(likely.length > 0 ? likely : fresh)].sort(byReceived);
  if (best) return best;
  const why = named.map((one) => {
    const far = answers(one) ? farBehind(view, one.probe) : undefined;
    return `${one.identifier} ${cannot(view, one) ?? far ?? 'was refused by RDS'}`;
  });
  return why.join('; ') || 'there is no replica left';
}

/** Why nobody asks RDS to promote it now. */
function cannot(view: View, one: SeenInstance): string | undefined {
  const { memory, now } = view;
  if (isBroken(one) || isLeaving(one)) return `is ${one.status}`;
  if (!answers(one)) return `cannot be reached: ${one.probe.reached ? '' : one.probe.message}`;
  const elsewhere = isElsewhere(view, one.probe);
  if (elsewhere !== undefined) return elsewhere;
  if (!one.probe.inRecovery) return 'takes writes by itself';
  const promote = promotionOf(view, one);
  return isDue(memory, promote, now) || !isUnready(view, one)
    ? undefined
    : `is ${one.status}, and RDS does not promote it: ${refusalOf(memory, promote)!.said}`;
}

/** What became of the promotion that was asked for last. It is forgotten when it was accepted (decide/retry.ts). */
const lastOf = ({ memory }: View, candidate: SeenInstance) =>
  memory.backoff[keyOf({ kind: 'promote', on: targetOf(candidate), backupDays: 1 })];

/** RDS has taken the call: from then on a refusal may only say that it is at work. */
export const isAccepted = (view: View, candidate: SeenInstance): boolean =>
  lastOf(view, candidate) === undefined;

/** RDS does not promote it in its state. What is denied, throttled or wrong would be so of any other one. */
export const isUnready = (view: View, candidate: SeenInstance): boolean =>
  lastOf(view, candidate)?.last?.outcome === 'wrong-state';

/** Every call was refused, so that none can be under way: nobody has to be fenced for another one to be chosen. */
export function isRefused(view: View, candidate: SeenInstance): boolean {
  const { memory, now } = view;
  const { failures, last } = lastOf(view, candidate) ?? {};
  if (!isUnready(view, candidate) || memory.failover!.isAccepted || candidate.source === undefined)
    return false;
  // Also after a call that was not answered: by now RDS would show that it is at work.
  const isIdle = isOperational(candidate.status) && answers(candidate) && candidate.probe.inRecovery;
  return last!.times === failures || (isIdle && now - last!.since >= UNSEEN_MILLIS);
}

/** RDS does not promote who was chosen: another one is, or it is asked again. The first stays a replica like the others. */
export function chooseAgain(view: View, reason: string): Step {
  const { lastFailover, ...memory } = view.memory;
  const failover = memory.failover!;
  const again: Memory = {
    ...memory,
    // It was of the promotion that did not begin.
    ...(lastFailover && failover.kind !== 'automatic' && { lastFailover }),
    failover: {
      ...failover,
      candidate: failover.isNamed ? failover.candidate : undefined,
      fork: undefined,
      promoteAskedAt: undefined,
      promotionSince: undefined,
      silentSince: undefined,
    },
  };
  return choosing({ ...view, memory: again }, [reason]);
}

/** What the candidate still waits for. Who accepts a loss does not wait for what the old primary has. */
function incomplete(view: View, { identifier, probe }: Answering): string | undefined {
  const { from, override } = view.memory.failover!;
  const old = find(view, from);
  const mayMiss = override?.lag === true;
  if (!mayMiss && answers(old) && compareLsn(probe.received, old.probe.received) < 0) {
    return `${identifier} has received ${probe.received}, ${old.identifier} has ${old.probe.received}`;
  }
  if (!mayMiss && !answers(old) && probe.receiving) return `${identifier} still receives`;
  if (compareLsn(probe.replayed, probe.received) < 0) {
    return `${identifier} has replayed ${probe.replayed} of ${probe.received}`;
  }
  return undefined;
}
