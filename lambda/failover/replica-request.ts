/** A new replica's settings: those of its source, so that it differs in nothing when it is promoted. */
import type { CreateDBInstanceReadReplicaMessage, DBInstance } from '@aws-sdk/client-rds';
import type { SeenInstance } from './observation';
import { OURS } from './observe';

/** Of one resource (RDS guide, "Tagging Amazon RDS resources"). */
const MOST_TAGS = 50;

/**
 * What a replica in the region of its source inherits is left out: subnets, key, parameter group, allocated storage. RDS
 * refuses the parameter group for PostgreSQL ("can't be specified during Read Replica creation for the following DB engine:
 * postgres", terraform-provider-aws#38056), and says of `DatabaseInsightsMode` that it "isn't supported" (API,
 * CreateDBInstanceReadReplica). Backups, Multi-AZ and deletion protection are the primary's alone; the call takes no windows:
 * those are set when the replica is there (decide/heal.ts).
 */
export function replicaRequest(source: SeenInstance, identifier: string): CreateDBInstanceReadReplicaMessage {
  const { description } = source;
  return {
    DBInstanceIdentifier: identifier,
    SourceDBInstanceIdentifier: source.identifier,
    DBInstanceClass: description.DBInstanceClass,
    Port: description.Endpoint?.Port,
    VpcSecurityGroupIds: source.groups.map(({ id }) => id),
    ...storageOf(description),
    PubliclyAccessible: false,
    MultiAZ: false,
    DeletionProtection: false,
    AutoMinorVersionUpgrade: description.AutoMinorVersionUpgrade,
    CopyTagsToSnapshot: description.CopyTagsToSnapshot,
    CACertificateIdentifier: description.CACertificateIdentifier,
    EnableCloudwatchLogsExports: description.EnabledCloudwatchLogsExports,
    // Off unless it is asked for (API).
    ...(description.IAMDatabaseAuthenticationEnabled && { EnableIAMDatabaseAuthentication: true }),
    ...(description.MonitoringInterval && {
      MonitoringInterval: description.MonitoringInterval,
      MonitoringRoleArn: description.MonitoringRoleArn,
    }),
    ...(description.PerformanceInsightsEnabled && {
      EnablePerformanceInsights: true,
      PerformanceInsightsKMSKeyId: description.PerformanceInsightsKMSKeyId,
      PerformanceInsightsRetentionPeriod: description.PerformanceInsightsRetentionPeriod,
    }),
    Tags: tagsOf(description),
  };
}

/**
 * RDS guide, "gp3 storage", PostgreSQL: below 400 GiB the performance cannot be chosen ("You can't specify IOPS or storage
 * throughput", crossplane#1630); from there on no less than this.
 */
const GP3 = { fromGiB: 400, leastIops: 12_000, leastThroughput: 500 };

function storageOf(
  source: DBInstance,
): Pick<
  CreateDBInstanceReadReplicaMessage,
  'StorageType' | 'Iops' | 'StorageThroughput' | 'MaxAllocatedStorage'
> {
  const { StorageType, AllocatedStorage = 0, Iops, StorageThroughput, MaxAllocatedStorage } = source;
  // "The storage type io1 requires iops to be specified" (terraform-community-modules/tf_aws_rds#22).
  const isProvisioned = StorageType?.startsWith('io') ?? false;
  const mayChoose = StorageType === 'gp3' && AllocatedStorage >= GP3.fromGiB;
  return {
    StorageType,
    ...((isProvisioned || (mayChoose && Iops !== undefined && Iops >= GP3.leastIops)) && { Iops }),
    ...(mayChoose &&
      StorageThroughput !== undefined &&
      StorageThroughput >= GP3.leastThroughput && { StorageThroughput }),
    ...(mayGrow(source) && { MaxAllocatedStorage }),
  };
}

/**
 * Whether a replica may get its source's limit of autoscaling: RDS refuses one that is less than 10 % above what is
 * allocated, which a source comes to when it has grown ("must be increased by at least 10 percent", RDS guide, "Managing
 * capacity automatically with Amazon RDS storage autoscaling").
 */
export function mayGrow({ AllocatedStorage = 0, MaxAllocatedStorage = 0 }: DBInstance): boolean {
  return MaxAllocatedStorage >= Math.ceil((AllocatedStorage * 11) / 10);
}

/**
 * Ours is always among them: by it a replica is known as made here. AWS's own cannot be given: a key "can't be prefixed with
 * aws: or rds:" (API, Tag).
 */
function tagsOf({ TagList = [] }: DBInstance): CreateDBInstanceReadReplicaMessage['Tags'] {
  const tags = TagList.filter(({ Key }) => !/^(aws|rds):/.test(Key ?? '') && Key !== OURS.Key);
  return [OURS, ...tags].slice(0, MOST_TAGS);
}
