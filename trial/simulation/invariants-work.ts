/** Points 10, 14 and 15: how the controller goes about its work. */
import { groupPattern } from '../../lambda/failover/decide/view';
import { meaningOf } from '../../lambda/failover/statuses';
import type { Asked } from './asked';
import { actionOf } from './asked';
import { type Facts, OLD_MILLIS } from './facts';
import type { Invariant } from './invariant';
import { lagOf } from './invariants-failover';
import { SITE } from './policy';

const onHold: Invariant = {
  number: 10,
  sentence: 'On hold, no mutating call; on release, no stale decision',
  asked({ world: { journal }, now }, asked) {
    const { hold, last } = journal;
    const { kind } = actionOf(asked);
    // What was written down before the hold may be under way when it comes.
    if (hold && now - hold.at > OLD_MILLIS) return `${kind} on hold`;
    if (asked.kind !== 'keep' && last && now - last.at > OLD_MILLIS) {
      return `${kind} was decided ${Math.round((now - last.at) / 1000)} s ago`;
    }
    return undefined;
  },
};

const textOf = (asked: Asked): string => {
  const { kind, on } = actionOf(asked);
  return on === undefined ? kind : `${kind} ${on}`;
};

/** What counts as the same thing, tried again: a fence does not wait for what was asked before it. */
export function keyOf(asked: Asked): string {
  if (asked.kind === 'names') return `${textOf(asked)} ${asked.to.writer ?? ''}`;
  const groups =
    asked.kind === 'rds' && asked.operation === 'ModifyDBInstance' && asked.request.VpcSecurityGroupIds;
  return groups ? `${textOf(asked)} ${groups.join()}` : textOf(asked);
}

/** After this many failures in a row there must be pauses this long. */
const PAUSES = [
  [6, 5_000],
  [3, 1_000],
] as const;

/** How long a dead primary may remain without a failover, when nothing but healing is under way. */
const NOTICED_MILLIS = 120_000;

const backsOff = (): Invariant => {
  const failures = new Map<string, { count: number; at: number }>();
  let deadSince: number | undefined;
  return {
    number: 14,
    sentence: 'Failing or throttled calls back off, and healing never delays a failover',
    failed({ now }, asked) {
      const key = keyOf(asked);
      failures.set(key, { count: (failures.get(key)?.count ?? 0) + 1, at: now });
    },
    asked({ now }, asked) {
      if (asked.kind === 'keep') return undefined;
      const key = keyOf(asked);
      const failed = failures.get(key);
      if (!failed) return undefined;
      const pause = PAUSES.find(([count]) => failed.count >= count)?.[1] ?? 0;
      // Counted on when it fails again.
      if (now - failed.at > 60_000) failures.delete(key);
      return now - failed.at < pause
        ? `${key} is asked for again ${now - failed.at} ms after failure ${failed.count}`
        : undefined;
    },
    step(facts) {
      if (!mustFailOver(facts)) deadSince = undefined;
      else if (facts.now - (deadSince ??= facts.now) > NOTICED_MILLIS) {
        return `the primary is dead, and nothing has begun for ${NOTICED_MILLIS / 1000} s`;
      }
      return undefined;
    },
  };
};

/** Everything that a failover needs is there. */
function mustFailOver(facts: Facts): boolean {
  const { memory, world, now } = facts;
  if (!memory || (memory.phase !== 'steady' && memory.phase !== 'healing')) return false;
  const primary = world.plane.servers.get(memory.primary);
  if (!primary || world.policy.mode !== 'automatic' || world.policy.multiAz || memory.naming) return false;
  if (primary.works && !world.network.isAlone(memory.primary)) return false;
  // Then RDS is at work on it by itself.
  if (world.instance(memory.primary)?.DBInstanceStatus !== 'available' || !facts.isUndisturbed) return false;
  const { lastFailover } = memory;
  if (
    lastFailover &&
    !lastFailover.acknowledged &&
    now - lastFailover.at < world.policy.minimumIntervalMillis
  )
    return false;
  // Nobody has measured what it did before it fell silent: then people decide (promise 7).
  const { quietSince = now, beat } = memory;
  if (quietSince - (beat?.seenAt ?? 0) > world.policy.maxLagMillis) return false;
  for (const server of world.plane.servers.values()) {
    const { resourceId, source, receiver } = server;
    if (receiver.streaming) continue;
    if (source !== memory.primary || !facts.longerThan(facts.visibleSince, resourceId, 60_000)) continue;
    if (world.instance(resourceId)?.DBInstanceStatus !== 'available') continue;
    if ((lagOf(facts, server) ?? 0) <= world.policy.maxLagMillis) return true;
  }
  return false;
}

const journaled: Invariant = {
  number: 15,
  sentence: 'Each mutation has a journal entry before it, with its evidence',
  asked({ world }, asked, { owner }) {
    if (asked.kind === 'keep') return undefined;
    const { kind, on } = actionOf(asked);
    const resourceId = on === undefined ? undefined : world.identified(on)?.DbiResourceId;
    const { last } = world.journal;
    const isOf = (what: string) =>
      what.startsWith(kind) &&
      (on === undefined || what.includes(on) || (resourceId !== undefined && what.includes(resourceId)));
    const entry = last?.owner === owner ? last.entries.find(({ what }) => isOf(what)) : undefined;
    if (!entry) return `${textOf(asked)} is not in the journal`;
    return entry.evidence.length > 0 ? undefined : `${textOf(asked)} is in the journal without evidence`;
  },
};

/** Not among the eighteen, but in "Act": what waits for the maintenance window may take the database down. */
const beginsNothingElse: Invariant = {
  number: 22,
  sentence: 'Nothing that somebody else has left for the maintenance window is begun before it',
  asked({ world }, asked) {
    if (asked.kind !== 'rds' || asked.operation !== 'ModifyDBInstance') return undefined;
    const { ApplyImmediately, DBInstanceIdentifier } = asked.request;
    const waiting = world.identified(DBInstanceIdentifier)?.PendingModifiedValues?.DBInstanceClass;
    return ApplyImmediately && waiting !== undefined
      ? `${DBInstanceIdentifier} becomes ${waiting} with a change of the controller`
      : undefined;
  },
};

/** It is there, or comes. */
const counts = (status: string): boolean => !['leaving', 'broken'].includes(meaningOf(status).kind);

const noneTooMany: Invariant = {
  number: 28,
  sentence: 'No replica is asked for while as many as are wanted are there, or come',
  asked({ world, memory }, asked) {
    if (asked.kind !== 'rds' || asked.operation !== 'CreateDBInstanceReadReplica') return undefined;
    // Whom RDS does not show counts for nobody.
    if (world.unseen.size > 0) return undefined;
    const pattern = groupPattern(SITE);
    const there = world.instances.filter(
      ({ DbiResourceId, DBInstanceIdentifier, DBInstanceStatus = '' }) =>
        world.plane.servers.get(DbiResourceId!)?.source === memory?.primary &&
        pattern.test(DBInstanceIdentifier!) &&
        counts(DBInstanceStatus),
    );
    return there.length >= world.policy.replicas
      ? `another is asked for beside ${there.map(({ DBInstanceIdentifier }) => DBInstanceIdentifier).join(', ')}`
      : undefined;
  },
};

export const WORK = (): readonly Invariant[] => [
  onHold,
  backsOff(),
  journaled,
  beginsNothingElse,
  noneTooMany,
];
