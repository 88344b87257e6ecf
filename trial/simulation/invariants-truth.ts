/** Beside the eighteen: what the controller shows of the group is true. */
import { PROMOTE_TIMEOUT_MILLIS, PROMOTION_STUCK_MILLIS } from '../../lambda/failover/policy';
import { type StateName, STATES } from '../../lambda/failover/states';
import type { Asked } from './asked';
import { admitsClients, type Facts, OLD_MILLIS } from './facts';
import { promotedBy } from './invariants-failover';
import type { Invariant } from './invariant';
import type { Server } from './server';
import { keyOf } from './invariants-work';

/** States that say: the primary works, whatever else is to be mended. */
const WELL: ReadonlySet<StateName> = new Set<StateName>([
  'healthy',
  'names-astray',
  'replica-unfit',
  'replica-missing',
  'replica-in-excess',
  'naming',
  'retired-waits',
  'retired-goes',
  'healing',
  'healed',
]);

/** Of those, the ones that say as well: the writer's name leads there. The others come before a name that is astray. */
const NAMED: ReadonlySet<StateName> = new Set<StateName>([
  'healthy',
  'replica-in-excess',
  'retired-waits',
  'retired-goes',
]);

/** Why `server` takes no client's write, in words. */
function closed({ world }: Facts, server: Server | undefined, who: string): string | undefined {
  if (!server) return `there is no ${who}`;
  const name = world.nameOf(server.resourceId);
  if (!admitsClients(server)) return `${name} admits no client`;
  if (!server.works || !server.writable) return `${name} is ${server.describe()}, and takes no write`;
  return undefined;
}

const primaryOf = ({ world, memory }: Facts): Server | undefined =>
  world.plane.servers.get(memory?.primary ?? '');

/** Whom new connections of writers meet, once every resolver has heard of the zone. */
const namedWriter = ({ world: { zone, plane } }: Facts): Server | undefined =>
  zone.names.writer === undefined ? undefined : plane.named(zone.names.writer);

const showsWhatIs = (): Invariant => {
  const looks = [
    { states: WELL, why: (facts: Facts) => closed(facts, primaryOf(facts), 'primary') },
    {
      states: NAMED,
      why: (facts: Facts) => closed(facts, namedWriter(facts), "target of the writer's name"),
    },
  ];
  const since: (number | undefined)[] = [];
  return {
    number: 20,
    sentence: 'What the controller shows as healthy admits clients, now, and the name leads them there',
    step(facts) {
      looks.forEach(({ why }, index) => {
        since[index] = why(facts) === undefined ? undefined : (since[index] ?? facts.now);
      });
      return undefined;
    },
    committed(facts, { memory: { state } }) {
      const { world, now } = facts;
      // A look takes its time, and RDS may answer with what was before.
      const longest = OLD_MILLIS + (world.stale?.seconds ?? 0) * 1000;
      for (const [index, { states, why }] of looks.entries()) {
        const ago = now - (since[index] ?? now);
        if (!state || !states.has(state.name) || ago <= longest) continue;
        const what = why(facts);
        if (what) return `the state is ${state.name}, and ${what} for ${Math.round(ago / 1000)} s`;
      }
      return undefined;
    },
  };
};

/**
 * After so many refusals in a row, the round that asks for the next one has told of them. The controller tells of five that
 * it knows of; a run's last round hands none on, and in a calm minute there are two.
 */
const TOLD_AFTER = 12;

/** States of a failover that goes on. */
const UNDER_WAY: ReadonlySet<StateName> = new Set<StateName>([
  'fencing',
  'candidate-replaying',
  'promoting',
  'opening',
  'names-moving',
]);

/** Whether a state says nothing of a change that is refused. A failover does not wait for the stack policy. */
const isSilent = (state: StateName, { kind }: Asked): boolean =>
  (WELL.has(state) && state !== 'healed') || (UNDER_WAY.has(state) && kind !== 'stack');

