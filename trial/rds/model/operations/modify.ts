import type { ModifyDBInstanceMessage, ModifyDBInstanceResult } from '@aws-sdk/client-rds';
import { attributesIn, exportedLogs } from '../attributes';
import * as check from '../checks';
import type { Core } from '../core';
import {
  invalidInstanceState,
  invalidParameterCombination,
  invalidParameterValue,
  subnetGroupNotFound,
} from '../errors';
import { findGroup } from '../parameter-groups';
import { applyPending, hasWaiting } from '../pending';
import type { Instance, Pending } from '../state';
import { refuseUnsupported } from '../supported';
import { statusOf } from '../tasks';
import { viewOf } from '../views';
import { backupWindow, maintenanceWindow, nextMaintenance } from '../windows';

/**
 * Changes an instance. What RDS makes at once is made at once; class, storage, Multi-AZ, the name, and backups on or
 * off wait for the maintenance window unless `ApplyImmediately` is set (guide, "Settings for DB instances").
 */
export async function modifyDBInstance(
  core: Core,
  request: ModifyDBInstanceMessage,
): Promise<ModifyDBInstanceResult> {
  refuseUnsupported(request);
  const name = check.given(request.DBInstanceIdentifier, 'DBInstanceIdentifier');
  const { DBSubnetGroupName, DBParameterGroupName } = request;
  core.find(name);
  const group = DBSubnetGroupName ? await core.surroundings.subnetGroup(DBSubnetGroupName) : undefined;
  if (DBSubnetGroupName && !group) throw subnetGroupNotFound(DBSubnetGroupName);

  const instance = core.find(name);
  mayBeModified(instance, request);
  const parameterGroup = DBParameterGroupName && findGroup(core, DBParameterGroupName).name;
  if (DBSubnetGroupName && DBSubnetGroupName !== instance.subnetGroup.DBSubnetGroupName) {
    throw invalidParameterCombination(
      'DBSubnetGroupName cannot be changed: the trial keeps each instance in its subnets.',
    );
  }
  // Everything is checked before anything is changed.
  const changes = changesIn(core, instance, request);
  const windows = {
    backupWindow: request.PreferredBackupWindow && backupWindow(request.PreferredBackupWindow),
    maintenanceWindow:
      request.PreferredMaintenanceWindow && maintenanceWindow(request.PreferredMaintenanceWindow),
  };
  if (request.MaxAllocatedStorage !== undefined) {
    check.maximumStorage(request.MaxAllocatedStorage, instance.allocatedStorage);
  }

  if (windows.backupWindow) instance.backupWindow = windows.backupWindow;
  if (windows.maintenanceWindow) instance.maintenanceWindow = windows.maintenanceWindow;
  // The same name, but perhaps other subnets: those of an emulator that was started anew.
  if (group) instance.subnetGroup = group;
  if (parameterGroup && parameterGroup !== instance.parameterGroup) {
    // Of another group, dynamic values wait as well (API, ModifyDBInstance, DBParameterGroupName).
    instance.parameterGroup = parameterGroup;
    instance.parametersWait = true;
  }
  if (request.DeletionProtection !== undefined) instance.deletionProtection = request.DeletionProtection;
  Object.assign(instance.attributes, attributesIn(request));
  if (request.CloudwatchLogsExportConfiguration) {
    instance.attributes.EnabledCloudwatchLogsExports = exportedLogs(
      instance.attributes,
      request.CloudwatchLogsExportConfiguration,
    );
  }
  if (request.VpcSecurityGroupIds?.length) admit(core, instance, request.VpcSecurityGroupIds);
  apply(core, instance, changes, request.ApplyImmediately === true);
  core.changed();
  return { DBInstance: viewOf(core, instance) };
}

/** A full disk is mended by more storage, so that this much is allowed (guide, "Storage-full"). */
function mayBeModified(instance: Instance, request: ModifyDBInstanceMessage): void {
  const status = statusOf(instance);
  if (status === 'storage-full' && request.AllocatedStorage) return;
  if (status === 'stopped')
    throw invalidInstanceState('Instance is stopped: a stopped DB instance cannot be modified.');
  check.available(instance);
}

/** What of the request is different from what is, and needs a task. */
function changesIn(core: Core, instance: Instance, request: ModifyDBInstanceMessage): Pending {
  const changes: Pending = {};
  const {
    DBInstanceClass,
    AllocatedStorage,
    MultiAZ,
    BackupRetentionPeriod,
    NewDBInstanceIdentifier,
    MasterUserPassword,
  } = request;
  if (request.EngineVersion && request.EngineVersion !== instance.engineVersion) {
    throw invalidParameterValue(
      `Cannot upgrade postgres from ${instance.engineVersion} to ${request.EngineVersion}`,
    );
  }
  if (DBInstanceClass) changes.instanceClass = check.instanceClass(DBInstanceClass);
  if (AllocatedStorage !== undefined) {
    if (AllocatedStorage < instance.allocatedStorage) {
      throw invalidParameterCombination(
        `Invalid storage size. Requested storage size (${AllocatedStorage}) cannot be less than the current ` +
          `storage size (${instance.allocatedStorage}).`,
      );
    }
    changes.allocatedStorage = check.storage(AllocatedStorage);
  }
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
      throw invalidParameterCombination('You cannot change the master password of a read replica.');
    }
    changes.password = check.password(MasterUserPassword);
  }
  return changes;
}

/** The groups replace those that there are, when they are in force. */
function admit(core: Core, instance: Instance, groups: readonly string[]): void {
  instance.nextSecurityGroupIds = [...new Set(groups)];
  core.at(instance, 'securityGroups', core.now() + core.span('securityGroups'));
}

function apply(core: Core, instance: Instance, changes: Pending, immediately: boolean): void {
  const current: Pending = {
    instanceClass: instance.instanceClass,
    allocatedStorage: instance.allocatedStorage,
    backupRetentionDays: instance.backupRetentionDays,
    multiAz: instance.multiAz,
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
  if (immediately) applyPending(core, instance);
  // Never waits for the window (API, MasterUserPassword).
  else applyPending(core, instance, ['password']);
  if (hasWaiting(instance))
    core.at(instance, 'maintenance', nextMaintenance(instance.maintenanceWindow, core.now()));
  else core.cancel(instance, 'maintenance');
}
