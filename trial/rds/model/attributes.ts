import type {
  CreateDBInstanceMessage,
  CreateDBInstanceReadReplicaMessage,
  ModifyDBInstanceMessage,
  RestoreDBInstanceToPointInTimeMessage,
} from '@aws-sdk/client-rds';
import type { Attributes } from './state';

type Request = Partial<CreateDBInstanceMessage> &
  Partial<CreateDBInstanceReadReplicaMessage> &
  Partial<ModifyDBInstanceMessage> &
  Partial<RestoreDBInstanceToPointInTimeMessage>;

/** The settings in a request that the model only repeats; what it does not name is left out. */
export function attributesIn(request: Request): Attributes {
  const logs = request.EnableCloudwatchLogsExports;
  const all: Attributes = {
    AutoMinorVersionUpgrade: request.AutoMinorVersionUpgrade,
    CACertificateIdentifier: request.CACertificateIdentifier,
    CopyTagsToSnapshot: request.CopyTagsToSnapshot,
    DatabaseInsightsMode: request.DatabaseInsightsMode,
    EngineLifecycleSupport: request.EngineLifecycleSupport,
    EnabledCloudwatchLogsExports: logs && [...logs],
    IAMDatabaseAuthenticationEnabled: request.EnableIAMDatabaseAuthentication,
    Iops: request.Iops,
    KmsKeyId: request.KmsKeyId,
    LicenseModel: request.LicenseModel,
    MaxAllocatedStorage: request.MaxAllocatedStorage,
    MonitoringInterval: request.MonitoringInterval,
    MonitoringRoleArn: request.MonitoringRoleArn,
    NetworkType: request.NetworkType,
    PerformanceInsightsEnabled: request.EnablePerformanceInsights,
    PerformanceInsightsKMSKeyId: request.PerformanceInsightsKMSKeyId,
    PerformanceInsightsRetentionPeriod: request.PerformanceInsightsRetentionPeriod,
    PubliclyAccessible: request.PubliclyAccessible,
    StorageEncrypted: request.StorageEncrypted,
    StorageThroughput: request.StorageThroughput,
    StorageType: request.StorageType,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Attributes;
}

/** The statuses in which RDS makes a change of settings, one after the other (guide, "DB instance status"). */
export function configuredBy(before: Attributes, after: Attributes): string[] {
  const sorted = (logs: readonly string[] = []) => [...logs].sort().join();
  return [
    (before.MonitoringInterval ?? 0) !== (after.MonitoringInterval ?? 0) && 'configuring-enhanced-monitoring',
    sorted(before.EnabledCloudwatchLogsExports) !== sorted(after.EnabledCloudwatchLogsExports) &&
      'configuring-log-exports',
    (before.IAMDatabaseAuthenticationEnabled ?? false) !==
      (after.IAMDatabaseAuthenticationEnabled ?? false) && 'configuring-iam-database-auth',
  ].filter((status) => status !== false);
}

/** What RDS takes for a new PostgreSQL instance that names none (API, CreateDBInstance). */
export const DEFAULT_ATTRIBUTES: Attributes = {
  AutoMinorVersionUpgrade: true,
  CACertificateIdentifier: 'rds-ca-rsa2048-g1',
  CopyTagsToSnapshot: false,
  DatabaseInsightsMode: 'standard',
  IAMDatabaseAuthenticationEnabled: false,
  LicenseModel: 'postgresql-license',
  MonitoringInterval: 0,
  NetworkType: 'IPV4',
  PerformanceInsightsEnabled: false,
  PubliclyAccessible: false,
  StorageEncrypted: false,
  StorageType: 'gp3',
};

/** Log types after a change of the exports. */
export function exportedLogs(
  { EnabledCloudwatchLogsExports: now = [] }: Attributes,
  change: ModifyDBInstanceMessage['CloudwatchLogsExportConfiguration'],
): string[] {
  const { EnableLogTypes = [], DisableLogTypes = [] } = change ?? {};
  return [...new Set([...now, ...EnableLogTypes])].filter((type) => !DisableLogTypes.includes(type));
}
