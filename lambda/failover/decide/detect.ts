/** Is the primary dead? What is seen before a failover, while the primary does not answer. */
import type { Failover, Memory, Suspicion } from '../memory';
import type { SeenInstance } from '../observation';
import { PROBES_AT_LEAST, UNSEEN_MILLIS } from '../policy';
import { isOperational, meaningOf } from '../statuses';
import { fencing } from './fence';
import { flapping } from './flapping';
import { isElsewhere } from './history';
import { type Step, step } from './step';
import {
  type Answering,
  type View,
  answers,
  byReceived,
  farBehind,
  isLeaving,
  isRetired,
  primaryOf,
  seconds,
} from './view';

/** A look that failed longer ago belongs to another story: the controller was away in between. */
const STALE_MILLIS = 90_000;

/** "Not available until the new name becomes effective", in about ten minutes (RDS guide, "Renaming"). */
const RENAMING_GRACE_MILLIS = 20 * 60_000;

/** The new name may work minutes after RDS says that all is done. */
const isSinceRenaming = ({ naming }: Memory, since: number): boolean =>
  naming?.primaryAt !== undefined && since - naming.primaryAt <= UNSEEN_MILLIS;

/** Replicas of `primary` that answer; not those in quarantine, nor those that are being deleted. */
const followersOf = ({ observation, memory }: View, { identifier }: SeenInstance): readonly Answering[] =>
  observation.instances.filter(
    (one): one is Answering =>
      answers(one) && one.source === identifier && !isRetired(memory, one) && !isLeaving(one),
  );

const receiversOf = (view: View, primary: SeenInstance): readonly Answering[] =>
  followersOf(view, primary).filter(({ probe }) => probe.receiving);

/**
 * Who would receive if the primary lived. Not a replica that has just been started: PostgreSQL tries to connect again only
 * every five seconds (wal_retrieve_retry_interval), so its silence tells of itself alone.
 */
const witnessesOf = (view: View, primary: SeenInstance): readonly Answering[] =>
  followersOf(view, primary).filter(
    ({ probe }) => !probe.receiving && probe.uptimeMillis >= view.policy.detectAfterMillis,
  );

/** An error that the server sends is an answer. */
const saysSomething = ({ probe }: SeenInstance): boolean => !probe.reached && probe.why === 'rejected';

/** It answers, if only with an error, or somebody receives from it. */
const showsLife = (view: View, primary: SeenInstance): boolean =>
  primary.probe.reached || saysSomething(primary) || receiversOf(view, primary).length > 0;

/** `Memory.quietSince` after this round. */
export const quietSince = (view: View, primary: SeenInstance): number | undefined =>
  showsLife(view, primary) ? undefined : (view.memory.quietSince ?? view.now);

/** What is known of the primary's silence after this round. */
export function suspect(view: View, primary: SeenInstance): Suspicion | undefined {
  if (primary.probe.reached) return undefined;
  const { memory, now } = view;
  const known = memory.suspicion;
  const before = known && now - known.last <= STALE_MILLIS ? known : { since: now, last: now, probes: 0 };
  const looks: Suspicion = { since: before.since, last: now, probes: before.probes + 1 };
  // What was counted while it lived counts nothing for its death.
  if (showsLife(view, primary)) return looks;
  const { silence = { since: now, probes: 0 }, careSince } = before;
  return {
    ...looks,
    ...(witnessesOf(view, primary).length > 0
      ? { silence: { since: silence.since, probes: silence.probes + 1 } }
      : before.silence && { silence: before.silence }),
    careSince: careSince ?? (careOf(view, primary) ? now : undefined),
  };
}

/** What RDS does with the primary, in words, and for how long that is waited for; undefined when it does nothing. */
function careOf(
  { memory, policy, now }: View,
  { status, multiAz, probe }: SeenInstance,
): { readonly says: string; readonly graceMillis: number } | undefined {
  const graceMillis = policy.managedFailoverGraceMillis;
  if (status === 'renaming' || isSinceRenaming(memory, memory.suspicion?.since ?? now)) {
    return { says: 'it is being renamed', graceMillis: RENAMING_GRACE_MILLIS };
  }
  if (multiAz) return { says: 'RDS has a standby for it', graceMillis };
  const isStarting = !probe.reached && probe.why === 'starting';
  return meaningOf(status).inCare === true || isStarting
    ? { says: `RDS says that it is ${status}`, graceMillis }
    : undefined;
}

/**
 * RDS was at work on it in this silence, and shows it as it usually is by now: that may be an answer of before, and else it
 * has only just finished.
 */
const careBefore = (
  { memory: { suspicion }, policy }: View,
  { status }: SeenInstance,
): ReturnType<typeof careOf> =>
  suspicion?.careSince === undefined || !isOperational(status)
    ? undefined
    : { says: 'RDS was at work on it just now', graceMillis: policy.managedFailoverGraceMillis };

