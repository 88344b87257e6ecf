/** The records in the form in which the API answers them. */
import type { DBInstance, DBSnapshot, Event, PendingModifiedValues } from '@aws-sdk/client-rds';
import type { Core } from './core';
import { endpointOf } from './plane-views';
import type { Instance, RecordedEvent, Snapshot } from './state';
import { statusOf } from './tasks';

/** The hosted zone of RDS endpoints in us-east-1 (general reference); only alias records look at it. */
const ENDPOINT_ZONE = 'Z2R2ITUGPM61AM';

/**
 * Until when an instance can be restored; undefined without a backup. Milliseconds since 1970.
 * The archive is behind by the time between two uploads, and ends when the instance does.
 */
export function latestRestorable(core: Core, instance: Instance): number | undefined {
  const hasBackup = core.state.snapshots.some(
    ({ type, status, instance: { resourceId } }) =>
      type === 'automated' && status === 'available' && resourceId === instance.resourceId,
  );
  if (!hasBackup || instance.restorableSince === undefined) return undefined;
  const end = Math.min(core.now() - core.span('archiveUpload'), instance.archiveEndedAt ?? Infinity);
  return Math.max(end, instance.restorableSince);
}

function pendingView({ pending }: Instance): PendingModifiedValues {
  return {
    DBInstanceClass: pending.instanceClass,
    AllocatedStorage: pending.allocatedStorage,
    MasterUserPassword: pending.password && '****',
    BackupRetentionPeriod: pending.backupRetentionDays,
    MultiAZ: pending.multiAz,
    StorageType: pending.storageType,
    Iops: pending.iops,
    StorageThroughput: pending.storageThroughput,
    DBInstanceIdentifier: pending.identifier,
  };
}

function groupsView({ securityGroupIds: now, nextSecurityGroupIds: next }: Instance) {
  const status = (id: string) =>
    !next || (now.includes(id) && next.includes(id)) ? 'active' : next.includes(id) ? 'adding' : 'removing';
  const all = [...new Set([...now, ...(next ?? [])])];
  return all.map((id) => ({ VpcSecurityGroupId: id, Status: status(id) }));
}

/** API, DBParameterGroupStatus. */
function parametersStatus({ nextParameters, parametersRefused, parametersWait }: Instance): string {
  if (nextParameters) return parametersRefused ? 'failed-to-apply' : 'applying';
  return parametersWait ? 'pending-reboot' : 'in-sync';
}

const date = (at: number | undefined) => (at === undefined ? undefined : new Date(at));

export function viewOf(core: Core, instance: Instance): DBInstance {
  const endpoint = endpointOf(core, instance);
  const source = instance.sourceResourceId && core.findByResourceId(instance.sourceResourceId);
  const { CACertificateIdentifier } = instance.attributes;
  return {
    ...instance.attributes,
    DBInstanceIdentifier: instance.identifier,
    DBInstanceArn: core.arn('db', instance.identifier),
    DbiResourceId: instance.resourceId,
    DBInstanceClass: instance.instanceClass,
    DBInstanceStatus: statusOf(instance),
    Engine: 'postgres',
    EngineVersion: instance.engineVersion,
    MasterUsername: instance.master.username,
    DBName: instance.databaseName,
    // Not before it has one (API, DBInstance: "might not be shown … creating").
    Endpoint: instance.created
      ? { Address: endpoint.name, Port: endpoint.port, HostedZoneId: ENDPOINT_ZONE }
      : undefined,
    DbInstancePort: 0,
    AllocatedStorage: instance.allocatedStorage,
    InstanceCreateTime: instance.created ? date(instance.createdAt) : undefined,
    PreferredBackupWindow: instance.backupWindow,
    PreferredMaintenanceWindow: instance.maintenanceWindow,
    BackupRetentionPeriod: instance.backupRetentionDays,
    LatestRestorableTime: date(latestRestorable(core, instance)),
    DBSecurityGroups: [],
    VpcSecurityGroups: groupsView(instance),
    DBParameterGroups: [
      { DBParameterGroupName: instance.parameterGroup, ParameterApplyStatus: parametersStatus(instance) },
    ],
    OptionGroupMemberships: [{ OptionGroupName: 'default:postgres-17', Status: 'in-sync' }],
    DBSubnetGroup: instance.subnetGroup,
    AvailabilityZone: instance.availabilityZone,
    SecondaryAvailabilityZone: instance.secondaryAvailabilityZone,
    MultiAZ: instance.multiAz,
    PendingModifiedValues: pendingView(instance),
    ReadReplicaSourceDBInstanceIdentifier: source ? source.identifier : undefined,
    ReadReplicaDBInstanceIdentifiers: core.replicasOf(instance).map(({ identifier }) => identifier),
    ReadReplicaDBClusterIdentifiers: [],
    StatusInfos: source ? [replicationInfo(instance)] : undefined,
    DomainMemberships: [],
    AssociatedRoles: [],
    DeletionProtection: instance.deletionProtection,
    TagList: instance.tags,
    CertificateDetails: { CAIdentifier: CACertificateIdentifier },
    AutomaticRestartTime: date(instance.timers.autoStart),
    MultiTenant: false,
    DedicatedLogVolume: false,
    IsStorageConfigUpgradeAvailable: false,
    CustomerOwnedIpEnabled: false,
    ActivityStreamStatus: 'stopped',
    BackupTarget: 'region',
  };
}

/** RDS knows of replication what the replica's server says; here: whether it is up. */
function replicationInfo({ crashedAt, created }: Instance) {
  const normal = created && crashedAt === undefined;
  return { StatusType: 'read replication', Normal: normal, Status: normal ? 'replicating' : 'terminated' };
}

export function snapshotView(core: Core, snapshot: Snapshot): DBSnapshot {
  const { instance, status, createdAt } = snapshot;
  const { attributes } = instance;
  return {
    DBSnapshotIdentifier: snapshot.identifier,
    DBSnapshotArn: core.arn('snapshot', snapshot.identifier),
    DBInstanceIdentifier: instance.identifier,
    DbiResourceId: instance.resourceId,
    SnapshotType: snapshot.type,
    Status: status,
    PercentProgress: status === 'available' ? 100 : 0,
    SnapshotCreateTime: status === 'available' ? date(createdAt) : undefined,
    OriginalSnapshotCreateTime: status === 'available' ? date(createdAt) : undefined,
    InstanceCreateTime: date(instance.createdAt),
    Engine: 'postgres',
    EngineVersion: instance.engineVersion,
    LicenseModel: attributes.LicenseModel,
    AllocatedStorage: instance.allocatedStorage,
    Port: instance.port,
    AvailabilityZone: instance.availabilityZone,
    VpcId: instance.vpcId,
    MasterUsername: instance.username,
    OptionGroupName: 'default:postgres-17',
    StorageType: attributes.StorageType,
    Iops: attributes.Iops,
    StorageThroughput: attributes.StorageThroughput,
    Encrypted: attributes.StorageEncrypted,
    KmsKeyId: attributes.KmsKeyId,
    IAMDatabaseAuthenticationEnabled: attributes.IAMDatabaseAuthenticationEnabled,
    ProcessorFeatures: [],
    TagList: snapshot.tags,
    SnapshotTarget: 'region',
  };
}

export const eventView = (core: Core, event: RecordedEvent): Event => ({
  SourceIdentifier: event.sourceIdentifier,
  SourceType: event.sourceType,
  SourceArn: core.arn(event.sourceType === 'db-instance' ? 'db' : 'snapshot', event.sourceIdentifier),
  Message: event.message,
  EventCategories: [...event.categories],
  Date: new Date(event.at),
});
