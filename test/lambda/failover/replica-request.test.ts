/** What a new replica is asked for with: of each setting whether RDS takes it there, and what it would be without. */
import type { DBInstance } from '@aws-sdk/client-rds';
import { mayGrow, replicaRequest } from '../../../lambda/failover/replica-request';
import { OPEN_GROUP, look, with_ } from './builders';

const OURS = { Key: 'scale-from-zero:made-by', Value: 'failover-controller' };

const described: DBInstance = {
  DBInstanceIdentifier: 'mysite-primary',
  DBInstanceClass: 'db.t4g.micro',
  Endpoint: { Port: 5432 },
  DBParameterGroups: [{ DBParameterGroupName: 'mysite-postgres17' }],
  DBSubnetGroup: { DBSubnetGroupName: 'mysite-subnets' },
  KmsKeyId: 'arn:aws:kms:us-east-1:123456789012:key/1',
  // As RDS shows gp3 that is too small to be chosen for.
  StorageType: 'gp3',
  Iops: 3000,
  StorageThroughput: 125,
  AllocatedStorage: 20,
  MaxAllocatedStorage: 100,
  AutoMinorVersionUpgrade: true,
  CopyTagsToSnapshot: true,
  CACertificateIdentifier: 'rds-ca-rsa2048-g1',
  EnabledCloudwatchLogsExports: ['postgresql'],
  DatabaseInsightsMode: 'standard',
  MultiAZ: true,
  DeletionProtection: true,
  BackupRetentionPeriod: 7,
  PreferredBackupWindow: '04:30-05:30',
  PreferredMaintenanceWindow: 'sun:03:00-sun:04:00',
  TagList: [
    { Key: 'aws:cloudformation:stack-name', Value: 'mysite-data' },
    { Key: 'rds:backup', Value: 'daily' },
    { Key: 'team', Value: 'web' },
    OURS,
  ],
};

/** By what the source is otherwise. */
function requested(change: DBInstance = {}) {
  const [source] = look({ primary: with_({ description: { ...described, ...change } }) }).instances;
  return JSON.parse(JSON.stringify(replicaRequest(source!, 'mysite-replica-3'))) as ReturnType<
    typeof replicaRequest
  >;
}

test('all of it: what RDS neither inherits nor refuses', () => {
  expect(requested()).toEqual({
    DBInstanceIdentifier: 'mysite-replica-3',
    SourceDBInstanceIdentifier: 'mysite-primary',
    DBInstanceClass: 'db.t4g.micro',
    Port: 5432,
    VpcSecurityGroupIds: [OPEN_GROUP],
    StorageType: 'gp3',
    MaxAllocatedStorage: 100,
    PubliclyAccessible: false,
    MultiAZ: false,
    DeletionProtection: false,
    AutoMinorVersionUpgrade: true,
    CopyTagsToSnapshot: true,
    CACertificateIdentifier: 'rds-ca-rsa2048-g1',
    EnableCloudwatchLogsExports: ['postgresql'],
    Tags: [OURS, { Key: 'team', Value: 'web' }],
  });
});

test('it is watched as its source is', () => {
  const watched: DBInstance = {
    MonitoringInterval: 60,
    MonitoringRoleArn: 'arn:aws:iam::123456789012:role/monitoring',
    PerformanceInsightsEnabled: true,
    PerformanceInsightsKMSKeyId: 'key',
    PerformanceInsightsRetentionPeriod: 7,
  };
  expect(requested(watched)).toMatchObject({
    MonitoringInterval: 60,
    MonitoringRoleArn: 'arn:aws:iam::123456789012:role/monitoring',
    EnablePerformanceInsights: true,
    PerformanceInsightsKMSKeyId: 'key',
    PerformanceInsightsRetentionPeriod: 7,
  });
});

test('IAM authentication, which RDS does not inherit', () => {
  expect(requested({ IAMDatabaseAuthenticationEnabled: true }).EnableIAMDatabaseAuthentication).toBe(true);
  expect(requested()).not.toHaveProperty('EnableIAMDatabaseAuthentication');
});

test.each<[string, DBInstance, object]>([
  ['gp3 of less than 400 GiB: its performance cannot be chosen', {}, { StorageType: 'gp3' }],
  [
    'gp3 of 400 GiB',
    { AllocatedStorage: 400, Iops: 16_000, StorageThroughput: 600 },
    { StorageType: 'gp3', Iops: 16_000, StorageThroughput: 600 },
  ],
  [
    'gp3 that has grown to 400 GiB and is still shown with the performance of less',
    { AllocatedStorage: 400, Iops: 3000, StorageThroughput: 125 },
    { StorageType: 'gp3' },
  ],
  ['io1', { StorageType: 'io1', Iops: 1000 }, { StorageType: 'io1', Iops: 1000 }],
  ['io2', { StorageType: 'io2', Iops: 2000 }, { StorageType: 'io2', Iops: 2000 }],
  ['gp2', { StorageType: 'gp2', Iops: undefined, StorageThroughput: undefined }, { StorageType: 'gp2' }],
])('storage: %s', (_, source, expected) => {
  const { StorageType, Iops, StorageThroughput } = requested(source);
  expect(JSON.parse(JSON.stringify({ StorageType, Iops, StorageThroughput }))).toEqual(expected);
});

test.each([
  [90, 100, true],
  [91, 100, false],
  [100, 100, false],
  // 10 % of it is no whole number.
  [95, 105, true],
  [95, 104, false],
  [20, 0, false],
])('%d GiB with a limit of %d: the limit is given: %s', (AllocatedStorage, MaxAllocatedStorage, is) => {
  expect(mayGrow({ AllocatedStorage, MaxAllocatedStorage })).toBe(is);
  const request = requested({ AllocatedStorage, MaxAllocatedStorage });
  expect('MaxAllocatedStorage' in request).toBe(is);
});

test('fifty tags at most, and ours among them', () => {
  const TagList = Array.from({ length: 60 }, (_, index) => ({ Key: `tag-${index}`, Value: 'x' }));
  const { Tags } = requested({ TagList });
  expect(Tags).toHaveLength(50);
  expect(Tags).toContainEqual(OURS);
});