/** The primary does not answer: what that is, and whether a failover begins. */
export function missed(view: View): Step {
  const { memory, policy, now, observation } = view;
  const primary = primaryOf(view);
  if (!primary || isLeaving(primary)) {
    const what = primary ? `${primary.identifier} is being deleted` : `RDS does not know ${memory.primary}`;
    return step('primary-missing', memory, [what]);
  }
  const suspicion = memory.suspicion!;
  const said = primary.probe.reached ? '' : primary.probe.message;
  const reasons = [
    `${primary.identifier} has not answered ${suspicion.probes} looks in ${seconds(now - suspicion.since)} s: ${said}`,
  ];
  const lasts = (looks: { readonly since: number; readonly probes: number } | undefined): boolean =>
    looks !== undefined && looks.probes >= PROBES_AT_LEAST && now - looks.since >= policy.detectAfterMillis;
  const flaps = flapping(view, primary.resourceId);
  const suspected = (because: readonly string[]): Step =>
    flaps === undefined
      ? step('primary-suspected', memory, because)
      : step('primary-flaps', memory, [...because, `${primary.identifier} ${flaps}`]);
  if (!lasts(suspicion)) return suspected(reasons);

  const others = observation.instances.filter(
    (instance): instance is Answering =>
      answers(instance) && instance !== primary && !isRetired(memory, instance) && !isLeaving(instance),
  );
  if (others.length === 0) {
    return step('cut-off', memory, [...reasons, 'no replica answers either']);
  }
  const receiving = receiversOf(view, primary);
  if (receiving.length > 0) {
    const names = receiving.map(({ identifier }) => identifier).join(', ');
    return step('primary-unreachable-but-alive', memory, [...reasons, `${names} still receives from it`]);
  }
  if (saysSomething(primary)) {
    return step('primary-unreachable-but-alive', memory, [
      ...reasons,
      'it answers, and rejects the controller',
    ]);
  }
  const { silence, careSince = now } = suspicion;
  if (followersOf(view, primary).length > 0 && !lasts(silence)) {
    const shown = silence ? `for ${seconds(now - silence.since)} s` : 'yet: they were started just now';
    return suspected([...reasons, `no replica has missed it ${shown}`]);
  }
  const care = careOf(view, primary) ?? careBefore(view, primary);
  if (care && now - careSince < care.graceMillis) {
    const wait = `${care.says}; waiting ${seconds(care.graceMillis)} s in all`;
    return step('primary-in-rds-care', memory, [...reasons, wait]);
  }

  const evidence = [
    ...reasons,
    `${others.map(({ identifier }) => identifier).join(', ')} can be reached and does not receive`,
  ];
  const replicas = followersOf(view, primary);
  const cannot = ({ probe }: Answering) => isElsewhere(view, probe) ?? farBehind(view, probe);
  const fit = replicas.filter((one) => one.probe.inRecovery && cannot(one) === undefined).sort(byReceived);
  if (fit.length === 0) {
    const behind = replicas.map(
      (replica) => `${replica.identifier} ${cannot(replica) ?? 'is no replica any more'}`,
    );
    return step('no-fit-candidate', memory, [...evidence, ...behind]);
  }
  const { lastFailover } = memory;
  if (lastFailover && !lastFailover.acknowledged && now - lastFailover.at < policy.minimumIntervalMillis) {
    const ago = `the last failover was ${seconds(now - lastFailover.at)} s ago, the minimum is ${seconds(policy.minimumIntervalMillis)} s`;
    return step('needs-acknowledgement', memory, [...evidence, ago]);
  }
  if (policy.mode === 'notify') return step('would-fail-over', memory, evidence);

  const begun = begin(view, primary, { kind: 'automatic', by: 'controller', suspectedAt: suspicion.since });
  return fencing({ ...view, memory: begun }, { state: 'primary-dead', reasons: evidence });
}

/** The memory of a failover that begins now. */
export function begin(
  view: View,
  primary: { readonly resourceId: string; readonly identifier: string },
  how: Pick<Failover, 'kind' | 'by' | 'suspectedAt' | 'candidate' | 'override'>,
): Memory {
  const { memory, now, observation } = view;
  const siblings = observation.instances
    .filter((one) => one.source === primary.identifier && !isRetired(memory, one))
    .map(({ resourceId }) => resourceId);
  return {
    ...memory,
    suspicion: undefined,
    naming: undefined,
    phase: 'fencing',
    epoch: memory.epoch + 1,
    failover: {
      ...how,
      silentFrom: memory.quietSince,
      from: primary.resourceId,
      decidedAt: now,
      fence: { [primary.resourceId]: {} },
      siblings,
    },
  };
}
