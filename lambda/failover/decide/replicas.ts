/** As many replicas as wanted, of the current primary, and no others. */
import { type Action, keyOf } from '../decision';
import type { Memory } from '../memory';
import type { SeenInstance } from '../observation';
import { UNSEEN_MILLIS } from '../policy';
import { isOperational } from '../statuses';
import type { Finding, Findings } from './heal';
import { isDue } from './retry';
import {
  type View,
  answers,
  find,
  fitReplicas,
  groupsInForce,
  isBeingMade,
  isBroken,
  isLeaving,
  isOfDeployment,
  isRetired,
  primaryOf,
  replicaName,
  replicasOf,
  seconds,
  targetOf,
  unfitness,
} from './view';

/** What is wrong with the replicas. The primary answers. */
export function replicaFindings(view: View): Findings {
  const { policy, now } = view;
  const memory = noted(view);
  const noting = { ...view, memory };
  const lost = memory.phase === 'healing' ? siblings(noting) : [];
  const strays = strayInstances(noting);
  const unfit = unfitReplicas(noting);

  const alive = replicasOf(view).filter((one) => !isLeaving(one) && !isBroken(one));
  const expected = Object.keys(memory.creating).length;
  const missing = policy.replicas - alive.length - expected;
  const findings = [...lost, ...strays, ...unfit];
  if (missing > 0) {
    const identifier = freeName(noting);
    const primary = primaryOf(view)!;
    const reasons = [`${alive.length + expected} of ${policy.replicas} replicas are there`];
    const busy = notReady(noting, primary);
    if (busy) {
      return {
        memory,
        findings: [...findings, { state: 'replica-missing', reasons: [...reasons, busy], actions: [] }],
      };
    }
    const create: Action = { kind: 'create-replica', identifier, of: targetOf(primary) };
    const creating = isDue(memory, create, now) ? { ...memory.creating, [identifier]: now } : memory.creating;
    return {
      memory: { ...memory, creating },
      findings: [...findings, { state: 'replica-missing', reasons, actions: [create] }],
    };
  }
  if (missing < 0) return withExcess(noting, alive, findings);
  return {
    memory: { ...memory, excessSince: undefined },
    findings: [...findings, ...comingReplicas(noting)],
  };
}

/** Why no replica can be made of the primary now. A replica gets the groups of its source, and would keep those. */
function notReady({ policy }: View, primary: SeenInstance): string | undefined {
  if (!isOperational(primary.status)) return `${primary.identifier} is ${primary.status}`;
  return groupsInForce(primary, policy.databaseGroup)
    ? undefined
    : `${primary.identifier} is not in its security group`;
}

/** They count, and serve nobody yet. */
function comingReplicas(view: View): Finding[] {
  const made = replicasOf(view).filter((one) => isBeingMade(one) && !isLeaving(one));
  const coming = [...Object.keys(view.memory.creating), ...made.map(({ identifier }) => identifier)];
  return coming.length > 0
    ? [{ state: 'replica-missing', reasons: [`${coming.join(', ')} is being made`], actions: [] }]
    : [];
}

/** Since when each replica is unfit; which creations have been seen. */
function noted(view: View): Memory {
  const { memory, now, observation } = view;
  const unfitSince = Object.fromEntries(
    followers(view)
      // A new name takes as long as RDS takes for it; a replacement would have to be renamed in its turn.
      .filter((one) => !isBeingMade(one) && one.status !== 'renaming')
      .filter((one) => unfitness(view, one) !== undefined)
      .map(({ resourceId }) => [resourceId, memory.unfitSince[resourceId] ?? now]),
  );
  const known = new Set(observation.instances.map(({ identifier }) => identifier));
  const creating = Object.fromEntries(
    Object.entries(memory.creating).filter(
      ([identifier, at]) => !known.has(identifier) && now - at < UNSEEN_MILLIS,
    ),
  );
  return { ...memory, unfitSince, creating };
}

/** Everybody but the primary, those in quarantine, and those that a deployment makes or deletes. */
const followers = (view: View): readonly SeenInstance[] =>
  view.observation.instances.filter(
    (one) =>
      one.resourceId !== view.memory.primary && !isRetired(view.memory, one) && !isOfDeployment(view, one),
  );

/** How long replicas of the old primary are kept for who still has an old answer of DNS, when new ones do not come. */
const SIBLINGS_KEPT_MILLIS = 30 * 60_000;

/**
 * Replicas of the old primary: no API makes them follow the new one. They go when new ones serve: until then they answer
 * those who have not heard of the new names yet (Route 53: "generally within 60 seconds"). They go before when RDS says that
 * there is no room for new ones; no other refusal ends with them.
 */
function siblings(view: View): Finding[] {
  const { memory, policy, now } = view;
  const ids = memory.failover?.siblings ?? [];
  const isTime =
    fitReplicas(view).length >= policy.replicas ||
    now - (memory.failover?.openedAt ?? now) >= SIBLINGS_KEPT_MILLIS ||
    Object.entries(memory.backoff).some(
      ([key, { last }]) => key.startsWith('create-replica ') && last?.outcome === 'room',
    );
  return ids.flatMap((id): Finding[] => {
    const instance = find(view, id);
    if (!instance || instance.resourceId === view.memory.primary || isLeaving(instance)) return [];
    if (isOfDeployment(view, instance)) return [];
    if (view.memory.retired.some(({ resourceId }) => resourceId === id)) return [];
    // One that follows nobody may hold writes of its own: that is a stray.
    if (instance.source === undefined || instance.source === primaryOf(view)!.identifier) return [];
    const gone: Action = { kind: 'delete', on: targetOf(instance) };
    const reason = `${instance.identifier} follows ${instance.source}`;
    return [{ state: 'healing', reasons: [reason], actions: isTime ? [gone] : [] }];
  });
}

