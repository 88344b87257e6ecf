/** Actions as calls of the ports, and what comes of their errors. */
import { act } from '../../../lambda/failover/act';
import type { Action } from '../../../lambda/failover/decision';
import { CallFailed, type Outcome } from '../../../lambda/failover/ports';
import { dead, follows, hostOf, look, namesOf, promoted } from './builders';
import { World } from './world';

const primary = { resourceId: 'db-primary', identifier: 'mysite-primary' };
const replica = { resourceId: 'db-replica-1', identifier: 'mysite-replica-1' };
const seen = look({ 'replica-2': promoted });
const names = namesOf(['primary', 'replica-1']);

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
    { kind: 'promote', on: replica, backupDays: 7, backupWindow: '05:00-06:00' },
    'rds PromoteReadReplica',
    {
      DBInstanceIdentifier: 'mysite-replica-1',
      BackupRetentionPeriod: 7,
      PreferredBackupWindow: '05:00-06:00',
    },
  ],
  [
    'settings',
    { kind: 'modify', on: primary, changes: { deletionProtection: false } },
    'rds ModifyDBInstance',
    { DBInstanceIdentifier: 'mysite-primary', DeletionProtection: false },
  ],
  [
    'more days of backups: RDS changes those at once by itself',
    { kind: 'modify', on: primary, changes: { deletionProtection: true, backupDays: 9 } },
    'rds ModifyDBInstance',
    { DBInstanceIdentifier: 'mysite-primary', DeletionProtection: true, BackupRetentionPeriod: 9 },
  ],
  [
    'windows',
    {
      kind: 'modify',
      on: primary,
      changes: { maintenanceWindow: 'sun:03:00-sun:04:00', backupWindow: '05:00-06:00' },
    },
    'rds ModifyDBInstance',
    {
      DBInstanceIdentifier: 'mysite-primary',
      PreferredMaintenanceWindow: 'sun:03:00-sun:04:00',
      PreferredBackupWindow: '05:00-06:00',
    },
  ],
  [
    'backups on: they would wait for the maintenance window',
    { kind: 'modify', on: replica, changes: { backupDays: 7 } },
    'rds ModifyDBInstance',
    { DBInstanceIdentifier: 'mysite-replica-1', ApplyImmediately: true, BackupRetentionPeriod: 7 },
  ],
  [
    'Multi-AZ: it would wait for the maintenance window',
    { kind: 'modify', on: primary, changes: { multiAz: true } },
    'rds ModifyDBInstance',
    { DBInstanceIdentifier: 'mysite-primary', ApplyImmediately: true, MultiAZ: true },
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

test('a new replica', async () => {
  expect(await asked({ kind: 'create-replica', identifier: 'mysite-replica-3', of: primary })).toMatchObject({
    name: 'rds CreateDBInstanceReadReplica',
    request: {
      DBInstanceIdentifier: 'mysite-replica-3',
      SourceDBInstanceIdentifier: 'mysite-primary',
    },
  });
});

test('deployments', async () => {
  expect(await asked({ kind: 'stack-policy', updates: 'denied' })).toEqual({
    name: 'stack policy',
    request: 'denied',
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
