/** Tasks that change a setting; `to` is the new value. */
import { startWithGroup } from './parameter-groups';
import { otherZone } from './plane-views';
import type { TaskSpec } from './tasks';

/** The class cannot be changed while it runs: "an outage occurs" (guide, "Settings for DB instances"). */
const modifyClass: TaskSpec = {
  status: 'modifying',
  span: () => 'modifyClass',
  begin: ({ core, instance }) => core.emit('classChanging', instance),
  async finish(step) {
    const { core, instance, task } = step;
    const isUp = await startWithGroup(step, () => core.plane.reboot(instance.resourceId));
    instance.instanceClass = String(task.to);
    delete instance.pending.instanceClass;
    core.emit('shutdown', instance);
    if (isUp) core.emit('restarted', instance);
    core.emit('classChanged', instance);
  },
};

const modifyMultiAz: TaskSpec = {
  status: 'modifying',
  span: () => 'modifyMultiAz',
  begin: ({ core, instance, task }) => core.emit(task.to ? 'multiAzStarted' : 'singleAzStarted', instance),
  async finish({ core, instance, task }) {
    instance.multiAz = Boolean(task.to);
    delete instance.pending.multiAz;
    if (instance.multiAz) instance.secondaryAvailabilityZone = otherZone(instance);
    else delete instance.secondaryAvailabilityZone;
    core.emit(task.to ? 'multiAzFinished' : 'singleAzFinished', instance);
  },
};

const modifyStorage: TaskSpec = {
  status: 'modifying',
  span: () => 'modifyStorage',
  begin: ({ core, instance }) => core.emit('storageChanging', instance),
  async finish({ core, instance, task }) {
    instance.allocatedStorage = Number(task.to);
    delete instance.pending.allocatedStorage;
    if (instance.resting === 'storage-full') instance.resting = 'available';
    core.emit('storageChanged', instance);
  },
};

/** Switches backups on or off; days that only become more or fewer need no task. */
const modifyRetention: TaskSpec = {
  status: 'modifying',
  span: () => 'modifyRetention',
  async finish({ core, instance, task, ask }) {
    const days = Number(task.to);
    await ask(() => core.plane.setArchiving(instance.resourceId, days > 0));
    instance.backupRetentionDays = days;
    delete instance.pending.backupRetentionDays;
    core.emit(days > 0 ? 'backupsOn' : 'backupsOff', instance);
    if (days > 0) core.backups.begin(instance);
    else core.backups.end(instance);
  },
};

const modifyPassword: TaskSpec = {
  status: 'resetting-master-credentials',
  span: () => 'modifyPassword',
  async finish({ core, instance, task, ask }) {
    const master = { ...instance.master, password: String(task.to) };
    await ask(() => core.plane.setMasterPassword(instance.resourceId, master));
    instance.master = master;
    delete instance.pending.password;
    // The password is in the data, and replicas have their source's data.
    for (const replica of core.replicasOf(instance, true)) replica.master = master;
    core.emit('passwordReset', instance);
  },
};

export const CHANGES = { modifyClass, modifyMultiAz, modifyStorage, modifyRetention, modifyPassword };
