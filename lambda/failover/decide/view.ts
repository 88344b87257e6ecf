/** One round's whole view, and what follows from it without a decision. */
import { bytesBetween, compareLsn } from '../lsn';
import type { Memory } from '../memory';
import type { Observation, ReaderRecord, Reached, SeenInstance, SeenNames } from '../observation';
import { RECONNECT_MILLIS, type Policy } from '../policy';
import { flapping } from './flapping';
import { isElsewhere } from './history';
import type { Target } from '../decision';
import { meaningOf } from '../statuses';

export interface View {
  readonly observation: Observation;
  readonly memory: Memory;
  readonly policy: Policy;
  readonly now: number;
}

/** An instance that answered. */
export type Answering = SeenInstance & { readonly probe: Reached };

export const answers = (instance: SeenInstance | undefined): instance is Answering =>
  instance?.probe.reached === true;

export const find = ({ observation }: View, resourceId: string | undefined): SeenInstance | undefined =>
  observation.instances.find((instance) => instance.resourceId === resourceId);

export const primaryOf = (view: View): SeenInstance | undefined => find(view, view.memory.primary);

export const targetOf = ({ resourceId, identifier }: SeenInstance): Target => ({ resourceId, identifier });

/** In quarantine: an old primary, or a candidate that was lost. */
export const isRetired = ({ retired }: Memory, { resourceId }: SeenInstance): boolean =>
  retired.some((one) => one.resourceId === resourceId);

/** Replicas of the current primary, in whatever state; but for those in quarantine, and those that only come. */
export function replicasOf(view: View): readonly SeenInstance[] {
  const { observation, memory } = view;
  const primary = primaryOf(view);
  return primary
    ? observation.instances.filter(
        (one) => one.source === primary.identifier && !isRetired(memory, one) && !isOfDeployment(view, one),
      )
    : [];
}

/**
 * CloudFormation makes, or deletes, a replica beyond the wanted number: a deployment that changes the number is under way,
 * and the controller hears of it at its end. Until then the replica is CloudFormation's alone: it modifies and restarts it
 * after its creation (its handler of AWS::RDS::DBInstance), and makes its record itself.
 */
export const isOfDeployment = ({ policy }: View, { identifier, isOfStack }: SeenInstance): boolean =>
  isOfStack === true && Number(/-replica-(\d+)$/.exec(identifier)?.[1] ?? 0) > policy.replicas;

/** Of those, whom CloudFormation has given a record already: it is not taken away in the middle of the deployment. */
export const readersOfDeployment = (view: View): readonly SeenInstance[] =>
  view.observation.instances.filter(
    (one) =>
      isOfDeployment(view, one) &&
      view.observation.names.readers.some(({ identifier }) => identifier === one.identifier) &&
      bareUnfitness(view, one) === undefined,
  );

/** RDS has given it up: it comes back by no waiting. */
export const isBroken = ({ status }: SeenInstance): boolean => meaningOf(status).kind === 'broken';
export const isLeaving = ({ status }: Pick<SeenInstance, 'status'>): boolean =>
  meaningOf(status).kind === 'leaving';
/** There is no server yet, and there may be one. */
export const isBeingMade = ({ status, endpoint }: SeenInstance): boolean => {
  const { kind } = meaningOf(status);
  return kind === 'creating' || (endpoint === undefined && kind !== 'broken');
};

/**
 * How far behind an instance is, in milliseconds: never less than it is, but for the time between two rounds.
 *
 * While the primary answers: 0 when it has the heartbeat of the round before, or a later one; otherwise the age of what it
 * has, by the primary's clock alone. Once the primary is silent, what it may have done since its last heartbeat that the
 * controller has seen counts as well: minutes, when the controller alone was cut off from it. Then the last commit
 * that was replayed may say more; it is compared across two clocks, which NTP keeps within seconds.
 */
