import type {
  CreateDBInstanceReadReplicaMessage,
  CreateDBInstanceReadReplicaResult,
  PromoteReadReplicaMessage,
  PromoteReadReplicaResult,
} from '@aws-sdk/client-rds';
import { attributesIn } from '../attributes';
import * as check from '../checks';
import type { Core } from '../core';
import { invalidInstanceState } from '../errors';
import type { Instance } from '../state';
import { refuseUnsupported } from '../supported';
import { viewOf } from '../views';
import { backupWindow } from '../windows';
import { lookUp, newInstance } from './create';

/** Guide, "Working with read replicas for PostgreSQL": a cascade of up to three levels. */
const MAXIMUM_LEVELS = 3;
/** API, PromoteReadReplica, BackupRetentionPeriod: "Default: 1". */
const PROMOTED_BACKUP_DAYS = 1;

/** A replica of an instance that is available and keeps backups. */
export async function createDBInstanceReadReplica(
  core: Core,
  request: CreateDBInstanceReadReplicaMessage,
): Promise<CreateDBInstanceReadReplicaResult> {
  refuseUnsupported(request);
  const sourceName = check.given(request.SourceDBInstanceIdentifier, 'SourceDBInstanceIdentifier');
  const groups = {
    DBSubnetGroupName: core.find(sourceName).subnetGroup.DBSubnetGroupName,
    DBParameterGroupName: core.find(sourceName).parameterGroup,
  };
  const around = await lookUp(core, { ...groups, ...defined(request) });

  const source = core.find(sourceName);
  const identifier = check.freeIdentifier(
    core,
    check.given(request.DBInstanceIdentifier, 'DBInstanceIdentifier'),
  );
  check.room(core);
  mayHaveReplica(core, source);
  // A replica takes from its source what the request does not say (API, CreateDBInstanceReadReplica).
  const replica = newInstance(
    core,
    around,
    {
      PreferredBackupWindow: source.backupWindow,
      Port: source.port,
      VpcSecurityGroupIds: source.securityGroupIds,
      ...defined(request),
    },
    {
      identifier,
      instanceClass: check.instanceClass(request.DBInstanceClass ?? source.instanceClass),
      engineVersion: source.engineVersion,
      allocatedStorage: source.allocatedStorage,
      master: source.master,
      backupRetentionDays: 0,
      // "Default: gp2", whatever the source has.
      attributes: { ...source.attributes, StorageType: 'gp2', ...attributesIn(request) },
    },
  );
  replica.sourceResourceId = source.resourceId;
  if (source.databaseName) replica.databaseName = source.databaseName;
  core.state.instances.push(replica);
  core.enqueue(replica, { kind: 'createReplica', sourceResourceId: source.resourceId });
  return { DBInstance: viewOf(core, replica) };
}

const defined = <T extends object>(request: T): Partial<T> =>
  Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined)) as Partial<T>;

function mayHaveReplica(core: Core, source: Instance): void {
  if (source.backupRetentionDays === 0) {
    throw invalidInstanceState(
      'Automated backups are not enabled for this database instance. To enable automated backups, use ' +
        'ModifyDBInstance to set the backup retention period to a non-zero value.',
    );
  }
  check.available(source, 'Source database instance');
  if (core.replicasOf(source).length >= check.MAXIMUM_REPLICAS) {
    throw invalidInstanceState(
      `The source instance ${source.identifier} already has the maximum of ${check.MAXIMUM_REPLICAS} read replicas.`,
    );
  }
  let level = 1;
  for (let above = source; above.sourceResourceId; level++) {
    above = core.findByResourceId(above.sourceResourceId) ?? { ...above, sourceResourceId: undefined };
  }
  if (level > MAXIMUM_LEVELS) {
    throw invalidInstanceState(`Read replicas can be cascaded to ${MAXIMUM_LEVELS} levels only.`);
  }
}

/** Siblings stay with the old source: no call of RDS gives a replica another one. */
export async function promoteReadReplica(
  core: Core,
  request: PromoteReadReplicaMessage,
): Promise<PromoteReadReplicaResult> {
  refuseUnsupported(request);
  const replica = core.find(check.given(request.DBInstanceIdentifier, 'DBInstanceIdentifier'));
  const to = check.backupDays(request.BackupRetentionPeriod ?? PROMOTED_BACKUP_DAYS);
  if (replica.sourceResourceId === undefined) {
    throw invalidInstanceState(`DB Instance is not a read replica: ${replica.identifier}`);
  }
  // Refused in backing-up by name (API, PromoteReadReplica), as in every other state.
  check.available(replica);
  if (request.PreferredBackupWindow) replica.backupWindow = backupWindow(request.PreferredBackupWindow);
  core.enqueue(replica, { kind: 'promote', to });
  return { DBInstance: viewOf(core, replica) };
}
