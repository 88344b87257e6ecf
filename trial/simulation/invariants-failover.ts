/** Points 1 to 7: who is replaced, by whom, and when. */
import type { Failover } from '../../lambda/failover/memory';
import type { Asked } from './asked';
import { actionOf } from './asked';
import { admitsClients, type Facts, hasWriters, OLD_MILLIS, takesClientWrites } from './facts';
import type { Invariant } from './invariant';
import type { Server } from './server';

/** The server that a promotion is asked for. */
export function promotedBy({ world }: Facts, asked: Asked): Server | undefined {
  if (asked.kind !== 'rds' || asked.operation !== 'PromoteReadReplica') return undefined;
  const instance = world.identified(asked.request.DBInstanceIdentifier);
  return instance && world.plane.servers.get(instance.DbiResourceId!);
}

const oneWriter: Invariant = {
  number: 1,
  sentence: 'At most one instance is both writable and reachable by clients',
  step(facts) {
    const { world, excused } = facts;
    let found: Server | undefined;
    for (const server of world.plane.servers.values()) {
      if (!server.writable || excused.has(server.resourceId)) continue;
      if (!takesClientWrites(world, server)) continue;
      if (found) {
        return `${world.nameOf(found.resourceId)} and ${world.nameOf(server.resourceId)} could both commit a write`;
      }
      found = server;
    }
    return undefined;
  },
};

const fencedFirst: Invariant = {
  number: 2,
  sentence: 'Promotion is never asked for before the fence is verified, unless a journaled override says so',
  asked(facts, asked) {
    if (!promotedBy(facts, asked)) return undefined;
    const { failover } = facts.memory ?? {};
    if (!failover) return 'no failover is written down';
    if (facts.mayBeUnfenced) return undefined;
    const { world } = facts;
    for (const [resourceId, { verifiedAt }] of Object.entries(failover.fence)) {
      const name = world.nameOf(resourceId);
      if (verifiedAt === undefined) return `the journal has no evidence for ${name}`;
      const server = world.plane.servers.get(resourceId);
      if (server && admitsClients(server)) return `${name} admits clients`;
      if (server && hasWriters(server)) return `${name} has a client's session`;
    }
    return failover.fence[failover.from] ? undefined : 'the old primary is not among the fenced';
  },
};

const oneRecovery: Invariant = {
  number: 3,
  sentence: 'One recovery at a time: a run with an old epoch or a lost lease changes nothing',
  asked({ world: { journal } }, asked, run) {
    if (asked.kind === 'keep') return undefined;
    if (journal.owner !== run.owner)
      return `${run.owner} acts, and the lease is ${journal.owner ?? "nobody's"}`;
    return journal.last?.owner === run.owner
      ? undefined
      : `${run.owner} acts after ${journal.last?.owner ?? 'nobody'} has decided`;
  },
};

const onePromotion: Invariant = {
  number: 4,
  sentence: 'Whatever the crash point or the repeated event, one epoch promotes at most one instance',
  asked(facts, asked) {
    const target = promotedBy(facts, asked);
    if (!target) return undefined;
    const before = facts.promoted.get(facts.memory?.epoch ?? -1);
    if (!before || before.has(target.resourceId)) return undefined;
    return `epoch ${facts.memory?.epoch} promotes a second one, ${facts.world.nameOf(target.resourceId)}`;
  },
};

/** Whether a run has had an answer of a replica lately. */
function seesReplica({ world, now }: Facts): boolean {
  for (const { resourceId, recovering } of world.plane.servers.values()) {
    if (recovering && now - (world.reachedAt.get(resourceId) ?? 0) <= OLD_MILLIS) return true;
  }
  return false;
}

const notCutOff: Invariant = {
  number: 5,
  sentence: 'A controller that is cut off promotes nothing',
  committed(facts, { memory }, before) {
    const begins = memory.phase === 'fencing' && (before?.phase === 'steady' || before?.phase === 'healing');
    if (!begins || memory.failover?.kind !== 'automatic') return undefined;
    return seesReplica(facts) ? undefined : 'a failover begins, and no replica has answered';
  },
  asked(facts, asked) {
    const target = promotedBy(facts, asked);
    if (!target) return undefined;
    const at = facts.world.reachedAt.get(target.resourceId) ?? 0;
    return facts.now - at <= OLD_MILLIS
      ? undefined
      : `${facts.world.nameOf(target.resourceId)} has not answered for long`;
  },
};

/** A replica that has streamed from `from` for long, and could be asked all the while. */
const receiverOf = (facts: Facts, from: string): string | undefined => {
  for (const { source, resourceId } of facts.world.plane.servers.values()) {
    if (source === from && facts.longerThan(facts.streamingSince, resourceId, OLD_MILLIS)) return resourceId;
  }
  return undefined;
};

const nobodyReceives: Invariant = {
  number: 6,
  sentence: 'While any replica still receives from the primary, nothing fails over',
  committed(facts, { memory }, before) {
    const begins = memory.failover !== undefined && before?.failover?.decidedAt !== memory.failover.decidedAt;
    if (!begins || memory.phase !== 'fencing' || memory.failover?.kind !== 'automatic') return undefined;
    if (before && before.phase !== 'steady' && before.phase !== 'healing') return undefined;
    const receiver = receiverOf(facts, memory.failover.from);
    return receiver && `a failover begins, and ${facts.world.nameOf(receiver)} receives`;
  },
  asked(facts, asked) {
    const { failover, lastReturn } = facts.memory ?? {};
    if (!promotedBy(facts, asked) || failover?.kind !== 'automatic' || !facts.isFirstAsk) return undefined;
    // One that comes back a second time, or when another was half promoted already, is replaced, however it does: it is
    // fenced, and everything is received first.
    if (lastReturn !== undefined || Object.keys(failover.fence).length > 1) return undefined;
    const receiver = receiverOf(facts, failover.from);
    return receiver && `a promotion is asked for, and ${facts.world.nameOf(receiver)} receives`;
  },
};

