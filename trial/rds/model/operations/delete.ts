import type { DeleteDBInstanceMessage, DeleteDBInstanceResult } from '@aws-sdk/client-rds';
import { mustTake } from '../admission';
import * as check from '../checks';
import type { Core } from '../core';
import { backupQuotaExceeded, invalidInstanceState, invalidParameterCombination } from '../errors';
import type { Instance } from '../state';
import { statusOf } from '../tasks';
import { viewOf } from '../views';
import { freeSnapshotIdentifier } from './snapshots';

/** Deletes an instance; replicas that follow it in its region are promoted. */
export async function deleteDBInstance(
  core: Core,
  request: DeleteDBInstanceMessage,
): Promise<DeleteDBInstanceResult> {
  const instance = core.find(check.given(request.DBInstanceIdentifier, 'DBInstanceIdentifier'));
  const snapshotId = finalSnapshot(core, instance, request);
  if (instance.deletionProtection) {
    throw invalidParameterCombination(
      'Cannot delete protected DB Instance, please disable deletion protection and try again.',
    );
  }
  const status = statusOf(instance);
  if (status === 'deleting' || status === 'delete-precheck') {
    throw invalidInstanceState(`Instance ${instance.identifier} is already being deleted.`);
  }
  if (snapshotId) mustTake(core, instance, 'snapshot');
  // API, DeleteAutomatedBackups: "The default is to delete".
  const keepBackups = request.DeleteAutomatedBackups === false && instance.backupRetentionDays > 0;
  if (keepBackups && core.state.retired.length >= check.INSTANCE_QUOTA) {
    // API: "the same as your DB instance quota"; terraform-provider-aws#26530
    throw backupQuotaExceeded('The quota for retained automated backups was exceeded.');
  }
  if (snapshotId)
    core.backups.add(
      instance,
      snapshotId,
      'manual',
      instance.attributes.CopyTagsToSnapshot ? instance.tags : [],
    );
  const replicas = core.replicasOf(instance);
  const remove = { kind: 'remove', snapshotId, keepBackups } as const;
  core.supersede(instance, replicas.length > 0 ? { kind: 'precheck' } : remove);
  if (replicas.length > 0) core.enqueue(instance, remove);
  for (const replica of replicas) {
    if (replica.resting === 'failed') delete replica.sourceResourceId;
    else core.enqueue(replica, { kind: 'promote', to: replica.backupRetentionDays });
  }
  return { DBInstance: viewOf(core, instance) };
}

function finalSnapshot(core: Core, instance: Instance, request: DeleteDBInstanceMessage): string | undefined {
  const { SkipFinalSnapshot: skip = false, FinalDBSnapshotIdentifier: name } = request;
  if (instance.sourceResourceId !== undefined && name) {
    throw invalidParameterCombination(
      'FinalDBSnapshotIdentifier can not be specified when deleting a replica instance',
    );
  }
  if (skip && name) {
    throw invalidParameterCombination(
      'FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is true.',
    );
  }
  if (!skip && !name) {
    throw invalidParameterCombination(
      'FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.',
    );
  }
  return name && freeSnapshotIdentifier(core, name, 'FinalDBSnapshotIdentifier');
}
