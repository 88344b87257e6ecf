/** Actions as calls of the ports, and what comes of their errors. */
import { act } from '../../../lambda/failover/act';
import type { Action } from '../../../lambda/failover/decision';
import { CallFailed, type Outcome } from '../../../lambda/failover/ports';
import { replicaRequest } from '../../../lambda/failover/replica-request';
import { OPEN_GROUP, dead, follows, hostOf, look, namesOf, promoted, with_ } from './builders';
import { World } from './world';

const primary = { resourceId: 'db-primary', identifier: 'mysite-primary' };
const replica = { resourceId: 'db-replica-1', identifier: 'mysite-replica-1' };
const seen = look({ 'replica-2': promoted });
const names = namesOf(['primary', 'replica-1']);

const description = {
  DBInstanceIdentifier: 'mysite-primary',
  DBInstanceClass: 'db.t4g.micro',
  Endpoint: { Port: 5432 },
  DBParameterGroups: [{ DBParameterGroupName: 'mysite-postgres17' }],
  StorageType: 'gp3',
  MaxAllocatedStorage: 100,
  AutoMinorVersionUpgrade: true,
  CopyTagsToSnapshot: true,
  CACertificateIdentifier: 'rds-ca-rsa2048-g1',
  EnabledCloudwatchLogsExports: ['postgresql'],
  MultiAZ: true,
  DeletionProtection: true,
  BackupRetentionPeriod: 7,
  TagList: [
    { Key: 'aws:cloudformation:stack-name', Value: 'mysite-data' },
    { Key: 'team', Value: 'web' },
    { Key: 'scale-from-zero:made-by', Value: 'failover-controller' },
  ],
};

/** What one port was asked for. */
async function asked(action: Action, observation = seen): Promise<{ name: string; request: unknown }> {
  const world = new World();
  world.before = () => {
    throw new CallFailed('failed', 'seen');
  };
  await act(world.ports(), observation, action);
  expect(world.calls).toHaveLength(1);
  const { name, request } = world.calls[0]!;
  return { name, request: JSON.parse(JSON.stringify(request)) as unknown };
}

test.each<[string, Action, string, object]>([
  [
    'quarantine',
    { kind: 'set-groups', on: primary, groups: ['sg-quarantine'] },
    'rds ModifyDBInstance',
    {
      DBInstanceIdentifier: 'mysite-primary',
      ApplyImmediately: true,
      VpcSecurityGroupIds: ['sg-quarantine'],
    },
  ],
  [
    'restart',
    { kind: 'reboot', on: primary },
    'rds RebootDBInstance',
    { DBInstanceIdentifier: 'mysite-primary' },
  ],
  [
    'promotion, with backups',
    { kind: 'promote', on: replica, backupDays: 7 },
    'rds PromoteReadReplica',
    { DBInstanceIdentifier: 'mysite-replica-1', BackupRetentionPeriod: 7 },
  ],
  [
    'settings',
    { kind: 'modify', on: primary, changes: { deletionProtection: false } },
    'rds ModifyDBInstance',
    { DBInstanceIdentifier: 'mysite-primary', ApplyImmediately: true, DeletionProtection: false },
  ],
  [
    'settings, all of them',
    { kind: 'modify', on: primary, changes: { deletionProtection: true, multiAz: true, backupDays: 3 } },
    'rds ModifyDBInstance',
    {
      DBInstanceIdentifier: 'mysite-primary',
      ApplyImmediately: true,
      DeletionProtection: true,
      MultiAZ: true,
      BackupRetentionPeriod: 3,
    },
  ],
  [
    'another name',
    { kind: 'rename', on: replica, to: 'mysite-primary' },
    'rds ModifyDBInstance',
    {
      DBInstanceIdentifier: 'mysite-replica-1',
      ApplyImmediately: true,
      NewDBInstanceIdentifier: 'mysite-primary',
    },
  ],
  [
    'deletion of a replica: no snapshot, and nothing said of backups, which it has none of',
    { kind: 'delete', on: replica },
    'rds DeleteDBInstance',
    { DBInstanceIdentifier: 'mysite-replica-1', SkipFinalSnapshot: true },
  ],
  [
    'deletion of an old primary: a last snapshot, and its backups are kept',
    { kind: 'delete', on: primary, snapshot: 'mysite-primary-2-abcd-last' },
    'rds DeleteDBInstance',
    {
      DBInstanceIdentifier: 'mysite-primary',
      FinalDBSnapshotIdentifier: 'mysite-primary-2-abcd-last',
      DeleteAutomatedBackups: false,
    },
  ],
  [
    'deletion of one that has failed: its backups are kept',
    { kind: 'delete', on: { resourceId: 'db-replica-2', identifier: 'mysite-replica-2' } },
    'rds DeleteDBInstance',
    { DBInstanceIdentifier: 'mysite-replica-2', SkipFinalSnapshot: true, DeleteAutomatedBackups: false },
  ],
  [
    'opening',
    { kind: 'open', on: replica, epoch: 2, sequenceGap: 1000 },
    'open',
    { address: { host: hostOf('replica-1'), port: 5432 }, epoch: 2 },
  ],
  [
    'names',
    { kind: 'move-names', from: names, to: namesOf(['replica-1']) },
    'names change',
    { from: names, to: namesOf(['replica-1']) },
  ],
])('%s', async (_, action, name, request) => {
  expect(await asked(action)).toEqual({ name, request });
});

