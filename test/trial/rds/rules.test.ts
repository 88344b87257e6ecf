import type { Operation } from '../../../trial/rds/model/operations';
import { anySurroundings } from '../../../trial/rds/model/surroundings';
import { NEW, refusal, World } from './world';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.primary();
});

const ARN = 'arn:aws:rds:us-east-1:123456789012:db:site-primary';
const name = { DBInstanceIdentifier: 'site-primary' };
const other = { ...NEW, DBInstanceIdentifier: 'other' };

const CALLS: readonly (readonly [Operation, object, string])[] = [
  ['CreateDBInstance', NEW, 'DBInstanceAlreadyExists 400'],
  ['CreateDBInstance', { ...NEW, DBInstanceIdentifier: 'SITE-Primary' }, 'DBInstanceAlreadyExists 400'],
  ...['', '1st', 'a_b', 'a--b', 'a-', 'x'.repeat(64)].map(
    (DBInstanceIdentifier) =>
      ['CreateDBInstance', { ...NEW, DBInstanceIdentifier }, 'InvalidParameterValue 400'] as const,
  ),
  ['CreateDBInstance', { ...other, DBInstanceIdentifier: 'x'.repeat(63) }, 'accepted'],
  ['CreateDBInstance', { ...other, DBInstanceClass: 'huge' }, 'InvalidParameterValue 400'],
  ['CreateDBInstance', { ...other, DBInstanceClass: undefined }, 'InvalidParameterValue 400'],
  ['CreateDBInstance', { ...other, Engine: 'oracle-ee' }, 'InvalidParameterValue 400'],
  ['CreateDBInstance', { ...other, EngineVersion: '17' }, 'accepted'],
  ['CreateDBInstance', { ...other, EngineVersion: '12.3' }, 'InvalidParameterCombination 400'],
  ['CreateDBInstance', { ...other, AllocatedStorage: 19 }, 'InvalidParameterValue 400'],
  ['CreateDBInstance', { ...other, AllocatedStorage: undefined }, 'InvalidParameterValue 400'],
  ['CreateDBInstance', { ...other, MaxAllocatedStorage: 10 }, 'InvalidParameterCombination 400'],
  ['CreateDBInstance', { ...other, MasterUsername: 'rdsadmin' }, 'InvalidParameterValue 400'],
  ['CreateDBInstance', { ...other, MasterUserPassword: 'short' }, 'InvalidParameterValue 400'],
  ['CreateDBInstance', { ...other, MasterUserPassword: 'with@sign.in' }, 'InvalidParameterValue 400'],
  ['CreateDBInstance', { ...other, MasterUserPassword: 'with a space' }, 'InvalidParameterValue 400'],
  ['CreateDBInstance', { ...other, BackupRetentionPeriod: 36 }, 'InvalidParameterValue 400'],
  ['CreateDBInstance', { ...other, PreferredBackupWindow: '25:00-26:00' }, 'InvalidParameterValue 400'],
  ['CreateDBInstance', { ...other, PreferredBackupWindow: '02:00-02:29' }, 'InvalidParameterValue 400'],
  ['CreateDBInstance', { ...other, PreferredBackupWindow: '23:50-00:20' }, 'accepted'],
  ['CreateDBInstance', { ...other, PreferredMaintenanceWindow: 'sun:02:00' }, 'InvalidParameterValue 400'],
  ['CreateDBInstance', { ...other, PreferredMaintenanceWindow: 'sat:23:50-sun:00:30' }, 'accepted'],
  [
    'CreateDBInstance',
    { ...other, PreferredMaintenanceWindow: 'mon:02:00-wed:02:00' },
    'InvalidParameterValue 400',
  ],
  ['CreateDBInstance', { ...other, Port: 80 }, 'InvalidParameterValue 400'],
  ['CreateDBInstance', { ...other, MultiAZ: true, AvailabilityZone: 'a' }, 'InvalidParameterCombination 400'],
  ['CreateDBInstance', { ...other, ManageMasterUserPassword: true }, 'InvalidParameterValue 400'],
  ['CreateDBInstance', { ...other, DBClusterIdentifier: 'aurora' }, 'InvalidParameterCombination 400'],
  ['CreateDBInstance', { ...other, MultiTenant: false }, 'accepted'],
  ['DescribeDBInstances', { DBInstanceIdentifier: ARN }, 'accepted'],
  [
    'DescribeDBInstances',
    { DBInstanceIdentifier: ARN.replace('us-east-1', 'mars') },
    'DBInstanceNotFound 404',
  ],
  ['DescribeDBInstances', { MaxRecords: 19 }, 'InvalidParameterValue 400'],
  ['DescribeDBInstances', { MaxRecords: 20 }, 'accepted'],
  ['DescribeDBInstances', { Filters: [{ Name: 'engine', Values: [] }] }, 'InvalidParameterCombination 400'],
  [
    'StartDBInstance',
    { DBInstanceIdentifier: 'arn:aws:rds:eu-west-1:1:db:mydb' },
    'InvalidParameterValue 400',
  ],
  ['DeleteDBInstance', { DBInstanceIdentifier: 'long'.repeat(16) }, 'InvalidParameterValue 400'],
  ['CreateDBInstance', { ...NEW, OptionGroupName: 'mine' }, 'OptionGroupNotFoundFault 404'],
  ['ModifyDBInstance', { ...name, EngineVersion: '18.1' }, 'InvalidParameterValue 400'],
  ['ModifyDBInstance', { ...name, AllocatedStorage: 19 }, 'InvalidParameterCombination 400'],
  ['ModifyDBInstance', { ...name, MaxAllocatedStorage: 19 }, 'InvalidParameterCombination 400'],
  ['ModifyDBInstance', { ...name, NewDBInstanceIdentifier: 'no--good' }, 'InvalidParameterValue 400'],
  ['ModifyDBInstance', { ...name, DBSubnetGroupName: 'others' }, 'InvalidParameterCombination 400'],
  ['ModifyDBInstance', { ...name, DBPortNumber: 5433 }, 'InvalidParameterCombination 400'],
  ['RebootDBInstance', { ...name, ForceFailover: true }, 'InvalidParameterCombination 400'],
  ['StartDBInstance', name, 'InvalidDBInstanceState 400'],
  ['PromoteReadReplica', name, 'InvalidDBInstanceState 400'],
  ['DeleteDBInstance', name, 'InvalidParameterCombination 400'],
  [
    'DeleteDBInstance',
    { ...name, SkipFinalSnapshot: true, FinalDBSnapshotIdentifier: 'a' },
    'InvalidParameterCombination 400',
  ],
  ['CreateDBSnapshot', { ...name, DBSnapshotIdentifier: 'no good' }, 'InvalidParameterValue 400'],
  [
    'AddTagsToResource',
    { ResourceName: ARN, Tags: [{ Key: 'aws:x', Value: '' }] },
    'InvalidParameterValue 400',
  ],
  ['AddTagsToResource', { ResourceName: `${ARN}x`, Tags: [] }, 'DBInstanceNotFound 404'],
  [
    'ListTagsForResource',
    { ResourceName: ARN.replace(':db:site-primary', ':snapshot:x') },
    'DBSnapshotNotFound 404',
  ],
  ['ListTagsForResource', { ResourceName: 'site-primary' }, 'InvalidParameterValue 400'],
  ['DescribeEvents', { SourceIdentifier: 'site-primary' }, 'InvalidParameterCombination 400'],
  ['DescribeEvents', { Duration: 20_161 }, 'InvalidParameterValue 400'],
  ['DescribeEvents', { StartTime: new Date(2), EndTime: new Date(1) }, 'InvalidParameterCombination 400'],
];

