/** Points 8, 9 and 11: whom clients are led to, and who serves them. */
import { FLAPPING_WINDOW_MILLIS, REPLICA_FALLS } from '../../lambda/failover/policy';
import { type Facts, OLD_MILLIS } from './facts';
import type { Invariant } from './invariant';
import { lagOf } from './invariants-failover';
import type { Server } from './server';

/** How long a reader that serves nobody may stay among the readers, when nothing keeps the controller from its work. */
const READERS_MILLIS = 130_000;

const readers = (): Invariant => {
  let wrongSince: number | undefined;
  return {
    number: 8,
    sentence:
      'Reads go to fit replicas of the current primary, else to the primary; never to nobody while the primary lives',
    asked(facts, asked) {
      if (asked.kind !== 'names') return undefined;
      const { memory, world, now } = facts;
      const { primary = '', phase, failover } = memory ?? {};
      if (asked.to.readers.length === 0) return 'there are no readers';
      const source = phase === 'opening' ? failover?.candidate : primary;
      for (const { target, weight, identifier } of asked.to.readers) {
        const server = world.plane.named(target);
        if (weight === 0 || !server) continue;
        const name = world.nameOf(server.resourceId);
        if (!server.recovering || server.source !== source) return `${name} does not follow the primary`;
        const isKept = asked.from.readers.some((one) => one.identifier === identifier && one.weight > 0);
        if (isKept) continue;
        if (now - (world.reachedAt.get(server.resourceId) ?? 0) > OLD_MILLIS)
          return `${name} does not answer`;
        const lag = lagOf(facts, server);
        if (lag !== undefined && lag > world.policy.maxLagMillis + OLD_MILLIS) return `${name} is far behind`;
      }
      return undefined;
    },
    step(facts) {
      if (!mustBeRight(facts)) {
        wrongSince = undefined;
        return undefined;
      }
      const wrong = wrongReader(facts);
      if (!wrong) wrongSince = undefined;
      else if (facts.now - (wrongSince ??= facts.now) > READERS_MILLIS) return wrong;
      return undefined;
    },
  };
};

/** The primary lives, can be reached, and nothing is in the controller's way. */
function mustBeRight(facts: Facts): boolean {
  const { memory, world } = facts;
  if (!memory || (memory.phase !== 'steady' && memory.phase !== 'healing')) return false;
  const primary = world.plane.servers.get(memory.primary);
  return (
    primary !== undefined &&
    facts.visibleSince.has(primary.resourceId) &&
    !memory.naming &&
    facts.isUndisturbed
  );
}

function wrongReader({ world, memory }: Facts): string | undefined {
  for (const { target, weight } of world.zone.names.readers) {
    if (weight === 0) continue;
    const server = world.plane.named(target);
    if (!server) return `nobody is at ${target}, where readers are led`;
    if (!server.works || !server.recovering || server.source !== memory!.primary) {
      return `${world.nameOf(server.resourceId)} is ${server.describe()}, and readers are led there`;
    }
  }
  return undefined;
}

const provedFirst: Invariant = {
  number: 9,
  sentence: 'The writer name is moved only to an instance that has proved a write',
  asked({ world, memory }, asked) {
    if (asked.kind !== 'names' || asked.to.writer === asked.from.writer) return undefined;
    const server = asked.to.writer === undefined ? undefined : world.plane.named(asked.to.writer);
    if (!server) return `${asked.to.writer ?? 'nobody'} is nobody`;
    const name = world.nameOf(server.resourceId);
    if (server.recovering) return `${name} is in recovery`;
    if (server.proved !== server.timeline) return `${name} has taken no write of the controller`;
    const { epoch } = server.timeline.last.heartbeat;
    return epoch === memory?.epoch ? undefined : `${name} has the heartbeat of epoch ${epoch}`;
  },
};

