import type { Core } from './core';
import { isOptimizing } from './storage';
import type { Instance, Pending } from './state';
import type { Task } from './tasks';

/** The order in which RDS makes several changes is not documented; the new name comes last, as it reboots. */
const TASK_OF: readonly (readonly [keyof Pending, Task['kind']])[] = [
  ['password', 'modifyPassword'],
  ['backupRetentionDays', 'modifyRetention'],
  ['allocatedStorage', 'modifyStorage'],
  ['storageType', 'modifyStorage'],
  ['iops', 'modifyStorage'],
  ['storageThroughput', 'modifyStorage'],
  ['instanceClass', 'modifyClass'],
  ['multiAz', 'modifyMultiAz'],
  ['identifier', 'rename'],
];

/** Whether a change waits for the window: no task makes it, and no timer. */
export const hasWaiting = (instance: Instance): boolean =>
  TASK_OF.some(
    ([key, kind]) =>
      instance.pending[key] !== undefined &&
      !(kind === 'rename' && instance.timers.rename !== undefined) &&
      !instance.tasks.some((task) => task.kind === kind),
  );

/** RDS answers first, and begins with the new name afterwards (boto/boto3#609). */
export function applyAtOnce(core: Core, instance: Instance): void {
  applyPending(
    core,
    instance,
    TASK_OF.map(([key]) => key).filter((key) => key !== 'identifier'),
  );
  if (instance.pending.identifier === undefined || instance.timers.rename !== undefined) return;
  if (instance.tasks.some(({ kind }) => kind === 'rename')) return;
  core.at(instance, 'rename', core.now() + core.span('renameBegins'));
}

/** Makes the changes that wait: all of them, or only `keys`. */
export function applyPending(core: Core, instance: Instance, keys?: readonly (keyof Pending)[]): void {
  for (const [key, kind] of TASK_OF) {
    const to = instance.pending[key];
    if (to === undefined || (keys && !keys.includes(key))) continue;
    if (instance.tasks.some((task) => task.kind === kind)) continue;
    // It waits for the next window.
    if (kind === 'modifyStorage' && isOptimizing(core, instance)) continue;
    core.enqueue(instance, { kind, to });
  }
}