const refusalsAreTold = (): Invariant => {
  /** In a row, by what was asked for; `before` the last time that it was. */
  const refused = new Map<string, { readonly times: number; readonly before: number }>();
  return {
    number: 21,
    sentence: 'A change that is refused again and again is shown as refused',
    asked({ memory }, asked) {
      if (asked.kind === 'keep') return undefined;
      const key = keyOf(asked);
      const before = refused.get(key)?.times ?? 0;
      // It counts on when it is refused once more.
      refused.set(key, { times: 0, before });
      const state = memory?.state?.name ?? 'healthy';
      return before >= TOLD_AFTER && isSilent(state, asked)
        ? `${key} was refused ${before} times, and the state is ${state}`
        : undefined;
    },
    failed(_facts, asked, outcome) {
      if (outcome !== 'denied' && outcome !== 'invalid') return;
      const key = keyOf(asked);
      const { before } = refused.get(key) ?? { before: 0 };
      refused.set(key, { times: before + 1, before });
    },
  };
};

/** Rounds are apart, and a run's last results are not handed on. */
const UNTOLD_MILLIS = 3 * 60_000;

const isTold = (state: StateName): boolean => {
  const { severity } = STATES[state];
  return severity === 'warning' || severity === 'critical';
};

const nothingForEver = (): Invariant => {
  /** When each promotion was asked for first, in this failover. */
  const asked = new Map<string, number>();
  let decidedAt: number | undefined;
  let toldAt = -Infinity;
  return {
    number: 27,
    sentence:
      'No promotion lasts without a word, nor is it asked for without end while there is another replica',
    committed({ world, now }, { memory: { state, failover, phase } }) {
      if (state && isTold(state.name)) toldAt = now;
      if (failover?.decidedAt !== decidedAt) asked.clear();
      decidedAt = failover?.decidedAt;
      const first = phase === 'promoting' ? asked.get(failover?.candidate ?? '') : undefined;
      const since = Math.max(first ?? now, failover?.limitsFrom ?? 0);
      return now - since > PROMOTION_STUCK_MILLIS + UNTOLD_MILLIS && toldAt < since
        ? `${world.nameOf(failover!.candidate!)} is being promoted for ${Math.round((now - since) / 1000)} s, and nobody was told`
        : undefined;
    },
    asked(facts, call) {
      const target = promotedBy(facts, call);
      const { failover } = facts.memory ?? {};
      if (!target || !failover) return undefined;
      const { now, world } = facts;
      const since = Math.max(asked.get(target.resourceId) ?? now, failover.limitsFrom ?? 0);
      asked.set(target.resourceId, since);
      const lasts = now - since;
      const name = world.nameOf(target.resourceId);
      const what = `the promotion of ${name} is asked for again after ${Math.round(lasts / 1000)} s`;
      const isLong = lasts > PROMOTE_TIMEOUT_MILLIS + UNTOLD_MILLIS && !failover.isNamed;
      const other = isLong ? anotherOf(facts, target) : undefined;
      return other && `${what}, and ${world.nameOf(other.resourceId)} is there`;
    },
  };
};

/** A replica of the old primary that could have been asked for minutes, and was not given up. */
function anotherOf(facts: Facts, target: Server): Server | undefined {
  const { world, memory } = facts;
  const { fence = {}, siblings = [] } = memory?.failover ?? {};
  return [...world.plane.servers.values()].find(
    ({ resourceId, recovering, timeline }) =>
      resourceId !== target.resourceId &&
      siblings.includes(resourceId) &&
      !(resourceId in fence) &&
      recovering &&
      timeline === target.timeline &&
      world.instance(resourceId)?.DBInstanceStatus === 'available' &&
      facts.longerThan(facts.visibleSince, resourceId, UNTOLD_MILLIS),
  );
}

export const TRUTH = (): readonly Invariant[] => [showsWhatIs(), refusalsAreTold(), nothingForEver()];
