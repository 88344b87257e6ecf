/**
 * Who comes and goes all the time. Nothing that is decided by how long something lasts ever sees it: each good look begins
 * the count anew, and each change moves names. Counted are falls, from well to not well, as proxies and other failover tools
 * do (HAProxy's `fall` and `rise`, orchestrator's anti-flapping).
 */
import type { Memory, Steadiness } from '../memory';
import type { SeenInstance } from '../observation';
import { FLAPPING_WINDOW_MILLIS, PRIMARY_FALLS, REPLICA_FALLS, STEADY_MILLIS } from '../policy';
import { type View, answers, bareUnfitness, primaryOf, replicasOf } from './view';

/** `Memory.steadiness` after this round. @param before what was remembered before it */
export function steadinessOf(view: View, before: Memory): Memory['steadiness'] {
  const { memory, observation } = view;
  const primary = primaryOf(view);
  if (!primary) return before.steadiness;
  const known = before.steadiness ?? {};
  const one = (instance: SeenInstance, fell: boolean, isWell: boolean, limit: number) => {
    const next = steadiness(known[instance.resourceId], { fell, isWell, limit, now: view.now });
    return next ? [[instance.resourceId, next] as const] : [];
  };
  // With nobody else who answers it is the controller who comes and goes.
  const isHeard = (instance: SeenInstance) =>
    observation.instances.some((other) => other !== instance && answers(other));
  const isServed = memory.phase === 'steady' || memory.phase === 'healing';
  const lives = isServed && answers(primary);
  const ofReplicas = replicasOf(view).flatMap((replica) => {
    const { resourceId } = replica;
    const wasWell = before.seen?.some((seen) => seen.resourceId === resourceId && seen.fit) ?? false;
    // What the primary's silence does to all of them is no fall of theirs: then only who does not answer falls.
    const isWell = lives ? bareUnfitness(view, replica) === undefined : answers(replica);
    const isOwn = lives ? before.suspicion === undefined : isHeard(replica);
    return one(replica, wasWell && !isWell && isOwn, isWell, REPLICA_FALLS);
  });
  const earlier = known[primary.resourceId];
  const ofPrimary = isServed
    ? one(primary, !lives && isHeard(primary) && before.suspicion === undefined, lives, PRIMARY_FALLS)
    : earlier
      ? [[primary.resourceId, earlier] as const]
      : [];
  const all = [...ofPrimary, ...ofReplicas];
  return all.length > 0 ? Object.fromEntries(all) : undefined;
}

function steadiness(
  before: Steadiness | undefined,
  look: { readonly fell: boolean; readonly isWell: boolean; readonly limit: number; readonly now: number },
): Steadiness | undefined {
  const { fell, isWell, limit, now } = look;
  const { falls: earlier = [], wellSince: since, isFlapping: was } = before ?? {};
  const young = earlier.filter((at) => now - at < FLAPPING_WINDOW_MILLIS);
  const falls = fell ? [...young, now].slice(-limit) : young;
  const isFlapping = was === true || falls.length >= limit;
  const wellSince = isWell ? (since ?? now) : undefined;
  if (isFlapping && wellSince !== undefined && now - wellSince >= STEADY_MILLIS) return undefined;
  if (!isFlapping && falls.length === 0) return undefined;
  return { falls, ...(wellSince !== undefined && { wellSince }), ...(isFlapping && { isFlapping }) };
}
