/** What one round comes to. */
import type { Memory } from './memory';
import type { SeenNames } from './observation';
import type { StateName } from './states';

export interface Decision {
  readonly state: StateName;
  /** What was seen that led here: sentences, the evidence of each action's entry. */
  readonly reasons: readonly string[];
  readonly memory: Memory;
  /** In this order; each may be repeated. None when the round saw nothing whole, or on hold. */
  readonly actions: readonly Action[];
  /** For people, by SNS. */
  readonly notices: readonly Notice[];
}

/** A change. Instances are named by both: RDS takes the identifier, everything else goes by the resource id. */
export type Action =
  | { readonly kind: 'set-groups'; readonly on: Target; readonly groups: readonly string[] }
  | { readonly kind: 'reboot'; readonly on: Target }
  /** `backupWindow`: absent where RDS would refuse it. */
  | {
      readonly kind: 'promote';
      readonly on: Target;
      readonly backupDays: number;
      readonly backupWindow?: string;
    }
  | { readonly kind: 'modify'; readonly on: Target; readonly changes: Changes }
  | { readonly kind: 'create-replica'; readonly identifier: string; readonly of: Target }
  /** `snapshot`: name of the last one; absent: none can be had, or nothing is lost with it. */
  | { readonly kind: 'delete'; readonly on: Target; readonly snapshot?: string }
  | { readonly kind: 'rename'; readonly on: Target; readonly to: string }
  /** Advances sequences, makes the slot, and proves a write by writing the epoch. Once an epoch. */
  | { readonly kind: 'open'; readonly on: Target; readonly epoch: number; readonly sequenceGap: number }
  | { readonly kind: 'move-names'; readonly from: SeenNames; readonly to: SeenNames }
  | { readonly kind: 'stack-policy'; readonly updates: 'allowed' | 'denied' };

/** Settings of an instance. */
export interface Changes {
  readonly deletionProtection?: boolean;
  readonly multiAz?: boolean;
  readonly backupDays?: number;
  readonly backupWindow?: string;
  readonly maintenanceWindow?: string;
}

export type ActionKind = Action['kind'];

export interface Target {
  readonly resourceId: string;
  readonly identifier: string;
}

/** Subject and text of a message to people. */
export interface Notice {
  readonly severity: 'info' | 'warning' | 'critical';
  readonly subject: string;
  readonly text: string;
}

/**
 * What is the same thing, tried again: the key of its backoff. The quarantine group is another thing than the usual one, and
 * names that go to a new writer are another thing than those that follow replicas: healing never delays a failover.
 */
export function keyOf(action: Action): string {
  switch (action.kind) {
    case 'set-groups':
      return [action.kind, action.on.resourceId, ...action.groups].join(' ');
    case 'create-replica':
      return `${action.kind} ${action.identifier}`;
    case 'move-names':
      return `${action.kind} ${action.to.writer}`;
    case 'stack-policy':
      return action.kind;
    default:
      return `${action.kind} ${action.on.resourceId}`;
  }
}
