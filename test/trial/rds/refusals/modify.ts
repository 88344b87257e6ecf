/** ModifyDBInstance, but for storage. */
import { PRIMARY, REPLICA, ROLE } from './prepared';
import { ACCEPTED, COMBINATION, rows, VALUE, type Row } from './row';

const API = 'API, ModifyDBInstance';
const NOW = { DBInstanceIdentifier: PRIMARY, ApplyImmediately: true };
const modify = rows('ModifyDBInstance', 'a primary', NOW, API);
const replica = rows(
  'ModifyDBInstance',
  'a primary and a replica',
  { ...NOW, DBInstanceIdentifier: REPLICA },
  API,
);
const overlapping = { says: /must not overlap/, source: 'tf#49828, #7046; moj#5243' };

export const MODIFY: readonly Row[] = [
  modify('nothing', {}, ACCEPTED, { shows: 'available' }),
  rows(
    'ModifyDBInstance',
    'a primary',
    { DBInstanceIdentifier: PRIMARY },
    'crossplane-contrib/provider-aws#2146, #1870',
  )('nothing, without ApplyImmediately', {}, COMBINATION, { says: /No modifications were requested/ }),
  ...[
    { DBInstanceClass: 'db.m7g.large' },
    { MultiAZ: true },
    { DBInstanceClass: 'db.m7g.large', MultiAZ: true },
  ].map((same) =>
    rows(
      'ModifyDBInstance',
      'a primary whose change of the class waits for the window',
      { DBInstanceIdentifier: PRIMARY },
      'tf#4187; hashicorp/terraform#10487',
    )(`${Object.keys(same).join(' and ')} again, without ApplyImmediately`, same, COMBINATION, {
      says: /No modifications were requested/,
    }),
  ),
  rows(
    'ModifyDBInstance',
    'a primary whose change of the class waits for the window',
    { DBInstanceIdentifier: PRIMARY },
    API,
  )(
    'the class again, and something else',
    { DBInstanceClass: 'db.m7g.large', DeletionProtection: true },
    ACCEPTED,
  ),
  modify('a class with which PostgreSQL 17 is not offered', { DBInstanceClass: 'db.m4.large' }, COMBINATION, {
    says: /does not support creating a DB instance with the following combination/,
    source: 'aws-quickstart/quickstart-awx#47; cfn-lint, E3025',
  }),
  rows('ModifyDBInstance', 'a primary with Performance Insights', NOW, API)(
    'another key of Performance Insights',
    { EnablePerformanceInsights: true, PerformanceInsightsKMSKeyId: 'other' },
    COMBINATION,
    { says: /cannot change your Performance Insights KMS key/, source: 'tf#9746, #6453' },
  ),
  rows('ModifyDBInstance', 'a primary with Performance Insights', NOW, API)(
    'the same key without EnablePerformanceInsights',
    { PerformanceInsightsKMSKeyId: 'key' },
    COMBINATION,
    { says: /without EnablePerformanceInsights/, source: 'tf#3015; cfn#376' },
  ),
  rows(
    'ModifyDBInstance',
    'a primary with Performance Insights',
    NOW,
    API,
  )(
    'the same key, and EnablePerformanceInsights',
    { EnablePerformanceInsights: true, PerformanceInsightsKMSKeyId: 'key' },
    ACCEPTED,
  ),
  modify('a change of nobody', { DBInstanceIdentifier: 'nobody' }, 'DBInstanceNotFound'),
  modify('a class that is none', { DBInstanceClass: 'huge' }, VALUE),
  modify('another class', { DBInstanceClass: 'db.m7g.large' }, ACCEPTED, { shows: 'modifying' }),
  modify('another major version', { EngineVersion: '18.1' }, VALUE),
  modify('backups for 36 days', { BackupRetentionPeriod: 36 }, VALUE),
  modify('a password that is too short', { MasterUserPassword: 'short' }, VALUE),
  modify('ManageMasterUserPassword', { ManageMasterUserPassword: true }, VALUE, {
    source: 'terraform-aws-modules/terraform-aws-rds#532',
  }),
  modify('a backup window in the maintenance', { PreferredBackupWindow: '03:30-04:30' }, VALUE, overlapping),
  modify(
    'a maintenance in the backup window',
    { PreferredMaintenanceWindow: 'tue:01:30-tue:02:30' },
    VALUE,
    overlapping,
  ),
  modify(
    'both windows, which overlap',
    { PreferredBackupWindow: '08:00-09:00', PreferredMaintenanceWindow: 'tue:08:30-tue:09:30' },
    VALUE,
    overlapping,
  ),
  modify(
    'both windows, which each overlap the old other one',
    { PreferredBackupWindow: '03:00-04:00', PreferredMaintenanceWindow: 'sun:01:00-sun:02:00' },
    ACCEPTED,
  ),
  modify('a backup window that is too short', { PreferredBackupWindow: '10:00-10:29' }, VALUE),
  modify(
    'a maintenance window that is too long',
    { PreferredMaintenanceWindow: 'mon:04:00-wed:04:00' },
    VALUE,
  ),
  modify('monitoring without a role', { MonitoringInterval: 60 }, COMBINATION, {
    says: /MonitoringRoleARN value is required/,
    source: 'terraform-aws-modules/terraform-aws-rds#136; moto, test_rds.py',
  }),
  modify('a monitoring role without an interval', { MonitoringRoleArn: ROLE }, COMBINATION, {
    source: 'API; moto, test_rds.py',
  }),
  modify('monitoring', { MonitoringInterval: 60, MonitoringRoleArn: ROLE }, ACCEPTED, {
    shows: 'configuring-enhanced-monitoring',
  }),
  rows('ModifyDBInstance', 'a primary with enhanced monitoring', NOW, API)(
    'another interval, with the role that there is',
    { MonitoringInterval: 30 },
    ACCEPTED,
    { shows: 'configuring-enhanced-monitoring' },
  ),
  modify('log exports', { CloudwatchLogsExportConfiguration: { EnableLogTypes: ['postgresql'] } }, ACCEPTED, {
    shows: 'configuring-log-exports',
    source: 'guide, "DB instance status"',
  }),
  modify(
    'exports of logs that PostgreSQL does not have',
    { CloudwatchLogsExportConfiguration: { EnableLogTypes: ['audit'] } },
    COMBINATION,
  ),
  modify('IAM authentication', { EnableIAMDatabaseAuthentication: true }, ACCEPTED, {
    shows: 'configuring-iam-database-auth',
    source: 'guide, "DB instance status"',
  }),
  modify('advanced Database Insights', { DatabaseInsightsMode: 'advanced' }, COMBINATION, {
    source: 'pulumi/pulumi-aws#5286',
  }),
  modify('a certificate authority that is none', { CACertificateIdentifier: 'none' }, 'CertificateNotFound'),
  modify('security groups', { VpcSecurityGroupIds: ['sg-2'] }, ACCEPTED, { shows: 'available' }),
  modify('a name that is none', { NewDBInstanceIdentifier: 'no--good' }, VALUE),
  modify('its own name', { NewDBInstanceIdentifier: PRIMARY }, ACCEPTED, { shows: 'available' }),
  modify('a new name, which it has not at once', { NewDBInstanceIdentifier: 'new' }, ACCEPTED, {
    shows: 'available',
    source: 'boto/boto3#609; aws/aws-sdk#421; hashicorp/terraform#2439',
  }),
  rows(
    'ModifyDBInstance',
    'a primary and another instance, `other`',
    NOW,
    API,
  )('the name of another', { NewDBInstanceIdentifier: 'OTHER' }, 'DBInstanceAlreadyExists'),
  rows(
    'ModifyDBInstance',
    'an account with the groups `site` only',
    NOW,
    API,
  )('a subnet group that is not there', { DBSubnetGroupName: 'none' }, 'DBSubnetGroupNotFoundFault'),
  modify('other subnets', { DBSubnetGroupName: 'other' }, COMBINATION, {
    source: 'the trial keeps instances in their subnets: it says so',
  }),
  rows(
    'ModifyDBInstance',
    'an account with the groups `site` only',
    NOW,
    API,
  )('a parameter group that is not there', { DBParameterGroupName: 'none' }, 'DBParameterGroupNotFound'),
  rows('ModifyDBInstance', 'a primary and a replica', NOW, API)(
    'no backups of a source',
    { BackupRetentionPeriod: 0 },
    COMBINATION,
    {
      says: /cannot be set to 0/,
    },
  ),
  replica('the master password of a replica', { MasterUserPassword: 'battery-staple' }, COMBINATION, {
    says: /Cannot change master user password on an RDS postgres Read Replica/,
    source: 'terraform-aws-modules/terraform-aws-rds#526',
  }),
  replica('backups of a replica, from 14.1 on', { BackupRetentionPeriod: 1 }, ACCEPTED, {
    shows: 'modifying',
  }),
  rows(
    'ModifyDBInstance',
    'a primary, no capacity any more',
    NOW,
    API,
  )(
    'a class for which there is no room',
    { DBInstanceClass: 'db.m7g.large' },
    'InsufficientDBInstanceCapacity',
  ),
  rows('ModifyDBInstance', 'a primary, no capacity any more', NOW, 'tf#43322: accepted, and given up')(
    'Multi-AZ for which there is no room',
    { MultiAZ: true },
    ACCEPTED,
    { shows: 'modifying' },
  ),
];
