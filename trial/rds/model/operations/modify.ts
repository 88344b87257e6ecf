import type { ModifyDBInstanceMessage, ModifyDBInstanceResult } from '@aws-sdk/client-rds';
import { mustTake } from '../admission';
import { mustFit } from '../around';
import { attributesIn, configuredBy, exportedLogs } from '../attributes';
import * as check from '../checks';
import type { Core } from '../core';
import { invalidInstanceState, invalidParameterCombination, subnetGroupNotFound } from '../errors';
import { findGroup } from '../parameter-groups';
import { checkLog, checkSettings } from '../settings';
import type { Attributes, Instance, Pending } from '../state';
import { refuseUnsupported } from '../supported';
import { statusOf } from '../tasks';
import { viewOf } from '../views';
import { backupWindow, maintenanceWindow, mustNotOverlap } from '../windows';
import { apply, changesIn } from './changes';

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
  const { subnetGroup } = core.find(name);
  // As it is now: an emulator that was started anew has other subnets under the same name.
  const group = await core.surroundings.subnetGroup(DBSubnetGroupName ?? subnetGroup.DBSubnetGroupName);
  if (DBSubnetGroupName && !group) throw subnetGroupNotFound(DBSubnetGroupName);
  await mustFit(core, group ?? subnetGroup, request);

  const instance = core.find(name);
  mayBeModified(core, instance, request);
  const parameterGroup = DBParameterGroupName && findGroup(core, DBParameterGroupName).name;
  if (DBSubnetGroupName && DBSubnetGroupName !== instance.subnetGroup.DBSubnetGroupName) {
    throw invalidParameterCombination(
      'DBSubnetGroupName cannot be changed: the trial keeps each instance in its subnets.',
    );
  }
  // Everything is checked before anything is changed.
  const changes = changesIn(core, instance, request);
  mustChange(instance, request, changes);
  const windows = {
    backupWindow: request.PreferredBackupWindow
      ? backupWindow(request.PreferredBackupWindow)
      : instance.backupWindow,
    maintenanceWindow: request.PreferredMaintenanceWindow
      ? maintenanceWindow(request.PreferredMaintenanceWindow)
      : instance.maintenanceWindow,
  };
  mustNotOverlap(windows.backupWindow, windows.maintenanceWindow);
  const settings = settingsIn(instance, request);

  Object.assign(instance, windows);
  if (group) instance.subnetGroup = group;
  if (parameterGroup && parameterGroup !== instance.parameterGroup) {
    // Of another group, dynamic values wait as well (API, ModifyDBInstance, DBParameterGroupName).
    instance.parameterGroup = parameterGroup;
    instance.parametersWait = true;
  }
  if (request.DeletionProtection !== undefined) instance.deletionProtection = request.DeletionProtection;
  const before = instance.attributes;
  instance.attributes = settings;
  if (request.VpcSecurityGroupIds?.length) admit(core, instance, request.VpcSecurityGroupIds);
  apply(core, instance, changes, request.ApplyImmediately === true);
  for (const to of configuredBy(before, settings)) core.enqueue(instance, { kind: 'configure', to });
  core.changed();
  return { DBInstance: viewOf(core, instance) };
}

/** What says how to change something, and not what. */
const HOW = ['DBInstanceIdentifier', 'ApplyImmediately', 'AllowMajorVersionUpgrade'];

/**
 * "AWS curiously not rejecting empty Modify-Calls with `ApplyImmediately: true`" (crossplane-contrib/provider-aws#2146). It
 * also refuses what waits for the window already (terraform-provider-aws#4187, hashicorp/terraform#10487).
 *
 * @throws RdsError InvalidParameterCombination
 */
function mustChange(instance: Instance, request: ModifyDBInstanceMessage, changes: Pending): void {
  if (request.ApplyImmediately) return;
  const waits = Object.entries(changes).filter(
    ([key, value]) => value === instance.pending[key as keyof Pending],
  );
  if (namesIn(request).filter((name) => !HOW.includes(name)).length > waits.length) return;
  throw invalidParameterCombination('No modifications were requested');
}

const namesIn = (request: object): string[] =>
  Object.entries(request).flatMap(([name, value]) => (value === undefined ? [] : name));

/** What a full disk takes (aws-cloudformation/cloudformation-coverage-roadmap#550): storage, and nothing else. */
const STORAGE_ALONE = ['DBInstanceIdentifier', 'ApplyImmediately', 'AllocatedStorage', 'Iops'];

function mayBeModified(core: Core, instance: Instance, request: ModifyDBInstanceMessage): void {
  const status = statusOf(instance);
  if (status === 'stopped') {
    throw invalidInstanceState('Instance is stopped: a stopped DB instance cannot be modified.');
  }
  if (status !== 'storage-full') return mustTake(core, instance, 'modify');
  if (request.AllocatedStorage && namesIn(request).every((name) => STORAGE_ALONE.includes(name))) return;
  throw invalidInstanceState(
    'The DB instance is in the storage-full state: only its allocated storage can be modified.',
  );
}

/** What the settings are with the request; storage is a change of its own. */
function settingsIn(instance: Instance, request: ModifyDBInstanceMessage): Attributes {
  const asked = attributesIn(request);
  for (const key of ['StorageType', 'Iops', 'StorageThroughput'] as const) delete asked[key];
  checkSettings(asked, instance.attributes);
  const { PerformanceInsightsKMSKeyId: key } = instance.attributes;
  if (key && asked.PerformanceInsightsKMSKeyId && asked.PerformanceInsightsKMSKeyId !== key) {
    // terraform-provider-aws#9746; #6453: not even when Performance Insights was off meanwhile.
    throw invalidParameterCombination('You cannot change your Performance Insights KMS key');
  }
  const settings = { ...instance.attributes, ...asked };
  const { CloudwatchLogsExportConfiguration: logs, AllocatedStorage = instance.allocatedStorage } = request;
  logs?.EnableLogTypes?.forEach(checkLog);
  if (logs) settings.EnabledCloudwatchLogsExports = exportedLogs(instance.attributes, logs);
  // Guide, "Turning off storage autoscaling"; moto's own test of it.
  if (settings.MaxAllocatedStorage === AllocatedStorage) delete settings.MaxAllocatedStorage;
  return settings;
}

/** The groups replace those that there are, when they are in force. */
function admit(core: Core, instance: Instance, groups: readonly string[]): void {
  instance.nextSecurityGroupIds = [...new Set(groups)];
  core.at(instance, 'securityGroups', core.now() + core.span('securityGroups'));
}
