import type {
  RestoreDBInstanceToPointInTimeMessage,
  RestoreDBInstanceToPointInTimeResult,
} from '@aws-sdk/client-rds';
import { lookUp } from '../around';
import * as check from '../checks';
import type { Core } from '../core';
import {
  backupNotFound,
  invalidParameterCombination,
  invalidParameterValue,
  restoreNotEnabled,
} from '../errors';
import type { Instance } from '../state';
import { checkMaximum } from '../storage';
import { refuseUnsupported } from '../supported';
import { latestRestorable, viewOf } from '../views';
import { newWindows } from '../windows';
import { newInstance, withDefaults } from './create';

/** A new instance with what another one held at a time; the other may be deleted, if its backups were kept. */
export async function restoreDBInstanceToPointInTime(
  core: Core,
  request: RestoreDBInstanceToPointInTimeMessage,
): Promise<RestoreDBInstanceToPointInTimeResult> {
  refuseUnsupported(request);
  const target = check.given(request.TargetDBInstanceIdentifier, 'TargetDBInstanceIdentifier');
  const { DBSubnetGroupName = sourceOf(core, request).subnetGroup.DBSubnetGroupName } = request;
  // "If you do not specify a value …, then the default DBParameterGroup" (API), not the source's.
  const around = await lookUp(core, { ...request, DBSubnetGroupName });

  const source = sourceOf(core, request);
  const time = timeOf(core, source, request);
  const identifier = check.freeIdentifier(core, target, 'TargetDBInstanceIdentifier');
  check.room(core);
  check.capacity(core);
  if (request.MaxAllocatedStorage !== undefined)
    checkMaximum(request.MaxAllocatedStorage, source.allocatedStorage);
  const instance = newInstance(
    core,
    around,
    { ...request, Port: request.Port ?? source.port },
    {
      identifier,
      instanceClass: check.instanceClass(
        core,
        request.DBInstanceClass ?? source.instanceClass,
        request.LicenseModel,
      ),
      engineVersion: source.engineVersion,
      allocatedStorage: source.allocatedStorage,
      master: source.master,
      backupRetentionDays: check.backupDays(request.BackupRetentionPeriod ?? source.backupRetentionDays),
      attributes: withDefaults(source.attributes, request),
      ...newWindows(core),
    },
  );
  if (source.databaseName) instance.databaseName = source.databaseName;
  core.state.instances.push(instance);
  core.enqueue(instance, {
    kind: 'restore',
    sourceResourceId: source.resourceId,
    time,
    to: source.identifier,
  });
  return { DBInstance: viewOf(core, instance) };
}

function sourceOf(core: Core, request: RestoreDBInstanceToPointInTimeMessage): Instance {
  const { SourceDBInstanceIdentifier: name, SourceDbiResourceId: resourceId } = request;
  if (name) return core.find(name);
  if (!resourceId) {
    throw invalidParameterCombination(
      'One of SourceDBInstanceIdentifier, SourceDbiResourceId or SourceDBInstanceAutomatedBackupsArn must be specified.',
    );
  }
  const retired = core.state.retired.find((instance) => instance.resourceId === resourceId);
  const found = core.findByResourceId(resourceId) ?? retired;
  if (!found) throw backupNotFound(`The automated backup for DB instance ${resourceId} was not found.`);
  return found;
}

/** @returns milliseconds since 1970, or the latest that there is */
function timeOf(
  core: Core,
  source: Instance,
  { RestoreTime: at, UseLatestRestorableTime: latest }: RestoreDBInstanceToPointInTimeMessage,
): number | 'latest' {
  if (source.backupRetentionDays === 0) {
    throw restoreNotEnabled(`Automated backups are not enabled for DB instance ${source.identifier}.`);
  }
  if (Boolean(at) === Boolean(latest)) {
    throw invalidParameterCombination(
      'Either RestoreTime or UseLatestRestorableTime must be specified, and not both.',
    );
  }
  const last = latestRestorable(core, source);
  if (last === undefined) {
    throw invalidParameterValue(
      `The DB instance ${source.identifier} has no backup yet that could be restored.`,
    );
  }
  if (!at) return 'latest';
  if (at.getTime() > last || at.getTime() < (source.restorableSince ?? Infinity)) {
    throw invalidParameterValue(
      `The specified instance cannot be restored to ${at.toISOString()}: it can be restored to times between ` +
        `${new Date(source.restorableSince ?? last).toISOString()} and ${new Date(last).toISOString()}.`,
    );
  }
  return at.getTime();
}
