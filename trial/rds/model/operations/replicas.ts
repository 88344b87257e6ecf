import type {
  CreateDBInstanceReadReplicaMessage,
  CreateDBInstanceReadReplicaResult,
  PromoteReadReplicaMessage,
  PromoteReadReplicaResult,
} from '@aws-sdk/client-rds';
import { mustTake } from '../admission';
import { lookUp } from '../around';
import { DEFAULT_ATTRIBUTES } from '../attributes';
import * as check from '../checks';
import type { Core } from '../core';
import { invalidInstanceState, invalidParameterCombination, subnetGroupNotAllowed } from '../errors';
import type { Instance } from '../state';
import { checkMaximum } from '../storage';
import { refuseUnsupported } from '../supported';
import { viewOf } from '../views';
import { backupWindow, mustNotOverlap, newWindows, windowsBeside } from '../windows';
import { newInstance, withDefaults } from './create';

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
  mayBeSaid(core, core.find(sourceName), request);
  const { DBSubnetGroupName = core.find(sourceName).subnetGroup.DBSubnetGroupName } = request;
  const { parameterGroup: DBParameterGroupName } = core.find(sourceName);
  const around = await lookUp(core, { ...request, DBSubnetGroupName, DBParameterGroupName });

  const source = core.find(sourceName);
  const identifier = check.freeIdentifier(
    core,
    check.given(request.DBInstanceIdentifier, 'DBInstanceIdentifier'),
  );
  check.room(core);
  check.capacity(core);
  mayHaveReplica(core, source);
  // A replica takes from its source what the request does not say (API, CreateDBInstanceReadReplica).
  const replica = newInstance(
    core,
    around,
    {
      Port: source.port,
      ...(core.answers.groupsOfReplica !== 'default' && { VpcSecurityGroupIds: source.securityGroupIds }),
      ...defined(request),
    },
    {
      identifier,
      instanceClass: check.instanceClass(core, request.DBInstanceClass ?? source.instanceClass),
      engineVersion: source.engineVersion,
      allocatedStorage: request.AllocatedStorage ?? source.allocatedStorage,
      master: source.master,
      backupRetentionDays: 0,
      attributes: withDefaults({ ...source.attributes, ...NOT_INHERITED }, request),
      // The call takes no windows.
      ...(core.answers.backupWindowOfReplica === 'random'
        ? newWindows(core)
        : windowsBeside(core, source.backupWindow)),
    },
  );
  replica.sourceResourceId = source.resourceId;
  if (source.databaseName) replica.databaseName = source.databaseName;
  core.state.instances.push(replica);
  core.enqueue(replica, { kind: 'createReplica', sourceResourceId: source.resourceId });
  return { DBInstance: viewOf(core, replica) };
}

/** What a replica does not take from its source (API, CreateDBInstanceReadReplica, per parameter). */
const NOT_INHERITED = {
  ...(({ CopyTagsToSnapshot, IAMDatabaseAuthenticationEnabled, MonitoringInterval, StorageType }) => ({
    CopyTagsToSnapshot,
    IAMDatabaseAuthenticationEnabled,
    MonitoringInterval,
    StorageType,
  }))(DEFAULT_ATTRIBUTES),
  DatabaseInsightsMode: 'standard',
  EnabledCloudwatchLogsExports: undefined,
  Iops: undefined,
  MonitoringRoleArn: undefined,
  StorageThroughput: undefined,
} as const;

/** What a replica cannot be told, as it has it from its source. */
function mayBeSaid(core: Core, source: Instance, request: CreateDBInstanceReadReplicaMessage): void {
  const { answers } = core;
  if (request.DBParameterGroupName) {
    // terraform-provider-aws#38056, #38227
    throw invalidParameterCombination(
      "A parameter group can't be specified during Read Replica creation for the following DB engine: postgres",
    );
  }
  const isByArn = request.SourceDBInstanceIdentifier!.startsWith('arn:');
  if (request.DBSubnetGroupName && !isByArn) {
    // aws-cdk#5530, terraform-provider-aws#528; accepted with an ARN: terraform-provider-aws#40426
    throw subnetGroupNotAllowed(
      'DbSubnetGroupName should not be specified for read replicas that are created in the same region as the master',
    );
  }
  if (request.KmsKeyId && (!isByArn || answers.keyOfReplicaByArn === 'refused')) {
    throw invalidParameterCombination(
      'Your request does not require the KMS key parameter. Please remove the KMS key parameter and try your request again.',
    );
  }
  if (request.DatabaseInsightsMode && answers.insightsOfReplica === 'refused') {
    throw invalidParameterCombination('DatabaseInsightsMode is not supported for read replicas.');
  }
  if (request.AllocatedStorage !== undefined && request.AllocatedStorage < source.allocatedStorage) {
    throw invalidParameterCombination(
      `Invalid storage size. Requested storage size (${request.AllocatedStorage}) cannot be less than the source's (${source.allocatedStorage}).`,
    );
  }
  if (request.MaxAllocatedStorage !== undefined && answers.maximumStorageOfReplica === 'refused') {
    checkMaximum(request.MaxAllocatedStorage, request.AllocatedStorage ?? source.allocatedStorage);
  }
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
  mustTake(core, source, 'replica');
  const most = source.sourceResourceId ? check.MAXIMUM_CASCADED : check.MAXIMUM_REPLICAS;
  if (core.replicasOf(source).length >= most) {
    throw invalidInstanceState(
      `The source instance ${source.identifier} already has the maximum of ${most} read replicas.`,
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
  if (to === 0 && core.replicasOf(replica).length > 0) {
    throw invalidParameterCombination(
      'The backup retention period cannot be set to 0 for a DB instance that is a source of read replicas.',
    );
  }
  // Refused in backing-up by name (API, PromoteReadReplica).
  mustTake(core, replica, 'promote');
  const window = request.PreferredBackupWindow
    ? backupWindow(request.PreferredBackupWindow)
    : replica.backupWindow;
  mustNotOverlap(window, replica.maintenanceWindow);
  replica.backupWindow = window;
  core.enqueue(replica, { kind: 'promote', to });
  return { DBInstance: viewOf(core, replica) };
}