/** Acknowledged writes of `server` that `primary` lacks. */
function onlyThere({ world, memory }: Facts, server: Server): number {
  const primary = world.plane.servers.get(memory?.primary ?? '');
  if (!primary || primary === server) return 0;
  return world.ledger.rows.filter((row) => server.has(row) && !primary.has(row)).length;
}

const oldPrimary: Invariant = {
  number: 11,
  sentence:
    'A returned old primary never serves a client; it is not deleted before recovery is done or waived',
  committed({ world }, { memory: { phase, primary } }, before) {
    const goesOn = phase === 'steady' && before?.phase !== 'steady' && before?.phase !== 'healing';
    const server = goesOn ? world.plane.servers.get(primary) : undefined;
    const last = world.ledger.rows.at(-1);
    return server && last && last.server !== primary && !server.has(last)
      ? `${world.nameOf(primary)} goes on, and lacks what ${world.nameOf(last.server)} has acknowledged`
      : undefined;
  },
  served({ old, excused, world }, { resourceId }, what) {
    if (!old.has(resourceId) || excused.has(resourceId)) return undefined;
    return `${world.nameOf(resourceId)} has served a ${what}`;
  },
  asked(facts, asked) {
    if (asked.kind !== 'rds' || asked.operation !== 'DeleteDBInstance') return undefined;
    const { world, old, memory } = facts;
    const id = world.identified(asked.request.DBInstanceIdentifier)?.DbiResourceId;
    const server = id === undefined ? undefined : world.plane.servers.get(id);
    if (!server || !id) return undefined;
    const name = world.nameOf(id);
    if (id === memory?.primary) return `${name} is the primary`;
    if (!old.has(id)) return undefined;
    const retired = memory?.retired.find(({ resourceId }) => resourceId === id);
    if (!retired || retired.recovery === 'needed') return `${name} still waits for recovery`;
    const lost = facts.isWaived ? 0 : onlyThere(facts, server);
    return lost > 0 ? `${name} has ${lost} acknowledged writes that the primary lacks` : undefined;
  },
  end(facts) {
    const { world, old, memory, isWaived } = facts;
    for (const server of isWaived ? [] : world.plane.servers.values()) {
      const { resourceId } = server;
      if (!old.has(resourceId) || memory?.retired.some((one) => one.resourceId === resourceId)) continue;
      const lost = onlyThere(facts, server);
      if (lost > 0)
        return `nobody keeps ${world.nameOf(resourceId)}, which alone has ${lost} acknowledged writes`;
    }
    return undefined;
  },
};

/** Two that the controller's count may not have: a look in the primary's silence, and one that was not written down. */
const RETURNS_AT_MOST = REPLICA_FALLS + 2;

const steadyReads = (): Invariant => {
  /** When each target came back into the readers, after it had left them. */
  const returns = new Map<string, number[]>();
  const left = new Set<string>();
  return {
    number: 26,
    sentence: 'Reads do not flap: who comes and goes all the time stays out of the readers',
    asked({ now, world }, asked) {
      if (asked.kind !== 'names') return undefined;
      const [before, after] = [asked.from, asked.to].map(
        ({ readers }) => new Set(readers.filter(({ weight }) => weight > 0).map(({ target }) => target)),
      ) as [Set<string>, Set<string>];
      for (const target of before) if (!after.has(target)) left.add(target);
      for (const target of after) {
        if (before.has(target) || !left.delete(target)) continue;
        const young = (returns.get(target) ?? []).filter((at) => now - at < FLAPPING_WINDOW_MILLIS);
        returns.set(target, [...young, now]);
        if (young.length < RETURNS_AT_MOST) continue;
        const name = world.nameOf(world.plane.named(target)?.resourceId ?? target);
        return `${name} comes back to the readers for the ${young.length + 1}th time within ${FLAPPING_WINDOW_MILLIS / 60_000} min`;
      }
      return undefined;
    },
  };
};

export const NAMES = (): readonly Invariant[] => [readers(), provedFirst, oldPrimary, steadyReads()];
