/** Settings that an instance lacks: those of a primary after a promotion, and the windows of what this controller has made. */
import type { Action, Changes } from '../decision';
import type { SeenInstance } from '../observation';
import { isOperational } from '../statuses';
import type { Finding, Findings } from './heal';
import { hasFailed, isDue } from './retry';
import { type View, fitReplicas, targetOf } from './view';
import { mustWait } from './waiting';
import { isInWindow } from './window';

/**
 * Both windows by one call, and both always: RDS refuses two that overlap ("must not conflict", API, ModifyDBInstance;
 * terraform-provider-aws#49828), and those that nobody gave it chooses by chance. The call that makes a replica takes none
 * (API, CreateDBInstanceReadReplica). Those of a template have theirs from CloudFormation, but for the backups of one that is
 * promoted.
 *
 * Never within the window that is to be: what waits for it would begin at once (API, PreferredMaintenanceWindow).
 */
export function windowFindings(view: View, primary: SeenInstance): Finding[] {
  const { memory, policy, now } = view;
  const { maintenanceWindow, backupWindow } = policy;
  if (isInWindow(maintenanceWindow, now)) return [];
  return [primary, ...fitReplicas(view)]
    .filter(({ isOurs }) => isOurs || memory.phase === 'healing')
    .filter(
      (one) =>
        (one.maintenanceWindow ?? maintenanceWindow) !== maintenanceWindow ||
        (one.backupWindow ?? backupWindow) !== backupWindow,
    )
    .map((one) => ({
      state: 'healing',
      reasons: [
        `the windows of ${one.identifier} are ${one.backupWindow} and ${one.maintenanceWindow}, ` +
          `not ${backupWindow} and ${maintenanceWindow}`,
      ],
      actions: whenTaken(one, {
        kind: 'modify',
        on: targetOf(one),
        changes: { backupWindow, maintenanceWindow },
      }),
    }));
}

/** What is wrong is said in every status; what mends it, and is in no hurry, waits for one that takes it. */
const whenTaken = ({ status }: SeenInstance, action: Action): readonly Action[] =>
  isOperational(status) ? [action] : [];

/** What the template says of a primary, and a promoted replica does not have. */
export function settingFindings(view: View, primary: SeenInstance): Finding[] {
  const { policy } = view;
  const { deletionProtection, backupDays, identifier } = primary;
  const modify = (changes: Changes, reason: string, waits?: string): Finding[] => [
    waits === undefined
      ? {
          state: 'healing',
          reasons: [reason],
          actions: whenTaken(primary, { kind: 'modify', on: targetOf(primary), changes }),
        }
      : { state: 'healing', reasons: [reason, waits], actions: [] },
  ];
  const lacks = `${identifier} lacks the settings of a primary`;
  const days = Math.max(1, policy.backupDays);
  if (backupDays === 0) {
    const waits = mustWait(primary, 'BackupRetentionPeriod');
    // Protection alone begins nothing.
    return waits !== undefined && deletionProtection !== policy.deletionProtection
      ? modify({ deletionProtection: policy.deletionProtection }, lacks)
      : modify({ deletionProtection: policy.deletionProtection, backupDays: days }, lacks, waits);
  }
  if (deletionProtection !== policy.deletionProtection || backupDays !== days) {
    return modify({ deletionProtection: policy.deletionProtection, backupDays: days }, lacks);
  }
  return [];
}

const STANDBY_FIRST_MILLIS = 10 * 60_000;
const STANDBY_LONGEST_MILLIS = 6 * 60 * 60_000;

/**
 * In the end Multi-AZ, which takes long. RDS may accept it and give it up for want of capacity, with no more than an event
 * (terraform-provider-aws#43322): it is asked for again, ever more rarely, as each time takes a snapshot and keeps the primary
 * from being changed. The group is steady meanwhile; what was begun in phase `healing` goes on then.
 */
export function standbyFindings(view: View, primary: SeenInstance): Findings {
  const { memory, policy, now } = view;
  const { multiAz } = policy;
  const { standby, ...without } = memory;
  const isWanted = primary.multiAz !== multiAz && (memory.phase === 'healing' || standby !== undefined);
  if (!isWanted) return { memory: without, findings: [] };
  if (fitReplicas(view).length < policy.replicas) return { memory, findings: [] };
  const { asked = 0, at = 0 } = standby ?? {};
  const reasons = [
    `${primary.identifier} has no standby as the settings say` +
      (asked > 1 ? `: RDS has accepted that ${asked} times, and not done it` : ''),
  ];
  const mayWait = asked > 1;
  const waits = mustWait(primary, 'MultiAZ');
  if (waits !== undefined) {
    return {
      // What is wanted is remembered: it goes on when nothing waits any more.
      memory: { ...memory, standby: standby ?? { asked: 0, at: now } },
      findings: [{ state: 'healing', reasons: [...reasons, waits], actions: [], mayWait: true }],
    };
  }
  const pause = Math.min(STANDBY_LONGEST_MILLIS, STANDBY_FIRST_MILLIS * 2 ** (asked - 1));
  const modify: Action = { kind: 'modify', on: targetOf(primary), changes: { multiAz } };
  const isTime = asked === 0 || now - at >= pause || hasFailed(memory, modify);
  const actions = isTime ? whenTaken(primary, modify) : [];
  const isNew = actions.length > 0 && isDue(memory, modify, now);
  return {
    memory: isNew
      ? { ...memory, standby: { asked: hasFailed(memory, modify) ? Math.max(1, asked) : asked + 1, at: now } }
      : memory,
    findings: [{ state: 'healing', reasons, actions, mayWait }],
  };
}