/** Whoever is of the group, and follows another than the primary, or nobody: somebody promoted it by hand. */
function strayInstances(view: View): Finding[] {
  const { memory, policy, now } = view;
  const primary = primaryOf(view)!;
  return followers(view)
    .filter(({ source }) => source !== primary.identifier)
    .filter((one) => !isLeaving(one) && !memory.failover?.siblings.includes(one.resourceId))
    .map((one): Finding => {
      const since = memory.unfitSince[one.resourceId] ?? now;
      const reason = `${one.identifier} ${one.source ? `follows ${one.source}` : 'follows nobody'}, not ${primary.identifier}`;
      const isOld = now - since >= policy.replaceAfterMillis && !isBeingMade(one);
      // RDS takes none of a replica, whose source may be gone, nor of what it has given up.
      const isLast = one.source === undefined && !isBroken(one);
      // What takes writes by itself may have some: it is not deleted without.
      if (isLast && isOld && !isOperational(one.status)) {
        const why = `it is ${one.status}: no snapshot can be had, and it is not deleted without`;
        return { state: 'replica-unfit', reasons: [reason, why], actions: [] };
      }
      const actions = isOld ? [deletionOf(memory, one, isLast ? memory.epoch : undefined)] : [];
      return { state: 'replica-unfit', reasons: [reason], actions };
    });
}

export const snapshotName = (
  { identifier, resourceId }: Pick<SeenInstance, 'identifier' | 'resourceId'>,
  epoch: number,
): string => `${identifier}-${epoch}-${resourceId.replace(/^db-/i, '').slice(0, 8).toLowerCase()}-last`;

/**
 * @param epoch of the last snapshot; absent: none can be had, or nothing is lost. RDS may have taken one and not gone on with
 *   the deletion: the next has another name
 */
export function deletionOf(memory: Memory, instance: SeenInstance, epoch?: number): Action {
  const gone: Action = { kind: 'delete', on: targetOf(instance) };
  if (epoch === undefined) return gone;
  const name = snapshotName(instance, epoch);
  const { failures = 0, last } = memory.backoff[keyOf(gone)] ?? {};
  return { ...gone, snapshot: last?.outcome === 'already-exists' ? `${name}-${failures + 1}` : name };
}

/** They have left the readers already (names follow fitness). One is replaced at a time: the others still serve. */
function unfitReplicas(view: View): Finding[] {
  const { memory, policy, now } = view;
  let busy = replicasOf(view).some(isLeaving);
  return replicasOf(view).flatMap((replica): Finding[] => {
    if (isLeaving(replica) || isBeingMade(replica)) return [];
    const why = unfitness(view, replica);
    if (why === undefined) return [];
    const unfit = now - (memory.unfitSince[replica.resourceId] ?? now);
    const isOver = isBroken(replica) || unfit >= policy.replaceAfterMillis;
    const reason = `${replica.identifier} ${why}, for ${seconds(unfit)} s`;
    const actions: Action[] = isOver && !busy ? [{ kind: 'delete', on: targetOf(replica) }] : [];
    if (actions.length > 0) busy = true;
    return [{ state: 'replica-unfit', reasons: [reason], actions }];
  });
}

/** Names that a template has not given are tried first from the lowest. */
export function freeName({ observation, memory, policy }: View): string {
  const taken = new Set([
    ...observation.instances.map(({ identifier }) => identifier),
    ...Object.keys(memory.creating),
  ]);
  for (let number = 1; ; number++) {
    const name = replicaName(policy, number);
    if (!taken.has(name)) return name;
  }
}

/** A creation that arrived late, or was asked for twice. What a template made is not ours to delete. */
function withExcess(view: View, alive: readonly SeenInstance[], findings: readonly Finding[]): Findings {
  const { memory, policy, now } = view;
  const ours = alive.filter(({ isOurs, status }) => isOurs && status !== 'creating').sort(worstFirst(view));
  const [worst] = ours;
  if (!worst) return { memory, findings };
  const excessSince = memory.excessSince ?? now;
  const isOver = now - excessSince >= policy.replaceAfterMillis;
  const reasons = [`${alive.length} replicas are there, ${policy.replicas} are wanted`];
  const actions: Action[] = isOver ? [{ kind: 'delete', on: targetOf(worst) }] : [];
  return {
    memory: { ...memory, excessSince: isOver ? undefined : excessSince },
    findings: [...findings, { state: 'replica-in-excess', reasons, actions }],
  };
}

/** The unfit first, then those with the highest number. */
const worstFirst = (view: View) => (one: SeenInstance, other: SeenInstance) => {
  const fit = (instance: SeenInstance) =>
    answers(instance) && unfitness(view, instance) === undefined ? 1 : 0;
  const number = ({ identifier }: SeenInstance) => Number(/\d+$/.exec(identifier)?.[0] ?? 0);
  return fit(one) - fit(other) || number(other) - number(one);
};
