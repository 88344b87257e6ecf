import type {
  RebootDBInstanceMessage,
  RebootDBInstanceResult,
  StartDBInstanceMessage,
  StartDBInstanceResult,
  StopDBInstanceMessage,
  StopDBInstanceResult,
} from '@aws-sdk/client-rds';
import { mustTake } from '../admission';
import * as check from '../checks';
import type { Core } from '../core';
import { invalidInstanceState, invalidParameterCombination } from '../errors';
import { statusOf } from '../tasks';
import { viewOf } from '../views';
import { newSnapshot } from './snapshots';

export async function rebootDBInstance(
  core: Core,
  request: RebootDBInstanceMessage,
): Promise<RebootDBInstanceResult> {
  const instance = core.find(check.given(request.DBInstanceIdentifier, 'DBInstanceIdentifier'));
  const failover = request.ForceFailover === true;
  if (failover && !instance.multiAz) {
    throw invalidParameterCombination(
      'ForceFailover cannot be specified since the instance is not configured for MultiAZ.',
    );
  }
  mustTake(core, instance, 'reboot');
  core.enqueue(instance, { kind: 'reboot', failover });
  return { DBInstance: viewOf(core, instance) };
}

/** "You can't stop a DB instance that has a read replica, or that is a read replica" (guide, "Stopping"). */
export async function stopDBInstance(
  core: Core,
  request: StopDBInstanceMessage,
): Promise<StopDBInstanceResult> {
  const instance = core.find(check.given(request.DBInstanceIdentifier, 'DBInstanceIdentifier'));
  if (instance.sourceResourceId !== undefined) {
    throw invalidInstanceState('Instance cannot be stopped: it is a read replica.');
  }
  if (core.replicasOf(instance).length > 0) {
    throw invalidInstanceState('Instance cannot be stopped: it has one or more read replicas.');
  }
  mustTake(core, instance, 'stop');
  if (request.DBSnapshotIdentifier) newSnapshot(core, instance, request.DBSnapshotIdentifier, []);
  core.enqueue(instance, { kind: 'stop' });
  return { DBInstance: viewOf(core, instance) };
}

export async function startDBInstance(
  core: Core,
  request: StartDBInstanceMessage,
): Promise<StartDBInstanceResult> {
  const instance = core.find(check.given(request.DBInstanceIdentifier, 'DBInstanceIdentifier'));
  // Guide, "DB instance status": a start recovers an instance whose key can be used again.
  if (!/^(stopped|inaccessible-encryption-credentials-recoverable)$/.test(statusOf(instance))) {
    throw invalidInstanceState(`Instance ${instance.identifier} is not stopped, so it cannot be started.`);
  }
  check.capacity(core);
  core.enqueue(instance, { kind: 'start' });
  return { DBInstance: viewOf(core, instance) };
}
