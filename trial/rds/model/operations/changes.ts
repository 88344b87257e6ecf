/** Changes of an instance that take time: what a request asks, and when it is made. */
import type { ModifyDBInstanceMessage } from '@aws-sdk/client-rds';
import { mustHaveTwoZones } from '../around';
import * as check from '../checks';
import type { Core } from '../core';
import { invalidParameterCombination, invalidParameterValue } from '../errors';
import { applyAtOnce, applyPending, hasWaiting } from '../pending';
import type { Instance, Pending } from '../state';
import { checkNewMaximum, checkStorage, mustNotBeOptimizing, newSize } from '../storage';
import { nextMaintenance } from '../windows';

/**
 * What of the request is different from what is, and needs a task.
 * @throws RdsError for what RDS does not take
 */
export function changesIn(core: Core, instance: Instance, request: ModifyDBInstanceMessage): Pending {
  const changes: Pending = {};
  const { DBInstanceClass, MultiAZ, BackupRetentionPeriod, NewDBInstanceIdentifier, MasterUserPassword } =
    request;
  if (request.EngineVersion && request.EngineVersion !== instance.engineVersion) {
    throw invalidParameterValue(
      `Cannot upgrade postgres from ${instance.engineVersion} to ${request.EngineVersion}`,
    );
  }
  if (DBInstanceClass) changes.instanceClass = check.instanceClass(core, DBInstanceClass);
  if (DBInstanceClass && DBInstanceClass !== instance.instanceClass) check.capacity(core);
  Object.assign(changes, storageIn(core, instance, request));
  if (MultiAZ) mustHaveTwoZones(instance.subnetGroup);
  if (MultiAZ !== undefined) changes.multiAz = MultiAZ;
  if (BackupRetentionPeriod !== undefined) {
    changes.backupRetentionDays = check.backupDays(BackupRetentionPeriod);
    if (BackupRetentionPeriod === 0 && core.replicasOf(instance).length > 0) {
      throw invalidParameterCombination(
        'The backup retention period cannot be set to 0 for a DB instance that is a source of read replicas.',
      );
    }
  }
  if (NewDBInstanceIdentifier && NewDBInstanceIdentifier.toLowerCase() !== instance.identifier) {
    changes.identifier = check.freeIdentifier(core, NewDBInstanceIdentifier, 'NewDBInstanceIdentifier');
  }
  if (MasterUserPassword !== undefined) {
    if (instance.sourceResourceId) {
      // terraform-aws-modules/terraform-aws-rds#526
      throw invalidParameterCombination('Cannot change master user password on an RDS postgres Read Replica');
    }
    changes.password = check.password(MasterUserPassword);
  }
  return changes;
}

/** Size, type and speed are one change to RDS. */
function storageIn(core: Core, instance: Instance, request: ModifyDBInstanceMessage): Pending {
  const { AllocatedStorage, StorageType, Iops, StorageThroughput, MaxAllocatedStorage } = request;
  const { attributes, allocatedStorage } = instance;
  const asked: Pending = {
    ...(AllocatedStorage !== undefined && { allocatedStorage: newSize(AllocatedStorage, allocatedStorage) }),
    ...(StorageType !== undefined && { storageType: StorageType }),
    ...(Iops !== undefined && { iops: Iops }),
    ...(StorageThroughput !== undefined && { storageThroughput: StorageThroughput }),
  };
  const gibibytes = asked.allocatedStorage ?? allocatedStorage;
  if (MaxAllocatedStorage !== undefined) checkNewMaximum(MaxAllocatedStorage, gibibytes);
  const isChange =
    gibibytes !== allocatedStorage ||
    (StorageType ?? attributes.StorageType) !== attributes.StorageType ||
    (Iops ?? attributes.Iops) !== attributes.Iops ||
    (StorageThroughput ?? attributes.StorageThroughput) !== attributes.StorageThroughput;
  if (!isChange) return asked;
  const type = StorageType ?? attributes.StorageType!;
  const isSameType = type === attributes.StorageType;
  if (
    isSameType &&
    attributes.Iops !== undefined &&
    (AllocatedStorage === undefined) !== (Iops === undefined)
  ) {
    // terraform-provider-aws#12493; API, ModifyDBInstance, AllocatedStorage and Iops
    throw invalidParameterCombination(
      'You must specify both the storage size and iops when modifying the storage size or iops on a DB instance that has iops.',
    );
  }
  checkStorage({
    type,
    gibibytes,
    iops: Iops ?? (isSameType ? attributes.Iops : undefined),
    throughput: StorageThroughput ?? (isSameType ? attributes.StorageThroughput : undefined),
  });
  check.storageRoom(core, gibibytes - allocatedStorage);
  mustNotBeOptimizing(core, instance);
  return asked;
}

/** Waits for the window, or is made at once. */
export function apply(core: Core, instance: Instance, changes: Pending, immediately: boolean): void {
  const current: Pending = {
    instanceClass: instance.instanceClass,
    allocatedStorage: instance.allocatedStorage,
    backupRetentionDays: instance.backupRetentionDays,
    multiAz: instance.multiAz,
    storageType: instance.attributes.StorageType,
    iops: instance.attributes.Iops,
    storageThroughput: instance.attributes.StorageThroughput,
  };
  // More or fewer days are only remembered; backups on or off are a change.
  if (changes.backupRetentionDays && instance.backupRetentionDays) {
    instance.backupRetentionDays = changes.backupRetentionDays;
    delete changes.backupRetentionDays;
  }
  for (const key of Object.keys(changes) as (keyof Pending)[]) {
    // Asking for what is takes a waiting change back.
    if (changes[key] === current[key]) {
      delete changes[key];
      delete instance.pending[key];
    }
  }
  Object.assign(instance.pending, changes);
  if (immediately) applyAtOnce(core, instance);
  // Never waits for the window (API, MasterUserPassword).
  else applyPending(core, instance, ['password']);
  if (hasWaiting(instance))
    core.at(instance, 'maintenance', nextMaintenance(instance.maintenanceWindow, core.now()));
  else core.cancel(instance, 'maintenance');
}