export function lagOf({ memory }: View, { heartbeat, replayedAt = -Infinity }: Reached): number {
  const { last, before, seenAt = last } = memory.beat ?? { last: 0, before: 0 };
  const measured = heartbeat.at >= before ? 0 : last - heartbeat.at;
  const isUnderWay = memory.phase === 'fencing' || memory.phase === 'promoting';
  const silentFrom = isUnderWay ? memory.failover!.silentFrom : memory.quietSince;
  if (silentFrom === undefined) return measured;
  const unmeasured = Math.max(0, silentFrom - seenAt);
  return Math.min(measured + unmeasured, Math.max(0, silentFrom - replayedAt));
}

/** Why `replica` may not serve reads, in a few words; undefined when it may. */
export const unfitness = (view: View, replica: SeenInstance): string | undefined =>
  bareUnfitness(view, replica) ??
  flapping(view, replica.resourceId) ??
  (isOfDeployment(view, replica) ? 'is of a deployment: the settings do not want it yet' : undefined);

/** The same of this look alone. */
export function bareUnfitness(view: View, replica: SeenInstance): string | undefined {
  const primary = primaryOf(view);
  const { probe, status } = replica;
  if (replica.source === undefined) return 'follows nobody';
  if (!primary || replica.source !== primary.identifier) return `follows ${replica.source}`;
  if (isBroken(replica) || isLeaving(replica) || isBeingMade(replica)) return `is ${status}`;
  // The controller still reaches it; clients do not.
  if (replica.groups.some(({ id }) => id === view.policy.quarantineGroup)) return 'is in quarantine';
  if (!probe.reached) return `cannot be reached: ${probe.message}`;
  if (!probe.inRecovery) return 'takes writes by itself';
  // Without the primary nobody streams: who has what there was goes on serving it.
  if (isServing(view) && !probe.receiving && !mayConnectYet(view, replica)) return 'does not stream';
  return isElsewhere(view, probe) ?? farBehind(view, probe) ?? notShown(view, replica, probe);
}

/** The primary was silent until just now: who served reads all the while goes on until it has had time to connect. */
function mayConnectYet({ memory, now }: View, { resourceId }: SeenInstance): boolean {
  const { wellSince = -Infinity } = memory.steadiness?.[memory.primary] ?? {};
  const wasFit = memory.seen?.some((one) => one.resourceId === resourceId && one.fit) ?? false;
  return wasFit && now - wellSince < RECONNECT_MILLIS;
}

/**
 * After a pause between two heartbeats a replica that has the one before may lack the whole pause. Who serves reads, or
 * was fit before, is given until the next round; who was not has to show it first. On hold everybody seems fit: no
 * heartbeat is written then. The same while the primary lives and the controller cannot reach it: what it does is not
 * measured, unless the last commit that was replayed is young enough.
 */
function notShown(
  view: View,
  { identifier, resourceId }: SeenInstance,
  { heartbeat, replayedAt = -Infinity }: Reached,
): string | undefined {
  const { memory, policy, observation, now } = view;
  const { last, before, seenAt = last } = memory.beat ?? { last: 0, before: 0 };
  const isMeasured = heartbeat.at >= last || last - before <= policy.maxLagMillis;
  const isOld = Math.min(now - seenAt, now - replayedAt) > policy.maxLagMillis;
  const isUnmeasured = !isServing(view) && memory.quietSince === undefined && isOld;
  if (isMeasured && !isUnmeasured) return undefined;
  if (observation.names.readers.some((one) => one.identifier === identifier && one.weight > 0))
    return undefined;
  const wasUnfit = memory.seen?.some((one) => one.resourceId === resourceId && !one.fit) ?? false;
  return wasUnfit || memory.state?.name === 'held' ? 'has not shown yet how far behind it is' : undefined;
}

/** The primary answers, and is not to be replaced: in quarantine no client reaches it. */
export function isServing(view: View): boolean {
  const { phase } = view.memory;
  return (phase === 'steady' || phase === 'healing') && answers(primaryOf(view));
}

/** In words, when it is further behind than the limit. */
export function farBehind(view: View, probe: Reached): string | undefined {
  const lag = lagOf(view, probe);
  const { maxLagMillis } = view.policy;
  return lag > maxLagMillis
    ? `is ${seconds(lag)} s behind, the limit is ${seconds(maxLagMillis)} s`
    : undefined;
}

