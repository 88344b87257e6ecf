/** Our controller with one expression of its source changed: mostly half of a guard left out. */

export interface Change {
  readonly name: string;
  /** In lambda/failover/. */
  readonly file: string;
  /** Is there exactly once. */
  readonly from: string;
  readonly to: string;
  /** Of a schedule that finds it. */
  readonly seed: number;
}

export const HALVES: readonly Change[] = [
  {
    name: 'counts a restart from when it was asked for',
    file: 'decide/fence.ts',
    from: 'const { rebootBegunAt, inForceAt, startedAt, refusals = 0 } = progress;',
    to: 'const { rebootAskedAt: rebootBegunAt, inForceAt, startedAt, refusals = 0 } = progress;',
    seed: 1573,
  },
  {
    name: 'gives a restart a tenth of its time',
    file: 'decide/fence.ts',
    from: 'return sinceBegun >= policy.managedFailoverGraceMillis\n',
    to: 'return sinceBegun >= policy.managedFailoverGraceMillis / 10\n',
    seed: 109,
  },
  {
    name: 'does not wait until the quarantine is in force',
    file: 'decide/fence.ts',
    from: '  if (!groupsInForce(instance, policy.quarantineGroup)) {\n    return is(`the quarantine',
    to: '  if (!groupsAsked(instance, policy.quarantineGroup)) {\n    return is(`the quarantine',
    seed: 1715,
  },
  {
    name: 'counts looks and no time',
    file: 'decide/detect.ts',
    from: 'looks !== undefined && looks.probes >= PROBES_AT_LEAST && now - looks.since >= policy.detectAfterMillis;',
    to: 'looks !== undefined && looks.probes >= PROBES_AT_LEAST;',
    seed: 328,
  },
  {
    name: 'leaves RDS no time',
    file: 'decide/detect.ts',
    from: '  if (care && now - careSince < care.graceMillis) {',
    to: '  if (care && now - careSince < 0) {',
    seed: 624,
  },
  {
    name: 'leaves RDS a third of its time',
    file: 'decide/detect.ts',
    from: '  if (care && now - careSince < care.graceMillis) {',
    to: '  if (care && now - careSince < care.graceMillis / 3) {',
    seed: 624,
  },
  {
    name: 'does not wait until no replica has missed it for long',
    file: 'decide/detect.ts',
    from: 'if (followersOf(view, primary).length > 0 && !lasts(silence)) {',
    to: 'if (followersOf(view, primary).length > 0 && !silence) {',
    seed: 1299,
  },
  {
    name: 'needs no acknowledgement',
    file: 'decide/detect.ts',
    from: 'if (lastFailover && !lastFailover.acknowledged && now - lastFailover.at < policy.minimumIntervalMillis) {',
    to: 'if (lastFailover && !lastFailover.acknowledged && now - lastFailover.at < 0) {',
    seed: 1542,
  },
  {
    name: 'opens without the proof of a write',
    file: 'decide/promote.ts',
    from: '  if (!hasProvedWrite(candidate, memory.epoch)) {\n    const open',
    to: '  if (!hasProvedWrite(candidate, candidate.probe.heartbeat.epoch)) {\n    const open',
    seed: 144,
  },
  {
    name: 'takes every old primary for lossless',
    file: 'decide/promote.ts',
    from: 'const isLossless = isOld ? failover.nothingLost === true : fork === undefined;',
    to: 'const isLossless = isOld || fork === undefined;',
    seed: 620,
  },
  {
    name: 'says that nothing is lost when the old primary is silent',
    file: 'decide/choose.ts',
    from: '    isFenced && answers(old) && compareLsn(candidate.probe.received, old.probe.received) >= 0;',
    to: '    isFenced && (!answers(old) || compareLsn(candidate.probe.received, old.probe.received) >= 0);',
    seed: 620,
  },
  {
    name: 'asks for the usual group only of an available primary',
    file: 'decide/heal.ts',
    from: '  if (isAsked && admits) return [];',
    to: "  if ((isAsked && admits) || primary.status !== 'available') return [];",
    seed: 502,
  },
  {
    name: 'takes the absence of sessions for a restart',
    file: 'decide/fence.ts',
    from: 'return restarted && probe.clientSessions === 0',
    to: 'return probe.clientSessions === 0',
    seed: 30874,
  },
  {
    name: 'goes on without a fence although the policy is strict',
    file: 'decide/fence.ts',
    from: "if (policy.fencePolicy === 'strict') return step('fence-unverified'",
    to: "if (policy.fencePolicy === 'never') return step('fence-unverified'",
    seed: 5,
  },
  {
    name: 'takes an error for no sign of life',
    file: 'decide/detect.ts',
    from: "!probe.reached && probe.why === 'rejected';",
    to: "!probe.reached && probe.message === 'rejected';",
    seed: 41,
  },
  {
    name: 'promotes who has left the common history',
    file: 'decide/choose.ts',
    from: 'if (elsewhere !== undefined) return elsewhere;',
    to: '',
    seed: 35,
  },
  {
    name: 'gives no new epoch to who follows a lost candidate',
    file: 'decide/promote.ts',
    from: "phase: 'fencing',\n    epoch: memory.epoch + 1,",
    to: "phase: 'fencing',\n    epoch: memory.epoch,",
    seed: 20009,
  },
  {
    name: 'moves the writer before it has proved a write',
    file: 'decide/heal.ts',
    from: 'const proved = hasProvedWrite(primary, memory.epoch) || observation',
    to: 'const proved = true || observation',
    seed: 35,
  },
  {
    name: 'takes an answer without the old primary for its end',
    file: 'decide/fence.ts',
    from: 'return now - goneSince >= UNSEEN_MILLIS\n',
    to: 'return now >= goneSince\n',
    seed: 734,
  },
];
