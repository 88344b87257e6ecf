/** Tasks that end and start the server: reboot, failover, recovery, stop, start, promotion, new name. */
import { DURATIONS } from '../durations';
import { startWithGroup } from './parameter-groups';
import { endpointOf } from './plane-views';
import type { Step, TaskSpec } from './tasks';

/** The instance runs again, and RDS knows it. */
function runs({ core, instance }: Step): void {
  delete instance.crashedAt;
  delete instance.hostLost;
  delete instance.archiveEndedAt;
  core.cancel(instance, 'notice');
}

function swapZones({ instance }: Step): void {
  const { availabilityZone, secondaryAvailabilityZone } = instance;
  if (!secondaryAvailabilityZone) return;
  instance.availabilityZone = secondaryAvailabilityZone;
  instance.secondaryAvailabilityZone = availabilityZone;
}

/** Without failover the outage is momentary (guide); with it, it lasts for the time of the table. */
const reboot: TaskSpec = {
  status: 'rebooting',
  span: ({ failover }) => (failover ? 'failover' : 'reboot'),
  begin({ core, instance, task }) {
    core.emit(task.failover ? 'failoverStarted' : 'shutdown', instance);
  },
  async meanwhile(step) {
    const { core, instance, task, ask } = step;
    if (task.failover) return ask(() => core.plane.stop(instance.resourceId));
    if (!(await startWithGroup(step, () => core.plane.reboot(instance.resourceId)))) return;
    // Also when it had ended before, and RDS had not seen it yet.
    runs(step);
  },
  async finish(step) {
    const { core, instance, task, ask } = step;
    if (task.failover) {
      await ask(() => core.plane.start(instance.resourceId));
      swapZones(step);
      // Without failover it has run since the beginning, and may have ended again: RDS sees that in its time.
      runs(step);
    }
    if (instance.resting === 'incompatible-parameters') return;
    core.emit('restarted', instance);
    if (task.failover) core.emit('failoverCompleted', instance);
  },
};

/** After a crash. The server is restarted on its host, or the host is replaced. */
const recover: TaskSpec = {
  status: 'rebooting',
  span: ({ lostHost }) => (lostHost ? 'hostReplacement' : 'restart'),
  begin({ core, instance }) {
    core.emit('shutdown', instance);
    core.emit('recoveryStarted', instance);
  },
  async finish(step) {
    const { core, instance, ask } = step;
    await ask(() => core.plane.start(instance.resourceId));
    runs(step);
    core.emit('restarted', instance);
    core.emit('recoveryComplete', instance);
  },
};

const stop: TaskSpec = {
  status: 'stopping',
  span: () => 'stop',
  meanwhile: ({ core, instance, ask }) => ask(() => core.plane.stop(instance.resourceId)),
  async finish({ core, instance }) {
    instance.resting = 'stopped';
    instance.archiveEndedAt = core.now();
    // Guide, "Stopping a DB instance": "removes pending actions", and no backups are made.
    instance.pending = {};
    for (const timer of ['maintenance', 'backup', 'notice'] as const) core.cancel(instance, timer);
    // Not scaled, as the windows are not: at time scale 0 nothing could ever be stopped.
    core.at(instance, 'autoStart', core.now() + DURATIONS.stopped.milliseconds);
    core.emit('stopped', instance);
  },
};

const start: TaskSpec = {
  status: 'starting',
  span: () => 'start',
  begin: ({ core, instance }) => core.cancel(instance, 'autoStart'),
  async finish(step) {
    const { core, instance } = step;
    if (!(await startWithGroup(step, () => core.plane.start(instance.resourceId)))) return;
    runs(step);
    core.emit('started', instance);
    if (instance.backupRetentionDays > 0) core.backups.plan(instance);
  },
};

/** `to`: days for which backups are kept from now on. */
const promote: TaskSpec = {
  status: 'modifying',
  span: () => 'promote',
  begin({ instance, task }) {
    if (instance.promotion === 'fails') task.fails = true;
  },
  async meanwhile({ core, instance, task, ask }) {
    if (!task.fails) await ask(() => core.plane.promote(instance.resourceId));
  },
  async finish(step) {
    const { core, instance, task, ask } = step;
    if (task.fails) return;
    const days = Number(task.to);
    await ask(() => core.plane.reboot(instance.resourceId));
    await ask(() => core.plane.setArchiving(instance.resourceId, days > 0));
    runs(step);
    delete instance.sourceResourceId;
    delete instance.restorableSince;
    instance.backupRetentionDays = days;
    core.emit('replicationEnded', instance);
    core.emit('shutdown', instance);
    core.emit('restarted', instance);
    if (days > 0) core.backups.begin(instance);
  },
};

/** The old name goes at once; for a while the instance is still described by it. `to`: the new identifier. */
const rename: TaskSpec = {
  status: 'renaming',
  span: () => 'identifier',
  meanwhile: async ({ core, instance, ask }) => {
    if (core.plane.unname) await ask(() => core.plane.unname!(instance.resourceId));
  },
  async finish({ core, instance, task }) {
    instance.identifier = String(task.to);
    delete instance.pending.identifier;
    core.next(instance, { kind: 'settleName' });
  },
};

/** "Not available until the new name becomes effective" (guide, "Renaming a DB instance"), and it reboots. */
const settleName: TaskSpec = {
  status: 'renaming',
  span: () => 'dns',
  async finish(step) {
    const { core, instance, ask } = step;
    await ask(() => core.plane.rename(instance.resourceId, endpointOf(core, instance)));
    await ask(() => core.plane.reboot(instance.resourceId));
    runs(step);
    core.emit('shutdown', instance);
    core.emit('restarted', instance);
  },
};

/** Of a fault: RDS works on it. `to`: the status; where that ends in a restart, it restarts. */
const attend: TaskSpec = {
  status: ({ to }) => String(to),
  span: ({ milliseconds = 0 }) => milliseconds,
  async finish({ core, instance, task, ask }) {
    if (task.to !== 'maintenance' && task.to !== 'upgrading') return;
    await ask(() => core.plane.reboot(instance.resourceId));
    core.emit('shutdown', instance);
    core.emit('restarted', instance);
  },
};

export const POWER = { attend, reboot, recover, stop, start, promote, rename, settleName };
