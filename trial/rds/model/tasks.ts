/**
 * What an instance can be busy with: the state that RDS shows meanwhile, how long it lasts, what the database is asked,
 * and what holds afterwards. A task is data, so that a trial that was ended goes on where it was.
 */
import type { Span } from '../durations';
import type { Core } from './core';
import { CHANGES } from './tasks-change';
import { LIFE } from './tasks-life';
import { POWER } from './tasks-power';
import type { Instance } from './state';

export type TaskKind = keyof typeof TASKS;

export interface Task {
  readonly kind: TaskKind;
  /** When it may end, at the earliest; absent until it has begun. */
  endsAt?: number;
  /** What only some kinds have. */
  readonly to?: string | number | boolean;
  readonly sourceResourceId?: string;
  /** Milliseconds since 1970. */
  readonly time?: number | 'latest';
  readonly snapshotId?: string;
  readonly failover?: boolean;
  readonly keepBackups?: boolean;
  readonly lostHost?: boolean;
  /** RDS's own change of the size. */
  readonly autoscaling?: boolean;
  /** Of a fault: nothing comes of it. */
  fails?: boolean;
  /** Of a fault: how long it lasts, not scaled. */
  readonly milliseconds?: number;
}

export interface Step {
  readonly core: Core;
  readonly instance: Instance;
  readonly task: Task;
  /** Asks the data plane, and throws `Superseded` when the task has been overtaken meanwhile. */
  ask(call: () => Promise<void>): Promise<void>;
}

export interface TaskSpec {
  /** Shown while it lasts. */
  readonly status: string | ((task: Task) => string);
  /** Or milliseconds that are not scaled. */
  span(task: Task): Span | number;
  /** Whether it can go on while a fault keeps the host away. */
  readonly withoutHost?: boolean;
  /** At once, when it begins. */
  begin?(step: Step): void;
  /** While the time of the table passes. May be repeated. */
  meanwhile?(step: Step): Promise<void>;
  /** When both are over. Asks first, then changes the record. May be repeated until it is through. */
  finish?(step: Step): Promise<void>;
  /** When the database refuses; without it, RDS tries again and then gives up. */
  failed?(step: Step, error: Error): void;
}

export const TASKS = { ...LIFE, ...POWER, ...CHANGES } as const satisfies Record<string, TaskSpec>;

export const specOf = (task: Task): TaskSpec => TASKS[task.kind];

/** What DescribeDBInstances shows as the state. */
export function statusOf({ tasks, resting, timers }: Instance): string {
  const [task] = tasks;
  if (task) {
    const { status } = specOf(task);
    return typeof status === 'string' ? status : status(task);
  }
  // "The DB instance is fully operational" (guide, "DB instance status"): it is a state of its storage alone.
  return resting === 'available' && timers.optimized !== undefined ? 'storage-optimization' : resting;
}

/** Whether it serves, and no task is under way. */
export const isUsable = ({ tasks, resting }: Instance): boolean => !tasks[0] && resting === 'available';
