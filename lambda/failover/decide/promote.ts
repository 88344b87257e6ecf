/** From the promotion to the first write of a client: phases `promoting` and `opening`. */
import type { Action } from '../decision';
import { compareLsn } from '../lsn';
import type { Failover, Fork, Memory, Retired } from '../memory';
import { PROMOTE_TIMEOUT_MILLIS, PROMOTION_STUCK_MILLIS, UNSEEN_MILLIS } from '../policy';
import { isOpen, isOperational } from '../statuses';
import { chooseAgain, isAccepted, isRefused, promotionOf } from './choose';
import { fencing } from './fence';
import { hasFailed, isDue } from './retry';
import { historyOf } from './history';
import { type Step, step } from './step';
import {
  type Answering,
  type View,
  answers,
  find,
  hasProvedWrite,
  isBroken,
  isLeaving,
  namesFor,
  sameNames,
  seconds,
  targetOf,
} from './view';

/** Since when the candidate has not answered is remembered, and that RDS has taken its promotion. */
function listening(view: View): View {
  const { memory, now } = view;
  const failover = memory.failover!;
  const candidate = find(view, failover.candidate);
  const silentSince = answers(candidate) ? undefined : (failover.silentSince ?? now);
  const accepted = candidate !== undefined && isAccepted(view, candidate) ? { isAccepted: true } : {};
  return { ...view, memory: { ...memory, failover: { ...failover, silentSince, ...accepted } } };
}

const silenceOf = ({ memory, now }: View): number => now - (memory.failover!.silentSince ?? now);

/** Phase `promoting`, once somebody was asked. */
export function promoting(before: View): Step {
  const view = listening(before);
  const { memory, now } = view;
  const failover = memory.failover!;
  const candidate = find(view, failover.candidate);
  const waited = now - failover.promoteAskedAt!;
  if (!candidate || isBroken(candidate) || isLeaving(candidate)) return lost(view);
  if (isRefused(view, candidate)) {
    return chooseAgain(view, `RDS does not promote ${candidate.identifier}, which is ${candidate.status}`);
  }
  if (!answers(candidate) && silenceOf(view) >= PROMOTE_TIMEOUT_MILLIS) return lost(view);

  const { identifier, status, source } = candidate;
  const promoted =
    answers(candidate) && !candidate.probe.inRecovery && source === undefined && isOpen(status);
  if (promoted) {
    const open: Memory = { ...memory, phase: 'opening', failover: { ...failover, promotedAt: now } };
    return opening({ ...view, memory: open });
  }
  // Also one that answers: who is asked for ever keeps another one from its turn. With nobody else it is waited for.
  const lasts = lastsOf(failover, now);
  if (lasts >= PROMOTE_TIMEOUT_MILLIS && hasAnother(view)) return lost(view);
  const state = lasts >= PROMOTION_STUCK_MILLIS ? 'promotion-stuck' : 'promoting';
  const ask = promotionOf(view, candidate);
  const stillReplica = source !== undefined && answers(candidate) && candidate.probe.inRecovery;
  const isTime = hasFailed(memory, ask) ? isDue(memory, ask, now) : waited >= UNSEEN_MILLIS;
  const unheard = stillReplica && isOperational(status) && isTime;
  const reason = `${identifier} is ${status}, ${stillReplica ? 'and still a replica' : 'and not open yet'}, after ${seconds(lasts)} s`;
  if (!unheard) return step(state, withLaterFork(view, candidate), [reason]);
  const again = withLaterFork(view, candidate);
  return step(
    state,
    { ...again, failover: { ...again.failover!, promoteAskedAt: now } },
    [reason, 'RDS has not heard it'],
    [ask],
  );
}

/** How long a promotion has been under way; what was on hold is not counted. */
const lastsOf = ({ promotionSince, promoteAskedAt, limitsFrom = 0 }: Failover, now: number): number =>
  now - Math.max(promotionSince ?? promoteAskedAt ?? now, limitsFrom);

/** What an old primary in quarantine still sent before the promotion belongs to the common history. */
function withLaterFork({ memory, now }: View, candidate: ReturnType<typeof find>): Memory {
  const { fork } = memory.failover!;
  if (!fork || !answers(candidate) || !candidate.probe.inRecovery) return memory;
  const { replayed, snapshot, timeline, heartbeat } = candidate.probe;
  if (replayed === fork.lsn) return memory;
  const later = { ...fork, lsn: replayed, snapshot, timeline, heartbeatAt: heartbeat.at, at: now };
  return { ...memory, failover: { ...memory.failover!, fork: later } };
}

function lost(view: View): Step {
  const { candidate, fork, namesAskedAt } = view.memory.failover!;
  const instance = find(view, candidate);
  const hasServed = namesAskedAt !== undefined && fork !== undefined;
  const what = instance ? `${instance.identifier} is ${instance.status}` : `${candidate} is gone`;
  const served = hasServed ? 'clients may have written to it' : 'it has taken no write of a client';
  return fencing(
    { ...view, memory: withoutCandidate(view) },
    { state: 'candidate-lost', reasons: [`${what}; ${served}`] },
  );
}

