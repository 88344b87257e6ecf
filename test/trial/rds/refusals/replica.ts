/** CreateDBInstanceReadReplica and PromoteReadReplica. */
import { ARN, PRIMARY, REPLICA, ROLE } from './prepared';
import { ACCEPTED, COMBINATION, rows, STATE, VALUE, type Row } from './row';

const API = 'API, CreateDBInstanceReadReplica';
const BY_NAME = { DBInstanceIdentifier: 'new', SourceDBInstanceIdentifier: PRIMARY };
const BY_ARN = { ...BY_NAME, SourceDBInstanceIdentifier: ARN };
const by = rows('CreateDBInstanceReadReplica', 'a primary', BY_NAME, API);
const byArn = rows('CreateDBInstanceReadReplica', 'a primary', BY_ARN, API);
const large = rows(
  'CreateDBInstanceReadReplica',
  'a primary of 100 GiB',
  BY_NAME,
  'moj#15253, of a replica made by Terraform',
);
const behind = (given: Parameters<typeof rows>[1], source: string) =>
  rows(
    'CreateDBInstanceReadReplica',
    given,
    { ...BY_NAME, SourceDBInstanceIdentifier: source },
    'guide, "Working with read replicas for Amazon RDS for PostgreSQL"',
  );
const key = { says: /does not require the KMS key/ };
const promote = rows(
  'PromoteReadReplica',
  'a primary and a replica',
  { DBInstanceIdentifier: REPLICA },
  'API, PromoteReadReplica',
);

