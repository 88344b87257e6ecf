/** Who is promoted, and where its history leaves the old one's. */
import type { Action } from '../decision';
import { compareLsn } from '../lsn';
import type { Fork, Memory } from '../memory';
import type { SeenInstance } from '../observation';
import { CATCH_UP_MILLIS } from '../policy';
import { refusalOf } from './retry';
import { giveUp, hasReturned, mayGoBack } from './return';
import { type Step, step } from './step';
import { type Answering, type View, answers, byReceived, farBehind, find, targetOf } from './view';
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
  // Whom nobody has fenced may take more writes as long as he pleases.
  const isFenced = failover.fence[failover.from]?.verifiedAt !== undefined;
  const nothingLost =
    isFenced && answers(old) && compareLsn(candidate.probe.received, old.probe.received) >= 0;
  const fork: Fork = {
    epoch: memory.epoch,
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
    ...(failover.kind === 'automatic' && { lastFailover: { at: now, acknowledged: false } }),
    failover: { ...failover, candidate: candidate.resourceId, fork, nothingLost, promoteAskedAt: now },
  };
  return step('candidate-chosen', asked, reasons, [promotionOf(view, candidate)]);
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
  const { kind, fencedAt = now, limitsFrom = 0, from } = memory.failover!;
  if (now - Math.max(fencedAt, limitsFrom) < CATCH_UP_MILLIS || !mayGoBack(memory))
    return step(state, memory, reasons);
  if (kind === 'switchover') return giveUp(view, 'switchover-given-up');
  const old = find(view, from);
  const lives = answers(old) && !old.probe.inRecovery;
  const isWanted = kind === 'promote' && candidatesOf(view).length > 0;
  return lives && !isWanted ? giveUp(view, 'primary-returned') : step(state, memory, reasons);
}

/** Replicas of the old primary that are still there, and were not lost. */
const candidatesOf = ({ memory, observation }: View): readonly SeenInstance[] =>
  observation.instances.filter(
    ({ resourceId }) =>
      memory.failover!.siblings.includes(resourceId) && !(resourceId in memory.failover!.fence),
  );

/** The replica with the highest received LSN of those that may be promoted, or why there is none. */
function bestOf(view: View): Answering | string {
  const { candidate, override } = view.memory.failover!;
  const asked = candidatesOf(view).filter(({ resourceId }) => !candidate || resourceId === candidate);
  const able = asked.filter(
    (instance): instance is Answering =>
      answers(instance) && instance.probe.inRecovery && instance.status === 'available',
  );
  const fit = override?.lag ? able : able.filter(({ probe }) => !farBehind(view, probe));
  const [best] = [...fit].sort(byReceived);
  if (best) return best;
  if (able.length > 0) {
    return able.map(({ identifier, probe }) => `${identifier} ${farBehind(view, probe)}`).join('; ');
  }
  const seen = asked.map(({ identifier, status, probe }) =>
    probe.reached ? `${identifier} is ${status}` : `${identifier} cannot be reached: ${probe.message}`,
  );
  return seen.join('; ') || 'there is no replica left';
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