test('deployments', async () => {
  expect(await asked({ kind: 'stack-policy', updates: 'denied' })).toEqual({
    name: 'stack policy',
    request: 'denied',
  });
});

test('a new replica has the settings of its source, in the group where clients reach it', async () => {
  const observation = look({ primary: with_({ description }) });
  const { name, request } = await asked(
    { kind: 'create-replica', identifier: 'mysite-replica-3', of: primary },
    observation,
  );
  expect(name).toBe('rds CreateDBInstanceReadReplica');
  expect(request).toEqual({
    DBInstanceIdentifier: 'mysite-replica-3',
    SourceDBInstanceIdentifier: 'mysite-primary',
    DBInstanceClass: 'db.t4g.micro',
    Port: 5432,
    DBParameterGroupName: 'mysite-postgres17',
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
    Tags: [
      { Key: 'team', Value: 'web' },
      { Key: 'scale-from-zero:made-by', Value: 'failover-controller' },
    ],
  });
});

test('a new replica is watched as its source is', () => {
  const watched = {
    ...description,
    MonitoringInterval: 60,
    MonitoringRoleArn: 'arn:aws:iam::123456789012:role/monitoring',
    PerformanceInsightsEnabled: true,
    PerformanceInsightsKMSKeyId: 'key',
    PerformanceInsightsRetentionPeriod: 7,
  };
  const [source] = look({ primary: with_({ description: watched }) }).instances;
  expect(replicaRequest(source!, 'mysite-replica-3')).toMatchObject({
    MonitoringInterval: 60,
    MonitoringRoleArn: 'arn:aws:iam::123456789012:role/monitoring',
    EnablePerformanceInsights: true,
    PerformanceInsightsKMSKeyId: 'key',
    PerformanceInsightsRetentionPeriod: 7,
  });
});

describe('what comes of it', () => {
  const outcomeOf = async (action: Action, error?: Error) => {
    const world = new World();
    world.after = () => {
      if (error) throw error;
    };
    return (await act(world.ports(), seen, action)).outcome;
  };
  const reboot: Action = { kind: 'reboot', on: primary };
  const remove: Action = { kind: 'delete', on: replica };
  const create: Action = { kind: 'create-replica', identifier: 'mysite-replica-3', of: primary };

  test('done', async () => {
    expect(await outcomeOf(reboot)).toBe('done');
  });

  test.each<[Action, Outcome, string]>([
    [reboot, 'throttled', 'throttled'],
    [reboot, 'wrong-state', 'wrong-state'],
    [reboot, 'not-found', 'not-found'],
    [reboot, 'timeout', 'timeout'],
    [remove, 'not-found', 'done'],
    [remove, 'wrong-state', 'wrong-state'],
    [remove, 'already-exists', 'already-exists'],
    [create, 'already-exists', 'done'],
    [create, 'not-found', 'not-found'],
  ])('%j: %s is %s', async (action, outcome, expected) => {
    expect(await outcomeOf(action, new CallFailed(outcome, 'no'))).toBe(expected);
  });

  test('an error that is no outcome ends neither the round nor the run', async () => {
    expect(await outcomeOf(reboot, new TypeError('a bug'))).toBe('failed');
  });
});

test('instances are named by what they are called now', async () => {
  const other = look({ primary: [follows('replica-1'), dead] });
  expect(await asked({ kind: 'reboot', on: primary }, other)).toMatchObject({
    request: { DBInstanceIdentifier: 'mysite-primary' },
  });
});