export const REPLICAS: readonly Row[] = [
  by('a replica', {}, ACCEPTED, { shows: 'creating' }),
  byArn('a replica of a source by its ARN', {}, ACCEPTED),
  by('a replica of nobody', { SourceDBInstanceIdentifier: 'nobody' }, 'DBInstanceNotFound'),
  by('a replica of no source', { SourceDBInstanceIdentifier: undefined }, VALUE),
  by('a replica with the name of its source', { DBInstanceIdentifier: PRIMARY }, 'DBInstanceAlreadyExists'),
  by('a replica with a name that is none', { DBInstanceIdentifier: 'a--b' }, VALUE),
  by('a subnet group, the source by name', { DBSubnetGroupName: 'site' }, 'DBSubnetGroupNotAllowedFault', {
    says: /same region/,
    source: 'aws-cdk#5530; tf#528; API',
  }),
  byArn('a subnet group, the source by ARN', { DBSubnetGroupName: 'site' }, ACCEPTED, {
    source: 'tf#40426; aws-cdk#5530',
  }),
  by('the parameter group of the source', { DBParameterGroupName: 'site' }, COMBINATION, {
    says: /can't be specified during Read Replica creation/,
    source: 'tf#38056, #38227, #36080; cfn#245 sends it for MySQL across regions alone; API',
  }),
  byArn('the parameter group, the source by ARN', { DBParameterGroupName: 'site' }, COMBINATION, {
    says: /can't be specified during Read Replica creation/,
    source: 'tf#38056, #38227, #36080; cfn#245 sends it for MySQL across regions alone; API',
  }),
  by('the key of the source, the source by name', { KmsKeyId: 'key' }, COMBINATION, {
    ...key,
    source: 'cloudposse/terraform-aws-rds-replica#5; API',
  }),
  ...(['refused', 'accepted'] as const).map((answer) =>
    byArn(
      'the key of the source, the source by ARN',
      { KmsKeyId: 'key' },
      answer === 'refused' ? COMBINATION : ACCEPTED,
      {
        undecided: { keyOfReplicaByArn: answer },
        source: 'API: "don\'t specify a value"; tf#2386 made one',
      },
    ),
  ),
  ...(['refused', 'ignored'] as const).map((answer) =>
    by(
      'DatabaseInsightsMode',
      { DatabaseInsightsMode: 'standard' },
      answer === 'refused' ? COMBINATION : ACCEPTED,
      {
        undecided: { insightsOfReplica: answer },
        source: 'API: "This setting isn\'t supported."; cfn sends it',
      },
    ),
  ),
  ...(['refused', 'accepted'] as const).flatMap((answer) =>
    [100, 105, 109].map((MaxAllocatedStorage) =>
      large(
        `a maximum of ${MaxAllocatedStorage} %`,
        { MaxAllocatedStorage },
        answer === 'refused' ? COMBINATION : ACCEPTED,
        {
          undecided: { maximumStorageOfReplica: answer },
        },
      ),
    ),
  ),
  large('a maximum of 110 %', { MaxAllocatedStorage: 110 }, ACCEPTED),
  large('less storage than the source', { AllocatedStorage: 50 }, COMBINATION, { source: API }),
  large('more storage than the source', { AllocatedStorage: 200 }, ACCEPTED, { source: API }),
  by('Iops of gp3 below 400 GiB', { StorageType: 'gp3', Iops: 12_000 }, COMBINATION, {
    says: /can't specify IOPS/,
    source: 'crossplane-contrib/provider-aws#1630',
  }),
  large('io1 without Iops', { StorageType: 'io1' }, COMBINATION, { source: API }),
  by('monitoring without a role', { MonitoringInterval: 60 }, COMBINATION),
  by('a monitoring role without an interval', { MonitoringRoleArn: ROLE }, COMBINATION),
  by('a class that is none', { DBInstanceClass: 'huge' }, VALUE),
  by('port 80', { Port: 80 }, VALUE),
  by('Multi-AZ in a zone of its own', { MultiAZ: true, AvailabilityZone: 'us-east-1a' }, COMBINATION),
  by(
    'fifty-one tags',
    { Tags: Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' })) },
    VALUE,
    {
      source: 'guide, "Tagging Amazon RDS resources"',
    },
  ),
  by('a tag `aws:x`', { Tags: [{ Key: 'aws:x', Value: '' }] }, VALUE, { says: /reserved prefix/ }),
  by('ReplicaMode', { ReplicaMode: 'mounted' }, COMBINATION, { source: `${API}: Db2 and Oracle alone` }),
  behind('a primary without backups', PRIMARY)('a replica of a source without backups', {}, STATE, {
    says: /Automated backups are not enabled/,
    source: API,
  }),
  behind('a primary with 15 replicas', PRIMARY)('a sixteenth replica', {}, STATE),
  behind('a primary and a replica', REPLICA)('a replica behind a replica without backups', {}, STATE, {
    says: /Automated backups are not enabled/,
  }),
  behind('a primary and a replica that keeps backups', REPLICA)('a replica behind a replica', {}, ACCEPTED),
  behind('a replica with five behind it', REPLICA)('a sixth behind a replica', {}, STATE),
  behind('three replicas in a chain, each with backups', REPLICA)('a fourth in the chain', {}, STATE),
  behind('40 instances', 'i-1')('one more', {}, 'InstanceQuotaExceeded', { source: API }),
  behind('a primary, no capacity any more', PRIMARY)(
    'a replica where there is no room for it',
    {},
    'InsufficientDBInstanceCapacity',
    {
      source: API,
    },
  ),

  promote('a promotion', {}, ACCEPTED, { shows: 'modifying' }),
  promote('a promotion of what is no replica', { DBInstanceIdentifier: PRIMARY }, STATE, {
    says: /not a read replica/,
    source: 'fog/fog-aws#158; API',
  }),
  promote('a promotion of nobody', { DBInstanceIdentifier: 'nobody' }, 'DBInstanceNotFound'),
  promote('backups for 36 days', { BackupRetentionPeriod: 36 }, VALUE),
  promote('a backup window that is none', { PreferredBackupWindow: 'never' }, VALUE),
  rows(
    'PromoteReadReplica',
    'a replica with one behind it',
    { DBInstanceIdentifier: REPLICA },
    'API, PromoteReadReplica',
  )('no backups', { BackupRetentionPeriod: 0 }, COMBINATION),
];
