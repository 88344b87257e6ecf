/** Who is promoted, and where its history leaves the old one's. */
import { compareLsn } from '../lsn';
import type { Fork, Memory } from '../memory';
import { CATCH_UP_MILLIS } from '../policy';
import { giveUp, hasReturned } from './return';
import { type Step, step } from './step';
import { type Answering, type View, answers, byReceived, farBehind, find, targetOf } from './view';

/** Phase `promoting`, before anybody was asked to be promoted. The fence holds. */
export function choosing(view: View, before: readonly string[] = []): Step {
  const { memory, now } = view;
  const failover = memory.failover!;
  if (hasReturned(view)) return giveUp(view, 'primary-returned');

  const candidate = bestOf(view);
  if (typeof candidate === 'string') {
    if (failover.kind === 'switchover') return orGiveUp(view, 'candidate-unfit', [...before, candidate]);
    return step('candidate-unfit', memory, [...before, candidate]);
  }
  const waits = incomplete(view, candidate);
  if (waits) return orGiveUp(view, 'candidate-replaying', [...before, waits]);

  const old = find(view, failover.from);
  // Whom nobody has fenced may take more writes as long as he pleases.
  const isFenced = failover.fence[failover.from]?.verifiedAt !== undefined;
  const nothingLost = isFenced && answers(old);
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
  return step('candidate-chosen', asked, reasons, [
    { kind: 'promote', on: targetOf(candidate), backupDays: backupDays(view) },
  ]);
}

/** New replicas need a source that keeps backups, whatever the settings say. */
export const backupDays = ({ policy }: View): number => Math.max(1, policy.backupDays);

/** A switchover does not wait for ever: its primary is well. */
function orGiveUp(
  view: View,
  state: 'candidate-unfit' | 'candidate-replaying',
  reasons: readonly string[],
): Step {
  const { kind, fencedAt } = view.memory.failover!;
  const waited = view.now - (fencedAt ?? view.now);
  return kind === 'switchover' && waited >= CATCH_UP_MILLIS
    ? giveUp(view, 'switchover-given-up')
    : step(state, view.memory, reasons);
}

/** The replica with the highest received LSN of those that may be promoted, or why there is none. */
function bestOf(view: View): Answering | string {
  const { memory, observation } = view;
  const { candidate, siblings, override, fence } = memory.failover!;
  const asked = observation.instances.filter(
    ({ resourceId }) =>
      siblings.includes(resourceId) && !(resourceId in fence) && (!candidate || resourceId === candidate),
  );
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

/** What the candidate still waits for. */
function incomplete(view: View, { identifier, probe }: Answering): string | undefined {
  const old = find(view, view.memory.failover!.from);
  if (answers(old) && compareLsn(probe.received, old.probe.received) < 0) {
    return `${identifier} has received ${probe.received}, ${old.identifier} has ${old.probe.received}`;
  }
  if (!answers(old) && probe.receiving) return `${identifier} still receives`;
  if (compareLsn(probe.replayed, probe.received) < 0) {
    return `${identifier} has replayed ${probe.replayed} of ${probe.received}`;
  }
  return undefined;
}
