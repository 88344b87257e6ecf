/** A new replica's settings: those of its source, so that it differs in nothing when it is promoted. */
import type { CreateDBInstanceReadReplicaMessage } from '@aws-sdk/client-rds';
import type { SeenInstance } from './observation';
import { OURS } from './observe';

/**
 * Subnets, storage and key are inherited (API, CreateDBInstanceReadReplica); backups, Multi-AZ and deletion protection are
 * the primary's alone.
 */
export function replicaRequest(source: SeenInstance, identifier: string): CreateDBInstanceReadReplicaMessage {
  const { description } = source;
  const tags = (description.TagList ?? []).filter(({ Key }) => !Key?.startsWith('aws:') && Key !== OURS.Key);
  return {
    DBInstanceIdentifier: identifier,
    SourceDBInstanceIdentifier: source.identifier,
    DBInstanceClass: description.DBInstanceClass,
    Port: description.Endpoint?.Port,
    DBParameterGroupName: description.DBParameterGroups?.[0]?.DBParameterGroupName,
    VpcSecurityGroupIds: source.groups.map(({ id }) => id),
    StorageType: description.StorageType,
    MaxAllocatedStorage: description.MaxAllocatedStorage,
    PubliclyAccessible: false,
    MultiAZ: false,
    DeletionProtection: false,
    AutoMinorVersionUpgrade: description.AutoMinorVersionUpgrade,
    CopyTagsToSnapshot: description.CopyTagsToSnapshot,
    CACertificateIdentifier: description.CACertificateIdentifier,
    EnableCloudwatchLogsExports: description.EnabledCloudwatchLogsExports,
    ...(description.MonitoringInterval && {
      MonitoringInterval: description.MonitoringInterval,
      MonitoringRoleArn: description.MonitoringRoleArn,
    }),
    ...(description.PerformanceInsightsEnabled && {
      EnablePerformanceInsights: true,
      PerformanceInsightsKMSKeyId: description.PerformanceInsightsKMSKeyId,
      PerformanceInsightsRetentionPeriod: description.PerformanceInsightsRetentionPeriod,
    }),
    DatabaseInsightsMode: description.DatabaseInsightsMode,
    Tags: [...tags, OURS],
  };
}
