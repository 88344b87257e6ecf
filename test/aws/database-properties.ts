/**
 * The properties of `AWS::RDS::DBInstance` that the templates set.
 *
 * `create`, `replica`, `modify`: CloudFormation's handler sends it in CreateDBInstance, in CreateDBInstanceReadReplica, and in
 * the ModifyDBInstance once a replica is there: what was not in the request that made it, and the rest again
 * (https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds, aws-rds-dbinstance, Translator.java).
 * `shown`: DescribeDBInstances answers it under the same name.
 */
const PROPERTIES = {
  AllocatedStorage: 'create',
  AutoMinorVersionUpgrade: 'create replica modify shown',
  AvailabilityZone: 'create replica',
  BackupRetentionPeriod: 'create modify shown',
  CACertificateIdentifier: 'create modify shown',
  CopyTagsToSnapshot: 'create modify shown',
  DBInstanceClass: 'create replica modify shown',
  DBInstanceIdentifier: 'create replica modify shown',
  DBName: 'create shown',
  DBParameterGroupName: 'create modify',
  DBSubnetGroupName: 'create replica',
  DatabaseInsightsMode: 'create modify shown',
  DeleteAutomatedBackups: '',
  DeletionProtection: 'create replica modify shown',
  EnableCloudwatchLogsExports: 'create replica',
  EnableIAMDatabaseAuthentication: 'create replica',
  EnablePerformanceInsights: 'create replica modify',
  Engine: 'create shown',
  EngineVersion: 'create',
  Iops: 'create replica shown',
  KmsKeyId: 'create replica shown',
  MasterUserPassword: 'create',
  MasterUsername: 'create',
  MaxAllocatedStorage: 'create modify shown',
  MonitoringInterval: 'create replica modify shown',
  MonitoringRoleArn: 'create replica modify shown',
  MultiAZ: 'create replica modify shown',
  OptionGroupName: 'create replica',
  PerformanceInsightsKMSKeyId: 'create replica modify shown',
  PerformanceInsightsRetentionPeriod: 'create replica modify shown',
  Port: 'create replica',
  PreferredBackupWindow: 'create modify shown',
  PreferredMaintenanceWindow: 'create modify shown',
  PubliclyAccessible: 'create replica shown',
  SourceDBInstanceIdentifier: 'replica',
  StorageEncrypted: 'create shown',
  StorageThroughput: 'shown',
  StorageType: 'create replica modify shown',
  Tags: 'create replica',
  VPCSecurityGroups: 'create replica modify',
} as const;

type Use = 'create' | 'replica' | 'modify' | 'shown';

export const propertiesFor = (use: Use): readonly string[] =>
  Object.entries(PROPERTIES).flatMap(([name, uses]) => (uses.split(' ').includes(use) ? [name] : []));

/** Also those that only CloudFormation itself reads. */
export const isKnownProperty = (name: string): boolean => name in PROPERTIES;