/** It is fenced as the old primary was, and another one gets a new epoch: one epoch promotes one instance at most. */
export function withoutCandidate({ memory, now }: View): Memory {
  const { candidate, ...failover } = memory.failover!;
  const { fork, namesAskedAt } = failover;
  const hasServed = namesAskedAt !== undefined && fork !== undefined;
  return {
    ...memory,
    phase: 'fencing',
    epoch: memory.epoch + 1,
    failover: {
      ...failover,
      fork: undefined,
      isNamed: undefined,
      asked: undefined,
      isAccepted: undefined,
      promoteAskedAt: undefined,
      promotionSince: undefined,
      promotedAt: undefined,
      silentSince: undefined,
      namesAskedAt: undefined,
      fencedAt: undefined,
      ...(hasServed && { served: { ...failover.served, [candidate!]: fork } }),
      limitsFrom: now,
      fence: { ...failover.fence, [candidate!]: {} },
    },
  };
}

/** Phase `opening`: prove a write, then move the names. */
export function opening(before: View): Step {
  const view = listening(before);
  const { memory, now, observation, policy } = view;
  const failover = memory.failover!;
  const candidate = find(view, failover.candidate);
  if (!candidate || isBroken(candidate) || isLeaving(candidate)) return lost(view);
  if (!answers(candidate)) {
    // Its promotion is through: what brings it back now is what brings a primary back.
    // And when there is nobody else, it is waited for as long as it takes.
    return silenceOf(view) >= policy.managedFailoverGraceMillis && hasAnother(view)
      ? lost(view)
      : step('opening', memory, [`${candidate.identifier} does not answer: ${said(candidate)}`]);
  }
  if (!hasProvedWrite(candidate, memory.epoch)) {
    const open: Action = {
      kind: 'open',
      on: targetOf(candidate),
      epoch: memory.epoch,
      // Those that clients wrote to before had their gap from the same start.
      sequenceGap: policy.sequenceGap * (1 + Object.keys(failover.served ?? {}).length),
    };
    return step('opening', memory, [`${candidate.identifier} has not proved a write`], [open]);
  }
  const names = namesFor(candidate, [])!;
  if (!sameNames(observation.names, names)) {
    const move: Action = { kind: 'move-names', from: observation.names, to: names };
    const moving = { ...failover, namesAskedAt: failover.namesAskedAt ?? now };
    return step(
      'names-moving',
      { ...memory, failover: moving },
      [`${candidate.identifier} has written epoch ${memory.epoch}`],
      [move],
    );
  }
  return opened(view, candidate);
}

/** A sibling that may be chosen in its place. */
function hasAnother(view: View): boolean {
  const { siblings, fence, candidate } = view.memory.failover!;
  return siblings.some((id) => {
    const instance = find(view, id);
    return id !== candidate && !(id in fence) && instance && !isBroken(instance) && !isLeaving(instance);
  });
}

const said = ({ probe }: { probe: Answering['probe'] | { reached: false; message: string } }) =>
  probe.reached ? '' : probe.message;

/** Without its fork, nobody can tell the lost writes in a snapshot of an old primary from the others. */
const FORKS_AT_MOST = 20;

function opened(view: View, candidate: Answering): Step {
  const { memory, now } = view;
  const failover = memory.failover!;
  // Also whom RDS does not show just now.
  const retired = Object.entries(failover.fence).map(([resourceId, fence]): Retired => {
    const isOld = resourceId === failover.from;
    const fork = isOld ? failover.fork : forkOfLost(failover, resourceId);
    const isLossless = isOld ? failover.nothingLost === true : fork === undefined;
    return {
      resourceId,
      epoch: memory.epoch,
      since: now,
      recovery: isLossless ? 'nothing lost' : 'needed',
      ...(fork && { fork }),
      ...(fence.verifiedAt === undefined && { fence }),
    };
  });
  const healed: Memory = {
    ...memory,
    phase: 'healing',
    primary: candidate.resourceId,
    beat: { last: candidate.probe.heartbeat.at, before: candidate.probe.heartbeat.at },
    retired: [...memory.retired, ...retired],
    forks: [
      ...(memory.forks ?? []),
      ...retired.flatMap(({ recovery, fork }) => (recovery === 'needed' && fork ? [fork] : [])),
    ].slice(-FORKS_AT_MOST),
    history: historyOf(candidate.probe),
    suspicion: undefined,
    unfitSince: {},
    creating: {},
    failover: { ...failover, openedAt: now },
  };
  const took = seconds(now - (failover.suspectedAt ?? failover.decidedAt));
  return step('opened', healed, [
    `${candidate.identifier} is the primary of epoch ${memory.epoch}, after ${took} s`,
  ]);
}

/**
 * Where the new primary's history leaves that of a lost candidate which clients may have written to. That had left the old
 * primary's by itself, perhaps earlier.
 */
function forkOfLost({ fork, served = {} }: Failover, resourceId: string): Fork | undefined {
  const own = served[resourceId];
  if (!own || !fork) return own;
  const earlier = compareLsn(own.lsn, fork.lsn) < 0 ? own : fork;
  return { ...earlier, epoch: fork.epoch, from: resourceId, to: fork.to };
}