export const seconds = (milliseconds: number): number => Math.round(milliseconds / 1000);

export const fitReplicas = (view: View): readonly Answering[] =>
  replicasOf(view).filter(
    (replica): replica is Answering => answers(replica) && unfitness(view, replica) === undefined,
  );

/** The primary answers and takes writes under the current epoch: it has proved one. */
export function hasProvedWrite(instance: SeenInstance | undefined, epoch: number): boolean {
  return answers(instance) && !instance.probe.inRecovery && instance.probe.heartbeat.epoch === epoch;
}

/** Among the readers: only the ratio counts (lib/data/names.ts has the same two). */
const REPLICA_WEIGHT = 100;
const PRIMARY_WEIGHT = 0;

/**
 * Where the names should lead: the writer to `primary`, the reader to `readers`. The primary is among the readers with
 * weight 0: it is asked when there is nobody else.
 */
export function namesFor(primary: SeenInstance, readers: readonly SeenInstance[]): SeenNames | undefined {
  if (!primary.endpoint) return undefined;
  const record = (instance: SeenInstance, weight: number): ReaderRecord => ({
    identifier: instance.identifier,
    target: instance.endpoint!.host,
    weight,
  });
  return {
    writer: primary.endpoint.host,
    readers: [
      record(primary, PRIMARY_WEIGHT),
      ...readers.filter(({ endpoint }) => endpoint).map((reader) => record(reader, REPLICA_WEIGHT)),
    ].sort(byIdentifier),
  };
}

const byIdentifier = (one: { identifier: string }, other: { identifier: string }) =>
  one.identifier < other.identifier ? -1 : one.identifier > other.identifier ? 1 : 0;

export function sameNames(one: SeenNames, other: SeenNames): boolean {
  const text = ({ writer, readers }: SeenNames) => JSON.stringify([writer, [...readers].sort(byIdentifier)]);
  return text(one) === text(other);
}

/** More received is better; of equals the first by name, so that every run chooses the same. */
export function byReceived(one: Answering, other: Answering): number {
  return compareLsn(other.probe.received, one.probe.received) || byIdentifier(one, other);
}

/** The groups of `instance` are these, and in force. */
export const groupsInForce = ({ groups }: SeenInstance, wanted: string): boolean =>
  groups.length === 1 && groups[0]!.id === wanted && groups[0]!.active;

/** RDS has been asked for exactly this group, in force or not. */
export function groupsAsked({ groups }: SeenInstance, wanted: string): boolean {
  const asked = groups.filter(({ leaving }) => !leaving);
  return asked.length > 0 && asked.every(({ id }) => id === wanted);
}

/** Whoever is in this group lets clients in, and nobody has asked for another one in its place. */
export const admitsClients = ({ groups }: SeenInstance, databaseGroup: string): boolean =>
  groups.some(({ id, active, leaving }) => id === databaseGroup && active && !leaving);

export const behindInBytes = (one: Reached, other: Reached): number =>
  bytesBetween(one.received, other.received);

export const primaryName = ({ name }: Policy): string => `${name}-primary`;
export const replicaName = ({ name }: Policy, number: number): string => `${name}-replica-${number}`;
export const retiredName = ({ name }: Policy, number: number): string => `${name}-retired-${number}`;

/** Every instance of the group has one of these names. */
export const groupPattern = (name: string): RegExp =>
  new RegExp(`^${name}-(primary|replica-\\d+|retired-\\d+)$`);

/** Whether the instances are called as the template calls them. */
export function namesSettled(view: View): boolean {
  const primary = primaryOf(view);
  if (!primary || primary.identifier !== primaryName(view.policy)) return false;
  const usual = new Set(usualReplicaNames(view.policy));
  return replicasOf(view)
    .filter((replica) => !isLeaving(replica))
    .every(({ identifier }) => usual.has(identifier));
}

export const usualReplicaNames = (policy: Policy): string[] =>
  Array.from({ length: policy.replicas }, (_, index) => replicaName(policy, index + 1));
