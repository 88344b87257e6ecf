import type { Core } from './core';
import type { Instance, Pending } from './state';
import type { Task } from './tasks';

/** The order in which RDS makes several changes is not documented; the new name comes last, as it reboots. */
const TASK_OF: readonly (readonly [keyof Pending, Task['kind']])[] = [
  ['password', 'modifyPassword'],
  ['backupRetentionDays', 'modifyRetention'],
  ['allocatedStorage', 'modifyStorage'],
  ['instanceClass', 'modifyClass'],
  ['multiAz', 'modifyMultiAz'],
  ['identifier', 'rename'],
];

/** Whether a change waits for which there is no task yet. */
export const hasWaiting = (instance: Instance): boolean =>
  TASK_OF.some(
    ([key, kind]) =>
      instance.pending[key] !== undefined && !instance.tasks.some((task) => task.kind === kind),
  );

/** Makes the changes that wait: all of them, or only `keys`. */
export function applyPending(core: Core, instance: Instance, keys?: readonly (keyof Pending)[]): void {
  for (const [key, kind] of TASK_OF) {
    const to = instance.pending[key];
    if (to === undefined || (keys && !keys.includes(key))) continue;
    if (instance.tasks.some((task) => task.kind === kind)) continue;
    core.enqueue(instance, { kind, to });
  }
}
