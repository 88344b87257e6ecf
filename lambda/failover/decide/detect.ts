/** Is the primary dead? What is seen before a failover, while the primary does not answer. */
import type { Failover, Memory, Suspicion } from '../memory';
import type { SeenInstance } from '../observation';
import { PROBES_AT_LEAST, UNSEEN_MILLIS } from '../policy';
import { meaningOf } from '../statuses';
import { fencing } from './fence';
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
const isSinceRenaming = ({ naming }: Memory, { since }: Suspicion): boolean =>
  naming?.primaryAt !== undefined && since - naming.primaryAt <= UNSEEN_MILLIS;

/** What is known of the primary's silence after this round. */
export function suspect({ memory, now }: View, primary: SeenInstance): Suspicion | undefined {
  if (primary.probe.reached) return undefined;
  const { suspicion } = memory;
  return suspicion && now - suspicion.last <= STALE_MILLIS
    ? { ...suspicion, last: now, probes: suspicion.probes + 1 }
    : { since: now, last: now, probes: 1 };
}

/** The primary does not answer: what that is, and whether a failover begins. */
export function missed(view: View): Step {
  const { memory, policy, now, observation } = view;
  const primary = primaryOf(view);
  if (!primary || isLeaving(primary)) {
    const what = primary ? `${primary.identifier} is being deleted` : `RDS does not know ${memory.primary}`;
    return step('primary-missing', memory, [what]);
  }
  const suspicion = memory.suspicion!;
  const silence = now - suspicion.since;
  const said = primary.probe.reached ? '' : primary.probe.message;
  const reasons = [
    `${primary.identifier} has not answered ${suspicion.probes} looks in ${seconds(silence)} s: ${said}`,
  ];
  if (suspicion.probes < PROBES_AT_LEAST || silence < policy.detectAfterMillis) {
    return step('primary-suspected', memory, reasons);
  }

  const others = observation.instances.filter(
    (instance): instance is Answering =>
      answers(instance) && instance !== primary && !isRetired(memory, instance),
  );
  if (others.length === 0) {
    return step('cut-off', memory, [...reasons, 'no replica answers either']);
  }
  const receiving = others.filter(({ probe, source }) => probe.receiving && source === primary.identifier);
  if (receiving.length > 0) {
    const names = receiving.map(({ identifier }) => identifier).join(', ');
    return step('primary-unreachable-but-alive', memory, [...reasons, `${names} still receives from it`]);
  }
  const why = primary.probe.reached ? undefined : primary.probe.why;
  if (why === 'rejected') {
    return step('primary-unreachable-but-alive', memory, [
      ...reasons,
      'it answers, and rejects the controller',
    ]);
  }
  const isRenamed = primary.status === 'renaming' || isSinceRenaming(memory, suspicion);
  const inCare =
    isRenamed || primary.multiAz || meaningOf(primary.status).inCare === true || why === 'starting';
  const grace = isRenamed ? RENAMING_GRACE_MILLIS : policy.managedFailoverGraceMillis;
  if (inCare && silence < grace) {
    const care = isRenamed
      ? 'it is being renamed'
      : primary.multiAz
        ? 'RDS has a standby for it'
        : `RDS says that it is ${primary.status}`;
    return step('primary-in-rds-care', memory, [...reasons, `${care}; waiting ${seconds(grace)} s in all`]);
  }

  const evidence = [
    ...reasons,
    `${others.map(({ identifier }) => identifier).join(', ')} can be reached and does not receive`,
  ];
  const replicas = others.filter(({ source }) => source === primary.identifier);
  const fit = replicas.filter(({ probe }) => probe.inRecovery && !farBehind(view, probe)).sort(byReceived);
  if (fit.length === 0) {
    const behind = replicas.map(
      (replica) => `${replica.identifier} ${farBehind(view, replica.probe) ?? 'is no replica any more'}`,
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
      from: primary.resourceId,
      decidedAt: now,
      fence: { [primary.resourceId]: {} },
      siblings,
    },
  };
}
