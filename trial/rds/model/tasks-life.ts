/** Tasks by which instances and backups come and go. */
import { copyOf } from './plane-views';
import { configuredBy } from './attributes';
import type { Step, TaskSpec } from './tasks';

/** What every new instance has to go through, and whether it is backed up at once. */
async function born({ core, instance }: Step): Promise<void> {
  if (core.state.capacity === 'given up') {
    instance.resting = 'insufficient-capacity';
    core.emit('creationFailed', instance, 'Insufficient instance capacity.');
    return;
  }
  instance.created = true;
  core.emit('created', instance);
  for (const to of configuredBy({}, instance.attributes)) core.enqueue(instance, { kind: 'configure', to });
  if (instance.backupRetentionDays > 0) core.backups.begin(instance);
}

function stillborn({ core, instance }: Step, error: Error): void {
  instance.resting = 'failed';
  const replica = instance.sourceResourceId !== undefined;
  core.emit(replica ? 'replicaFailed' : 'creationFailed', instance, error.message);
}

const create: TaskSpec = {
  status: 'creating',
  span: () => 'create',
  meanwhile: ({ core, instance, ask }) =>
    ask(() =>
      core.plane.create({
        ...copyOf(core, instance),
        master: instance.master,
        databaseName: instance.databaseName,
      }),
    ),
  finish: born,
  failed: stillborn,
};

const createReplica: TaskSpec = {
  status: 'creating',
  span: () => 'createReplica',
  meanwhile: ({ core, instance, task, ask }) =>
    ask(() => core.plane.createReplica(copyOf(core, instance), task.sourceResourceId!)),
  async finish(step) {
    await born(step);
    if (step.instance.created) step.core.emit('replicating', step.instance);
  },
  failed: stillborn,
};

const restore: TaskSpec = {
  status: 'creating',
  span: () => 'restore',
  meanwhile: ({ core, instance, task, ask }) =>
    ask(() => core.plane.restore(copyOf(core, instance), task.sourceResourceId!, task.time ?? 'latest')),
  async finish(step) {
    await born(step);
    if (!step.instance.created) return;
    step.core.emit('restored', step.instance, `${String(step.task.to)} to ${step.instance.identifier}.`);
  },
  failed: stillborn,
};

/** Both kinds of snapshot; the record of it was made when it was asked for. */
const snapshotTask = (span: 'backup' | 'snapshot'): TaskSpec => ({
  status: 'backing-up',
  span: () => span,
  begin({ core, instance, task }) {
    core.emit('backupStarted', instance);
    core.emitSnapshot(span === 'backup' ? 'automatedStarted' : 'snapshotStarted', task.snapshotId!);
  },
  meanwhile: ({ core, instance, task, ask }) =>
    ask(() => core.plane.snapshot(instance.resourceId, task.snapshotId!)),
  async finish({ core, instance, task }) {
    core.backups.taken(task.snapshotId!, 'available');
    if (span === 'backup') core.backups.prune(instance);
    core.emitSnapshot(span === 'backup' ? 'automatedCreated' : 'snapshotCreated', task.snapshotId!);
    core.emit('backupFinished', instance);
  },
  failed({ core, task }) {
    core.backups.taken(task.snapshotId!, 'failed');
  },
});

/** "Validating that read replicas are healthy and are safe to delete" (guide, "DB instance status"). */
const precheck: TaskSpec = {
  status: 'delete-precheck',
  span: () => 'deletePrecheck',
  withoutHost: true,
};

const remove: TaskSpec = {
  status: 'deleting',
  span: () => 'delete',
  withoutHost: true,
  async meanwhile({ core, instance, task, ask }) {
    if (task.snapshotId) await ask(() => core.plane.snapshot(instance.resourceId, task.snapshotId!));
  },
  async finish({ core, instance, task, ask }) {
    await ask(() => core.plane.remove(instance.resourceId, task.keepBackups === true));
    if (task.snapshotId) {
      core.backups.taken(task.snapshotId, 'available');
      core.emitSnapshot('snapshotCreated', task.snapshotId);
    }
    core.emit('deleted', instance);
    core.forget(instance, task.keepBackups === true);
  },
};

export const LIFE = {
  create,
  createReplica,
  restore,
  backup: snapshotTask('backup'),
  snapshot: snapshotTask('snapshot'),
  precheck,
  remove,
};