test.each(CALLS)('%s %j: %s', async (operation, request, expected) => {
  expect(await refusal(world.model.call(operation, request as never))).toBe(expected);
});

const NAMED: readonly Operation[] = [
  'RebootDBInstance',
  'StopDBInstance',
  'StartDBInstance',
  'PromoteReadReplica',
  'ModifyDBInstance',
  'DeleteDBInstance',
];
test.each(NAMED)('%s of nobody is a DBInstanceNotFound', async (operation) => {
  const nobody = { DBInstanceIdentifier: 'nobody', SkipFinalSnapshot: true };
  await expect(world.model.call(operation, nobody as never)).rejects.toThrow('DBInstance nobody not found.');
});

test('a refused change changes nothing', async () => {
  const before = world.model.toJSON();
  const wrong = world.model.call('ModifyDBInstance', {
    ...name,
    DeletionProtection: true,
    DBInstanceClass: 'db.m7g.large',
    VpcSecurityGroupIds: ['sg-2'],
    PreferredBackupWindow: 'never',
    ApplyImmediately: true,
  });
  expect(await refusal(wrong)).toBe('InvalidParameterValue 400');
  expect(world.model.toJSON()).toEqual(before);
});

test('a page that holds all has no marker', async () => {
  for (let index = 1; index < 21; index++) {
    const { Marker } = await world.model.call('DescribeDBInstances', { MaxRecords: 20 });
    expect(Marker).toBeUndefined();
    await world.model.call('CreateDBInstance', { ...NEW, DBInstanceIdentifier: `many-${index}` });
  }
  const { Marker, DBInstances } = await world.model.call('DescribeDBInstances', { MaxRecords: 20 });
  expect(Marker).toBeDefined();
  const rest = await world.model.call('DescribeDBInstances', { MaxRecords: 20, Marker });
  expect([DBInstances!.length, rest.DBInstances!.length, rest.Marker]).toEqual([20, 1, undefined]);
});

