/** The usual names again: in the maintenance window, or when somebody asks. One renaming after the other. */
import type { Action } from '../decision';
import { RETIRED_NAMES } from '../instance-names';
import type { Memory } from '../memory';
import type { SeenInstance } from '../observation';
import { isOperational } from '../statuses';
import { type Step, step } from './step';
import {
  type View,
  fitReplicas,
  isLeaving,
  namesSettled,
  primaryName,
  primaryOf,
  replicasOf,
  retiredName,
  targetOf,
  usualReplicaNames,
} from './view';
import { mustWait } from './waiting';
import { isInWindow } from './window';

/** Who began a renaming that nobody asked for. */
const WINDOW = 'maintenance window';

/** @returns undefined when there is nothing to rename, or it is not the time */
export function naming(view: View): Step | undefined {
  const { memory, policy, now } = view;
  if (namesSettled(view)) {
    if (!memory.naming) return undefined;
    return step('naming', { ...memory, naming: undefined }, ['every database has its usual name']);
  }
  if ((memory.naming?.by ?? WINDOW) === WINDOW && !isInWindow(policy.maintenanceWindow, now)) {
    // What could not be renamed waits for the next one: each renaming restarts an instance.
    return memory.naming
      ? step('naming', { ...memory, naming: undefined }, ['the maintenance window is over'])
      : undefined;
  }
  const naming = memory.naming ?? { since: now, by: WINDOW };
  // Only a whole group: each renaming restarts an instance.
  if (fitReplicas(view).length < policy.replicas) return undefined;
  const [reason, action] = next(view);
  const isPrimary = action && 'on' in action && action.on.resourceId === memory.primary;
  const under: Memory = { ...memory, naming: { ...naming, ...(isPrimary && { primaryAt: now }) } };
  return step('naming', under, [reason], action ? [action] : []);
}

function next(view: View): [string, Action?] {
  const { policy, observation, memory } = view;
  const busy = observation.instances.find(({ status }) => status === 'renaming');
  if (busy) return [`${busy.identifier} is being renamed`];
  const primary = primaryOf(view)!;
  const holderOf = (name: string): SeenInstance | undefined =>
    observation.instances.find(({ identifier }) => identifier === name);
  const rename = (instance: SeenInstance, to: string): [string, Action?] => {
    const { identifier, status } = instance;
    if (!isOperational(status)) return [`${identifier} cannot be renamed: it is ${status}`];
    const waits = mustWait(instance, 'DBInstanceIdentifier');
    return waits === undefined
      ? [`${identifier} becomes ${to}`, { kind: 'rename', on: targetOf(instance), to }]
      : [`${identifier} is not renamed yet: ${waits}`];
  };

  const usual = primaryName(policy);
  if (primary.identifier !== usual) {
    const holder = holderOf(usual);
    if (!holder) return rename(primary, usual);
    const retired = memory.retired.find(({ resourceId }) => resourceId === holder.resourceId);
    if (!retired) return [`${usual} is the name of ${holder.resourceId}, which is ${holder.status}`];
    if (isLeaving(holder)) return [`${usual} is being deleted: then its name is free`];
    // Two changes of one instance in a round, the second by a name that the first takes away.
    if (retired.recovery !== 'needed') return [`${usual} goes: then its name is free`];
    return rename(holder, freeRetiredName(view, retired.epoch));
  }
  const free = usualReplicaNames(policy).filter((name) => !holderOf(name));
  const stranger = replicasOf(view).find(
    (replica) => !isLeaving(replica) && !usualReplicaNames(policy).includes(replica.identifier),
  );
  return stranger && free[0]
    ? rename(stranger, free[0])
    : [
        `the names of the replicas are still taken by ${usualReplicaNames(policy).filter(holderOf).join(', ')}`,
      ];
}

/**
 * That of its epoch, or the next that is free: an epoch has one old primary, and candidates that were lost under it. After the
 * last name with a log group of its own comes the first again; beyond them, only when all are taken.
 */
function freeRetiredName(view: View, epoch: number): string {
  const taken = new Set(view.observation.instances.map(({ identifier }) => identifier));
  const first = Math.max(0, epoch - 1) % RETIRED_NAMES;
  for (let index = 0; ; index++) {
    const number = index < RETIRED_NAMES ? ((first + index) % RETIRED_NAMES) + 1 : index + 1;
    const name = retiredName(view.policy, number);
    if (!taken.has(name)) return name;
  }
}
