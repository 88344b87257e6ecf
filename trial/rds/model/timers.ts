/** What happens to an instance at a time that was set before. */
import type { Core } from './core';
import { bringParameters } from './parameter-groups';
import { applyPending, hasWaiting } from './pending';
import type { Instance, Timer } from './state';
import { nextMaintenance } from './windows';

/** The groups are in force. RDS says so only when they are. */
function securityGroups(core: Core, instance: Instance): void {
  const groups = instance.nextSecurityGroupIds;
  if (!groups) return;
  core
    .ask(instance.resourceId, () => core.plane.setSecurityGroups(instance.resourceId, groups))
    .then(
      () => {
        if (instance.nextSecurityGroupIds !== groups) return;
        instance.securityGroupIds = groups;
        delete instance.nextSecurityGroupIds;
        core.changed();
      },
      () => core.at(instance, 'securityGroups', core.now() + 1000 + core.span('securityGroups')),
    );
}

/**
 * RDS has seen that the server is down: a Multi-AZ instance fails over, another is restarted, or gets a new host. An
 * instance that is kept away stays as it is: no event tells that it cannot be reached.
 */
function notice(core: Core, instance: Instance): void {
  if (instance.crashedAt === undefined || instance.held) return;
  if (instance.tasks.some(({ kind }) => kind === 'remove' || kind === 'stop')) return;
  const lostHost = instance.hostLost === true;
  if (instance.tasks.length > 0) return restartInBetween(core, instance);
  core.enqueue(
    instance,
    instance.multiAz ? { kind: 'reboot', failover: true } : { kind: 'recover', lostHost },
  );
}

/** What it is busy with goes on when the server is back; that has no state of its own. */
function restartInBetween(core: Core, instance: Instance): void {
  core.emit('shutdown', instance);
  core
    .ask(instance.resourceId, () => core.plane.start(instance.resourceId))
    .then(
      () => {
        delete instance.crashedAt;
        delete instance.archiveEndedAt;
        core.emit('restarted', instance);
      },
      () => core.at(instance, 'notice', core.now() + 1000 + core.span('crashNotice')),
    );
}

function autoStart(core: Core, instance: Instance): void {
  core.emit('stoppedTooLong', instance);
  core.enqueue(instance, { kind: 'start' });
}

const isUp = (core: Core, instance: Instance): boolean =>
  core.isAvailable(instance) && instance.crashedAt === undefined && !instance.held;

/** Pending changes are made in the window; an instance that is busy then has to wait for the next. */
function maintenance(core: Core, instance: Instance): void {
  if (isUp(core, instance)) applyPending(core, instance);
  if (hasWaiting(instance))
    core.at(instance, 'maintenance', nextMaintenance(instance.maintenanceWindow, core.now()));
}

/** "Automated backups occur only while the instance is available" (guide, "Working with backups"). */
function backup(core: Core, instance: Instance): void {
  if (isUp(core, instance)) core.backups.daily(instance);
  else core.backups.plan(instance);
}

/** RDS begins with the new name: until then the instance is shown as available, under its old one. */
function rename(core: Core, instance: Instance): void {
  applyPending(core, instance, ['identifier']);
}

export const TIMERS: Record<Timer, (core: Core, instance: Instance) => void> = {
  securityGroups,
  parameters: bringParameters,
  notice,
  autoStart,
  maintenance,
  backup,
  rename,
  // The status follows from the timer, which is gone now.
  optimized: () => undefined,
};