test('forty instances are allowed, as in a new account', async () => {
  for (let index = 1; index < 40; index++) {
    await world.model.call('CreateDBInstance', { ...NEW, DBInstanceIdentifier: `many-${index}` });
  }
  expect(await refusal(world.model.call('CreateDBInstance', other))).toBe('InstanceQuotaExceeded 400');
});

test('groups that the account does not have are refused; what they say reaches the databases', async () => {
  const any = anySurroundings('123456789012', 'us-east-1');
  world = new World({
    surroundings: {
      ...any,
      subnetGroup: async (group) => (group === 'site' ? any.subnetGroup(group) : undefined),
    },
  });
  await world.model.call('CreateDBParameterGroup', {
    DBParameterGroupName: 'Site',
    DBParameterGroupFamily: 'postgres17',
    Description: 'of the site',
  });
  await world.model.call('ModifyDBParameterGroup', {
    DBParameterGroupName: 'site',
    Parameters: [{ ParameterName: 'rds.force_ssl', ParameterValue: '1', ApplyMethod: 'immediate' }],
  });
  const create = (DBSubnetGroupName: string, DBParameterGroupName: string) =>
    world.model.call('CreateDBInstance', { ...NEW, DBSubnetGroupName, DBParameterGroupName });
  expect(await refusal(create('other', 'site'))).toBe('DBSubnetGroupNotFoundFault 404');
  expect(await refusal(create('site', 'other'))).toBe('DBParameterGroupNotFound 404');
  const { DBInstance } = await create('site', 'site');
  expect(DBInstance).toMatchObject({
    DBSubnetGroup: { DBSubnetGroupName: 'site' },
    DBParameterGroups: [{ DBParameterGroupName: 'site' }],
  });
  await world.pass('create', 'backup');
  // A replica is in the group of its source.
  await world.model.call('CreateDBInstanceReadReplica', {
    DBInstanceIdentifier: 'one',
    SourceDBInstanceIdentifier: 'site-primary',
  });
  expect(world.model.toJSON().instances.map(({ parameters }) => parameters)).toEqual([
    { 'rds.force_ssl': '1' },
    { 'rds.force_ssl': '1' },
  ]);
});
