/** Old primaries: in quarantine until recovery is done or waived, then deleted. */
import type { Action } from '../decision';
import type { Retired } from '../memory';
import type { SeenInstance } from '../observation';
import { PROMOTE_TIMEOUT_MILLIS, UNSEEN_MILLIS } from '../policy';
import { isOperational } from '../statuses';
import { look } from './fence';
import type { Finding, Findings } from './heal';
import { deletionOf } from './replicas';
import { hasFailed, refusalOf } from './retry';
import { type View, find, groupsAsked, isBroken, isLeaving, seconds, targetOf } from './view';

export function retiredFindings(view: View): Findings {
  const { memory } = view;
  const each = memory.retired.map((retired) => {
    const instance = find(view, retired.resourceId);
    if (!instance) return absent(view, retired);
    const seen = { ...retired, goneSince: undefined };
    return unfenced(view, seen) ?? { retired: seen, findings: findingsOf(view, seen, instance) };
  });
  return {
    memory: { ...memory, retired: each.flatMap(({ retired }) => retired ?? []) },
    findings: each.flatMap(({ findings }) => findings),
  };
}

interface Each {
  /** Absent: it is forgotten. */
  readonly retired?: Retired;
  readonly findings: readonly Finding[];
}

/** Whoever is forgotten and comes back would be a stranger, and be deleted as one. */
function absent({ now }: View, retired: Retired): Each {
  const goneSince = retired.goneSince ?? now;
  return now - goneSince >= UNSEEN_MILLIS
    ? { findings: [] }
    : { retired: { ...retired, goneSince }, findings: [] };
}

/** Its fence comes first, but before its end. @returns undefined when that holds */
function unfenced(view: View, retired: Retired): Each | undefined {
  if (!retired.fence || retired.recovery !== 'needed') return undefined;
  const { progress, actions, reason } = look(view, retired.resourceId, retired.fence);
  const fence = progress.verifiedAt === undefined ? progress : undefined;
  return {
    retired: { ...retired, fence },
    findings: fence ? [{ state: 'retired-waits', reasons: [reason], actions }] : [],
  };
}

function findingsOf(view: View, retired: Retired, instance: SeenInstance): Finding[] {
  const { policy, memory } = view;
  if (isLeaving(instance)) return [];
  const { identifier } = instance;
  // A deployment, or a hand, may have opened it again. What is dead may refuse it: that does not keep it from its end.
  const groups: Action = { kind: 'set-groups', on: targetOf(instance), groups: [policy.quarantineGroup] };
  const isRefused = retired.recovery !== 'needed' && hasFailed(memory, groups);
  if (!groupsAsked(instance, policy.quarantineGroup) && !isRefused) {
    return [{ state: 'retired-waits', reasons: [`${identifier} is not in quarantine`], actions: [groups] }];
  }
  if (retired.recovery === 'needed') {
    const reason = `${identifier} may hold writes that nobody else has (epoch ${retired.epoch})`;
    return [{ state: 'retired-waits', reasons: [reason], actions: [] }];
  }
  const what = `${identifier}: ${retired.recovery}${retired.why ? ` (${retired.why})` : ''}`;
  const goes = (reason: string, actions: Action[]): Finding[] => [
    { state: 'retired-goes', reasons: [what, reason], actions },
  ];
  // RDS promotes them when their source is deleted: then they would take writes.
  const followers = view.observation.instances.filter((one) => one.source === identifier && !isLeaving(one));
  if (followers.length > 0) {
    return goes(`${followers.map((one) => one.identifier).join(', ')} follows it, and goes first`, []);
  }
  if (instance.deletionProtection) {
    return goes('its deletion protection goes first', [
      { kind: 'modify', on: targetOf(instance), changes: { deletionProtection: false } },
    ]);
  }
  // RDS takes none of a replica: of a candidate that was lost before it was one no more.
  if (instance.source !== undefined) {
    return goes('it is deleted; it is a replica', [{ kind: 'delete', on: targetOf(instance) }]);
  }
  if (isOperational(instance.status)) {
    const gone = deletionOf(memory, instance, retired.epoch);
    const said = refusalOf(memory, gone)?.said;
    return goes(said === undefined ? 'it is deleted with a last snapshot' : `not deleted: ${said}`, [gone]);
  }
  // RDS takes no snapshot of what has failed, or does not come back. Its automated backups are kept.
  const waited = view.now - (retired.decidedAt ?? retired.since);
  return isBroken(instance) || waited >= PROMOTE_TIMEOUT_MILLIS
    ? goes(`it is ${instance.status}: no snapshot can be had`, [{ kind: 'delete', on: targetOf(instance) }])
    : goes(`it is ${instance.status}, for ${seconds(waited)} s; a snapshot is waited for`, []);
}
