/** Tasks that change a setting; `to` is the new value. */
import { otherZone } from './around';
import { startWithGroup } from './parameter-groups';
import type { Step, TaskSpec } from './tasks';

/** A change that RDS accepted, and gives up: all that it shows is an event (terraform-provider-aws#43322). */
function lacksCapacity({ core, instance }: Step, instanceClass: string, zone: string): void {
  core.emit(
    'givenUp',
    instance,
    `for instance type ${instanceClass} in availability zone ${zone}; putting database instance into available`,
  );
}

/** The class cannot be changed while it runs: "an outage occurs" (guide, "Settings for DB instances"). */
const modifyClass: TaskSpec = {
  status: 'modifying',
  span: () => 'modifyClass',
  begin: ({ core, instance }) => core.emit('classChanging', instance),
  async finish(step) {
    const { core, instance, task } = step;
    if (core.state.capacity) {
      delete instance.pending.instanceClass;
      return lacksCapacity(step, String(task.to), instance.availabilityZone);
    }
    // Formulas of the group are computed for the class with which it starts.
    instance.instanceClass = String(task.to);
    const isUp = await startWithGroup(step, () => core.plane.reboot(instance.resourceId));
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
  async finish(step) {
    const { core, instance, task } = step;
    delete instance.pending.multiAz;
    if (task.to && core.state.capacity) {
      return lacksCapacity(step, instance.instanceClass, otherZone(instance));
    }
    instance.multiAz = Boolean(task.to);
    if (instance.multiAz) instance.secondaryAvailabilityZone = otherZone(instance);
    else delete instance.secondaryAvailabilityZone;
    core.emit(task.to ? 'multiAzFinished' : 'singleAzFinished', instance);
  },
};

const STORAGE_CHANGES = ['allocatedStorage', 'storageType', 'iops', 'storageThroughput'] as const;

const modifyStorage: TaskSpec = {
  status: 'modifying',
  span: () => 'modifyStorage',
  begin: ({ core, instance, task }) =>
    core.emit(task.autoscaling ? 'storageGrowing' : 'storageChanging', instance),
  async finish({ core, instance, task }) {
    const { pending, attributes } = instance;
    instance.allocatedStorage = pending.allocatedStorage ?? instance.allocatedStorage;
    attributes.StorageType = pending.storageType ?? attributes.StorageType;
    attributes.Iops = pending.iops ?? attributes.Iops;
    attributes.StorageThroughput = pending.storageThroughput ?? attributes.StorageThroughput;
    for (const key of STORAGE_CHANGES) delete pending[key];
    if (instance.resting === 'storage-full') instance.resting = 'available';
    instance.storageChangedAt = core.now();
    core.at(instance, 'optimized', core.now() + core.span('storageOptimization'));
    core.emit(task.autoscaling ? 'storageGrown' : 'storageChanged', instance);
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

/** Enhanced monitoring, log exports, or IAM authentication; `to`: the status. */
const configure: TaskSpec = {
  status: ({ to }) => String(to),
  span: () => 'configure',
};

export const CHANGES = {
  configure,
  modifyClass,
  modifyMultiAz,
  modifyStorage,
  modifyRetention,
  modifyPassword,
};
