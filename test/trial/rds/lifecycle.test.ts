import { RETRY_MILLISECONDS } from '../../../trial/rds/durations';
import { NEW, refusal, World } from './world';

let world: World;
beforeEach(() => {
  world = new World();
});

test('an instance is created, backed up, and available; before that it has no endpoint', async () => {
  const { DBInstance } = await world.model.call('CreateDBInstance', NEW);
  expect(DBInstance).toMatchObject({
    DBInstanceStatus: 'creating',
    DBInstanceArn: 'arn:aws:rds:us-east-1:123456789012:db:site-primary',
    Endpoint: undefined,
    BackupRetentionPeriod: 7,
    MasterUsername: 'postgres',
  });
  await world.pass('create');
  expect(await world.status('site-primary')).toBe('backing-up');
  await world.pass('backup');
  const instance = await world.see('site-primary');
  expect(instance).toMatchObject({
    DBInstanceStatus: 'available',
    Endpoint: {
      Address: expect.stringMatching(/^site-primary\.c\w{11}\.us-east-1\.rds\.amazonaws\.com$/),
      Port: 5432,
    },
    VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-1', Status: 'active' }],
  });
  expect(world.takeEvents()).toEqual(['0005', '0001', '0090', '0091', '0002']);
  expect(world.plane.calls).toEqual([
    expect.stringMatching(/^create db-[A-Z2-7]{26} site$/),
    expect.stringMatching(/^snapshot db-[A-Z2-7]{26} rds:site-primary-2026-11-22-12-08$/),
  ]);
});

test('without backups it is available as soon as it is there', async () => {
  await world.model.call('CreateDBInstance', { ...NEW, BackupRetentionPeriod: 0 });
  await world.pass('create');
  expect(await world.status('site-primary')).toBe('available');
});

test('at time scale 0 nothing takes time, and things still come in order', async () => {
  world = new World({ timeScale: 0 });
  await world.model.call('CreateDBInstance', NEW);
  expect(await world.status('site-primary')).toBe('creating');
  await world.pass(0);
  expect(await world.status('site-primary')).toBe('available');
  expect(world.takeEvents()).toEqual(['0005', '0001', '0090', '0091', '0002']);
});

test('what the data plane refuses to create has failed, and can only be deleted', async () => {
  world.plane.refusals.set('create', 1);
  await world.model.call('CreateDBInstance', NEW);
  await world.pass('create');
  expect(await world.status('site-primary')).toBe('failed');
  expect(world.events[0]!.detail).toMatchObject({
    EventID: 'RDS-EVENT-0278',
    EventCategories: ['failure'],
    Message: 'The DB instance creation failed. create does not work.',
  });
  const reboot = world.model.call('RebootDBInstance', { DBInstanceIdentifier: 'site-primary' });
  expect(await refusal(reboot)).toBe('InvalidDBInstanceState 400');
  await world.model.call('DeleteDBInstance', {
    DBInstanceIdentifier: 'site-primary',
    SkipFinalSnapshot: true,
  });
  await world.pass('delete');
  expect(await refusal(world.see('site-primary'))).toBe('DBInstanceNotFound 404');
});

test('what the data plane refuses now and does later is tried again', async () => {
  await world.primary();
  world.plane.refusals.set('reboot', 3);
  await world.model.call('RebootDBInstance', { DBInstanceIdentifier: 'site-primary' });
  const reboots = () => world.plane.calls.filter((call) => call.startsWith('reboot')).length;
  await world.pass(RETRY_MILLISECONDS - 1);
  expect(reboots()).toBe(1);
  await world.pass(1);
  expect(reboots()).toBe(2);
  await world.pass('reboot');
  expect(await world.status('site-primary')).toBe('available');
});

test('what it never does makes the instance fail', async () => {
  await world.primary();
  world.takeEvents();
  world.plane.refusals.set('reboot', Infinity);
  await world.model.call('RebootDBInstance', { DBInstanceIdentifier: 'site-primary' });
  await world.pass('reboot');
  expect(await world.status('site-primary')).toBe('failed');
  expect(world.takeEvents()).toEqual(['0004', '0031']);
});

