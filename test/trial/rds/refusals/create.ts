/** CreateDBInstance. */
import { NEW } from '../world';
import { ROLE, WINDOWS } from './prepared';
import { ACCEPTED, COMBINATION, rows, VALUE, type Row } from './row';

const API = 'API, CreateDBInstance';
const create = rows('CreateDBInstance', 'an empty account', NEW, API);
const tags = (count: number, prefix = 'k') =>
  Array.from({ length: count }, (_, index) => ({ Key: `${prefix}${index}`, Value: 'v' }));
const overlapping = { says: /must not overlap/, source: 'tf#49828; moj#5243; API: must not conflict' };
const window = (backup: string, maintenance: string) => ({
  PreferredBackupWindow: backup,
  PreferredMaintenanceWindow: maintenance,
});

export const CREATE: readonly Row[] = [
  create('what is right', {}, ACCEPTED, { shows: 'creating' }),
  ...['', '1st', 'a_b', 'a--b', 'a-', 'x'.repeat(64)].map((DBInstanceIdentifier) =>
    create(
      `identifier \`${DBInstanceIdentifier.replace(/x{9,}/, '64 letters')}\``,
      { DBInstanceIdentifier },
      VALUE,
    ),
  ),
  create('identifier of 63 letters', { DBInstanceIdentifier: 'x'.repeat(63) }, ACCEPTED),
  create('no class', { DBInstanceClass: undefined }, VALUE),
  create('class `huge`', { DBInstanceClass: 'huge' }, VALUE, { says: /Invalid DB Instance class/ }),
  create('a class with which PostgreSQL 17 is not offered', { DBInstanceClass: 'db.t2.micro' }, COMBINATION, {
    says: /does not support creating a DB instance with the following combination: DBInstanceClass=db.t2.micro, Engine=postgres/,
    source: 'Fraudmarc/fraudmarc-ce#55; aws-quickstart/quickstart-awx#47; cfn-lint, E3025',
  }),
  create("another engine's license", { LicenseModel: 'bring-your-own-license' }, COMBINATION, {
    says: /LicenseModel=bring-your-own-license/,
    source: 'API, LicenseModel: "RDS for PostgreSQL - postgresql-license"',
  }),
  create('a key without encryption', { KmsKeyId: 'key' }, COMBINATION, {
    source: 'API, KmsKeyId: "for an encrypted DB instance"; cfn-lint, KmsKeyId with StorageEncrypted',
  }),
  create('a key, and encryption', { KmsKeyId: 'key', StorageEncrypted: true }, ACCEPTED),
  create('engine `oracle`', { Engine: 'oracle' }, VALUE, { says: /engine oracle not supported/ }),
  create('engine version 9.1', { EngineVersion: '9.1' }, COMBINATION, { says: /Cannot find version/ }),
  create('a version 17 that is none', { EngineVersion: '17.99' }, COMBINATION, {
    says: /Cannot find version 17.99 for postgres/,
    source: 'sidpalas/devops-directive-terraform-course#8; cfn-lint, versions of RDS for PostgreSQL',
  }),
  create('engine version 17', { EngineVersion: '17' }, ACCEPTED),
  ...['1db', 'a-b', 'x'.repeat(64), 'rdsadmin', 'db'].map((DBName) =>
    create(`database \`${DBName.replace(/x{9,}/, '64 letters')}\``, { DBName }, VALUE, { says: /DBName/ }),
  ),
  ...['1st', 'rdsadmin', 'admin', 'pg_x', ''].map((MasterUsername) =>
    create(`master user \`${MasterUsername}\``, { MasterUsername }, VALUE),
  ),
  ...['short', 'with@sign.in', 'with/slash', 'with "quote', 'with a space', 'x'.repeat(129)].map(
    (MasterUserPassword) =>
      create(
        `password \`${MasterUserPassword.replace(/x{9,}/, '129 letters')}\``,
        { MasterUserPassword },
        VALUE,
      ),
  ),
  create(
    'ManageMasterUserPassword, where replicas are to follow',
    { ManageMasterUserPassword: true },
    VALUE,
    {
      says: /not supported/,
      source: 'terraform-aws-modules/terraform-aws-rds#532, #512 (of MySQL)',
    },
  ),
  create('port 80', { Port: 80 }, VALUE),
  create('port 1149', { Port: 1149 }, VALUE),
  create('port 65536', { Port: 65_536 }, VALUE),
  create('port 1150', { Port: 1150 }, ACCEPTED),
  create('Multi-AZ in a zone of its own', { MultiAZ: true, AvailabilityZone: 'us-east-1a' }, COMBINATION, {
    says: /specific availability zone/,
  }),
  create('backups for 36 days', { BackupRetentionPeriod: 36 }, VALUE),
  create('backups for -1 days', { BackupRetentionPeriod: -1 }, VALUE),
  create('backups for 35 days', { BackupRetentionPeriod: 35 }, ACCEPTED),
  ...['25:00-26:00', '03:00', '3:00-4:00', '02:00-02:29'].map((PreferredBackupWindow) =>
    create(`backup window \`${PreferredBackupWindow}\``, { PreferredBackupWindow }, VALUE),
  ),
  ...['sun:02:00', 'xxx:02:00-sun:03:00', 'sun:02:00-sun:02:29', 'mon:02:00-wed:02:00'].map(
    (PreferredMaintenanceWindow) =>
      create(`maintenance window \`${PreferredMaintenanceWindow}\``, { PreferredMaintenanceWindow }, VALUE),
  ),
  create('windows that are the same', window('03:00-04:00', 'sun:03:00-sun:04:00'), VALUE, overlapping),
  create(
    'a backup that begins in the maintenance',
    window('03:30-04:30', 'sun:03:00-sun:04:00'),
    VALUE,
    overlapping,
  ),
  create(
    'a backup that ends in the maintenance',
    window('02:30-03:30', 'sun:03:00-sun:04:00'),
    VALUE,
    overlapping,
  ),
  create('a maintenance within the backup', window('02:00-05:00', 'wed:03:00-wed:04:00'), VALUE, overlapping),
  create('a backup within the maintenance', window('12:00-12:30', 'sun:03:00-mon:02:00'), VALUE, overlapping),
  create(
    'windows that overlap over midnight',
    window('23:50-00:20', 'sat:00:00-sat:01:00'),
    VALUE,
    overlapping,
  ),
  create(
    'windows that overlap over the end of the week',
    window('00:00-01:00', 'sat:23:30-sun:00:30'),
    VALUE,
    overlapping,
  ),
  create(
    'a maintenance of a whole day, whatever the backup',
    { PreferredMaintenanceWindow: 'sun:03:00-mon:03:00' },
    VALUE,
    {
      ...overlapping,
      undecided: { windowAtRandom: 'never overlaps' },
    },
  ),
  create('windows side by side', window('03:00-04:00', 'sun:04:00-sun:05:00'), ACCEPTED),
  create('windows side by side, the other way round', window('05:00-06:00', 'sun:04:00-sun:05:00'), ACCEPTED),
  create('windows side by side over midnight', window('23:30-00:00', 'mon:00:00-mon:00:30'), ACCEPTED),
  create('monitoring without a role', { MonitoringInterval: 60 }, COMBINATION, {
    says: /MonitoringRoleARN value is required/,
    source: 'cloudposse/terraform-aws-rds#75; terraform-aws-modules/terraform-aws-rds#136',
  }),
  create('a monitoring role without an interval', { MonitoringRoleArn: ROLE }, COMBINATION),
  create('a monitoring role that is no ARN', { MonitoringInterval: 60, MonitoringRoleArn: 'x' }, VALUE),
  create('monitoring each 7 seconds', { MonitoringInterval: 7, MonitoringRoleArn: ROLE }, VALUE),
  create('monitoring with a role', { MonitoringInterval: 60, MonitoringRoleArn: ROLE }, ACCEPTED),
  create(
    'Performance Insights for 94 days',
    { EnablePerformanceInsights: true, PerformanceInsightsRetentionPeriod: 94 },
    VALUE,
  ),
  ...[7, 31, 713, 731].map((days) =>
    create(
      `Performance Insights for ${days} days`,
      { EnablePerformanceInsights: true, PerformanceInsightsRetentionPeriod: days },
      ACCEPTED,
    ),
  ),
  create('a key of Performance Insights without them', { PerformanceInsightsKMSKeyId: 'key' }, COMBINATION, {
    says: /without EnablePerformanceInsights/,
    source: 'tf#3015; cfn#376',
  }),
  create('advanced Database Insights alone', { DatabaseInsightsMode: 'advanced' }, COMBINATION, {
    says: /Performance Insights/,
    source: 'pulumi/pulumi-aws#5286',
  }),
  create(
    'advanced Database Insights with Performance Insights for a week',
    {
      DatabaseInsightsMode: 'advanced',
      EnablePerformanceInsights: true,
      PerformanceInsightsRetentionPeriod: 7,
    },
    COMBINATION,
    { source: 'pulumi/pulumi-aws#5286' },
  ),
  create(
    'advanced Database Insights with Performance Insights for 15 months',
    {
      DatabaseInsightsMode: 'advanced',
      EnablePerformanceInsights: true,
      PerformanceInsightsRetentionPeriod: 465,
    },
    ACCEPTED,
    { source: 'pulumi/pulumi-aws#5286' },
  ),
  create('Database Insights `deep`', { DatabaseInsightsMode: 'deep' }, VALUE),
  create('logs that PostgreSQL does not have', { EnableCloudwatchLogsExports: ['audit'] }, COMBINATION, {
    says: /cannot use the log types/,
    source: 'guide, "Publishing PostgreSQL logs to Amazon CloudWatch Logs"',
  }),
  create(
    'the logs that PostgreSQL has',
    { EnableCloudwatchLogsExports: ['postgresql', 'upgrade'] },
    ACCEPTED,
  ),
  create(
    'a certificate authority that is none',
    { CACertificateIdentifier: 'rds-ca-2015' },
    'CertificateNotFound',
  ),
  create('network type `IPV6`', { NetworkType: 'IPV6' }, 'NetworkTypeNotSupported'),
  create('fifty tags', { Tags: tags(50) }, ACCEPTED, { source: 'guide, "Tagging Amazon RDS resources"' }),
  create('fifty-one tags', { Tags: tags(51) }, VALUE, { source: 'guide, "Tagging Amazon RDS resources"' }),
  create('a tag `rds:x`', { Tags: [{ Key: 'rds:x', Value: '' }] }, VALUE, {
    says: /reserved prefix/,
    source: 'API, Tag, Key: "can\'t be prefixed with aws: or rds:"',
  }),
  create('a tag `aws:x`', { Tags: tags(1, 'aws:x') }, VALUE, {
    says: /reserved prefix/,
    source: '1Strategy/rds-oracle-cross-account-cross-region-dr#1',
  }),
  create('a tag with a key of 129 letters', { Tags: [{ Key: 'x'.repeat(129), Value: '' }] }, VALUE),
  create('a tag with a value of 257 letters', { Tags: [{ Key: 'x', Value: 'x'.repeat(257) }] }, VALUE),
  create('a member of a cluster', { DBClusterIdentifier: 'aurora' }, COMBINATION, {
    source: 'the trial has no clusters: it says so',
  }),
  rows(
    'CreateDBInstance',
    'an empty account without capacity',
    NEW,
    'guide, "Troubleshooting"; ansible/ansible#23618',
  )('an instance where there is no room for it', {}, 'InsufficientDBInstanceCapacity'),
  rows('CreateDBInstance', 'a primary', NEW, API)('the same identifier', {}, 'DBInstanceAlreadyExists'),
  rows(
    'CreateDBInstance',
    'a primary',
    NEW,
    API,
  )('the same identifier in capitals', { DBInstanceIdentifier: 'SITE-Primary' }, 'DBInstanceAlreadyExists'),
  rows(
    'CreateDBInstance',
    'a primary that is on its way to the name `new`',
    NEW,
    API,
  )('a name that another is about to get', { DBInstanceIdentifier: 'new' }, 'DBInstanceAlreadyExists'),
  rows('CreateDBInstance', '40 instances', NEW, API)('a forty-first instance', {}, 'InstanceQuotaExceeded'),
  rows(
    'CreateDBInstance',
    'an account with the groups `site` only',
    { ...NEW, ...WINDOWS, DBInstanceIdentifier: 'x' },
    API,
  )('a subnet group that is not there', { DBSubnetGroupName: 'none' }, 'DBSubnetGroupNotFoundFault'),
  rows(
    'CreateDBInstance',
    'an account with the groups `site` only',
    { ...NEW, ...WINDOWS, DBInstanceIdentifier: 'x' },
    API,
  )('a parameter group that is not there', { DBParameterGroupName: 'none' }, 'DBParameterGroupNotFound'),
];
