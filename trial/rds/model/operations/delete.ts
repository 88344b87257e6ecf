import type { DeleteDBInstanceMessage, DeleteDBInstanceResult } from '@aws-sdk/client-rds';
import * as check from '../checks';
import type { Core } from '../core';
import { invalidInstanceState, invalidParameterCombination } from '../errors';
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
  if (statusOf(instance) === 'deleting') {
    throw invalidInstanceState(`Instance ${instance.identifier} is already being deleted.`);
  }
  if (snapshotId && statusOf(instance) === 'failed') {
    throw invalidInstanceState(
      `Instance ${instance.identifier} has failed: it can be deleted with SkipFinalSnapshot only.`,
    );
  }
  if (snapshotId) core.backups.add(instance, snapshotId, 'manual', instance.tags);
  // API, DeleteAutomatedBackups: "The default is to delete".
  const keepBackups = request.DeleteAutomatedBackups === false && instance.backupRetentionDays > 0;
  core.supersede(instance, { kind: 'remove', snapshotId, keepBackups });
  for (const replica of core.replicasOf(instance)) {
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