/**
 * How much of the primary's working time a replica lacks: milliseconds from the first change that it has not shown to the
 * last one. The controller goes by heartbeats, which it writes itself; this is what is true.
 *
 * What the primary has done since nobody heard of it any more is no lag: no program can know of that.
 *
 * @param failover the one that is under way. @default - the primary's silence counts
 * @returns undefined when the two have no common history any more
 */
export function lagOf({ world, memory }: Facts, server: Server, failover?: Failover): number | undefined {
  const { from, silentFrom } = failover ?? { from: memory?.primary ?? '', silentFrom: memory?.quietSince };
  const primary = world.plane.servers.get(from);
  if (!primary || primary.timeline !== server.timeline) return undefined;
  const { timeline, replayed } = server;
  let { length } = timeline;
  while (length > replayed && timeline.at(length - 1).at > (silentFrom ?? Infinity)) length--;
  return replayed < length ? timeline.at(length - 1).worked - timeline.at(replayed).worked : 0;
}

const bestCandidate = (): Invariant => {
  /** Whom RDS has not promoted in its state: another one is taken then. */
  const refused = new Set<string>();
  return {
    number: 7,
    sentence: 'The promoted one had the highest LSN among the fit, and its lag was within the limit',
    asked(facts, asked) {
      const target = promotedBy(facts, asked);
      const { failover } = facts.memory ?? {};
      if (!target || !failover || failover.override?.lag || !facts.isFirstAsk) return undefined;
      const { world } = facts;
      const limit = world.policy.maxLagMillis + OLD_MILLIS;
      const lag = lagOf(facts, target, failover);
      const old = world.plane.servers.get(failover.from);
      if (old && old.timeline !== target.timeline) {
        return `${world.nameOf(target.resourceId)} has left the history of ${world.nameOf(failover.from)}`;
      }
      if (lag !== undefined && lag > limit) {
        return `${world.nameOf(target.resourceId)} is ${Math.round(lag / 1000)} s behind`;
      }
      if (failover.kind !== 'automatic') return undefined;
      const reachedAt = (resourceId: string) => world.reachedAt.get(resourceId) ?? 0;
      for (const server of world.plane.servers.values()) {
        const { resourceId, source, recovering } = server;
        if (source !== failover.from || !recovering || server === target || resourceId in failover.fence)
          continue;
        if ((old && server.timeline !== old.timeline) || refused.has(resourceId)) continue;
        if (!facts.longerThan(facts.visibleSince, resourceId, OLD_MILLIS)) continue;
        // Who did not answer in the same round was out of reach, for a reason that the servers do not know of.
        if (reachedAt(resourceId) < reachedAt(target.resourceId) - 500) continue;
        if (world.instance(resourceId)?.DBInstanceStatus !== 'available') continue;
        if ((lagOf(facts, server, failover) ?? 0) > world.policy.maxLagMillis) continue;
        if (server.receivedLsn > target.receivedLsn) {
          return `${world.nameOf(resourceId)} has more than ${world.nameOf(target.resourceId)}`;
        }
      }
      return undefined;
    },
    failed(facts, asked, outcome) {
      const target = outcome === 'wrong-state' ? promotedBy(facts, asked) : undefined;
      if (target) refused.add(target.resourceId);
    },
  };
};

/** Not among the eighteen, but in "The failover controller": `minimumInterval`. */
const acknowledgedFirst = (): Invariant => {
  /** When the last one was asked for, and the one before it. */
  let last: number | undefined;
  let before: number | undefined;
  /** Of the failover that is under way. */
  let decidedAt: number | undefined;
  return {
    number: 19,
    sentence: 'A second automatic failover within the minimum interval needs an acknowledgement',
    asked(facts, asked) {
      const { failover, lastFailover } = facts.memory ?? {};
      if (!promotedBy(facts, asked) || failover?.kind !== 'automatic') return undefined;
      const { world, now } = facts;
      // One that was lost, or that RDS refuses, is followed by another within the same failover.
      const isSame = failover.decidedAt === decidedAt;
      decidedAt = failover.decidedAt;
      if (!isSame) before = last;
      last = lastFailover?.at ?? now;
      if (isSame || before === undefined) return undefined;
      if (now - before >= world.policy.minimumIntervalMillis - OLD_MILLIS) return undefined;
      return world.acknowledgedAt > before
        ? undefined
        : `the last one was ${Math.round((now - before) / 1000)} s ago, and nobody has acknowledged it`;
    },
    failed(_facts, asked, outcome) {
      const isPromotion = asked.kind === 'rds' && asked.operation === 'PromoteReadReplica';
      // Nothing has come about by it.
      if (isPromotion && outcome !== 'timeout' && outcome !== 'failed') last = before;
    },
  };
};

export const FAILOVER = (): readonly Invariant[] => [
  acknowledgedFirst(),
  oneWriter,
  fencedFirst,
  oneRecovery,
  onePromotion,
  notCutOff,
  nobodyReceives,
  bestCandidate(),
];

export const isChange = (asked: Asked): boolean => actionOf(asked).kind !== 'keep';