test('an instance is deleted, with a last snapshot if one is asked for', async () => {
  await world.primary();
  const id = await world.id('site-primary');
  world.takeEvents();
  const { DBInstance } = await world.model.call('DeleteDBInstance', {
    DBInstanceIdentifier: 'site-primary',
    FinalDBSnapshotIdentifier: 'the-last',
  });
  expect(DBInstance!.DBInstanceStatus).toBe('deleting');
  const again = world.model.call('DeleteDBInstance', {
    DBInstanceIdentifier: 'site-primary',
    SkipFinalSnapshot: true,
  });
  expect(await refusal(again)).toBe('InvalidDBInstanceState 400');
  await world.pass('delete');
  expect(await refusal(world.see('site-primary'))).toBe('DBInstanceNotFound 404');
  const { DBSnapshots } = await world.model.call('DescribeDBSnapshots', {});
  expect(DBSnapshots).toMatchObject([
    { DBSnapshotIdentifier: 'the-last', SnapshotType: 'manual', Status: 'available', DbiResourceId: id },
  ]);
  expect(world.plane.calls.slice(-2)).toEqual([`snapshot ${id} the-last`, `remove ${id} false`]);
  expect(world.takeEvents()).toEqual(['0042', '0003']);
});

test.each([
  ['that is overtaken by a deletion', false, ['failed']],
  ['that is the last and is refused', true, ['failed']],
])('a snapshot %s has failed', async (_, last, expected) => {
  await world.primary();
  const name = { DBInstanceIdentifier: 'site-primary' };
  if (last) {
    world.plane.refusals.set('snapshot', Infinity);
    await world.model.call('DeleteDBInstance', { ...name, FinalDBSnapshotIdentifier: 'last' });
  } else {
    await world.model.call('CreateDBSnapshot', { ...name, DBSnapshotIdentifier: 'overtaken' });
    await world.model.call('DeleteDBInstance', { ...name, SkipFinalSnapshot: true });
  }
  await world.pass('delete');
  const { DBSnapshots } = await world.model.call('DescribeDBSnapshots', { SnapshotType: 'manual' });
  expect(DBSnapshots!.map(({ Status }) => Status)).toEqual(expected);
  // What could not be saved is still there.
  expect(world.plane.servers.size).toBe(last ? 1 : 0);
});

test('a deletion overtakes whatever the instance is busy with', async () => {
  await world.model.call('CreateDBInstance', NEW);
  await world.model.call('DeleteDBInstance', {
    DBInstanceIdentifier: 'site-primary',
    SkipFinalSnapshot: true,
  });
  await world.pass('create', 'delete');
  expect(world.plane.servers.size).toBe(0);
  expect(world.takeEvents()).toEqual(['0003']);
});

test('a stopped instance answers to nothing but a start, and starts by itself after seven days', async () => {
  await world.primary();
  world.takeEvents();
  const name = { DBInstanceIdentifier: 'site-primary' };
  await world.model.call('ModifyDBInstance', { ...name, DBInstanceClass: 'db.m7g.large' });
  await world.model.call('StopDBInstance', { ...name, DBSnapshotIdentifier: 'before-the-stop' });
  await world.pass('snapshot', 'stop');
  expect(await world.see('site-primary')).toMatchObject({
    DBInstanceStatus: 'stopped',
    // "Removes pending actions".
    PendingModifiedValues: { DBInstanceClass: undefined },
    AutomaticRestartTime: new Date(world.clock.now() + 7 * 24 * 60 * 60_000),
  });
  for (const operation of ['StopDBInstance', 'RebootDBInstance', 'ModifyDBInstance'] as const) {
    expect(await refusal(world.model.call(operation, name))).toBe('InvalidDBInstanceState 400');
  }
  await world.pass('stopped');
  expect(await world.status('site-primary')).toBe('starting');
  await world.pass('start');
  expect(await world.status('site-primary')).toBe('available');
  expect(world.takeEvents('site-primary')).toEqual(['0001', '0002', '0087', '0154', '0088']);
  await world.model.call('StopDBInstance', name);
  await world.pass('stop');
  await world.model.call('StartDBInstance', name);
  await world.pass('start');
  expect(await refusal(world.model.call('StartDBInstance', name))).toBe('InvalidDBInstanceState 400');
});
