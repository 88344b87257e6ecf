import { HOUR, MINUTE, NEW, refusal, World } from './world';

let world: World;
const name = NEW.DBInstanceIdentifier;
const modify = (change: object) =>
  world.model.call('ModifyDBInstance', { DBInstanceIdentifier: name, ApplyImmediately: true, ...change });

beforeEach(async () => {
  world = new World();
  await world.primary({
    MaxAllocatedStorage: 100,
    PreferredBackupWindow: '01:00-01:30',
    PreferredMaintenanceWindow: 'mon:03:00-mon:04:00',
  });
});

describe('storage that has grown', () => {
  test('is optimized for hours, and backed up meanwhile', async () => {
    world.model.grow(name);
    await world.pass('modifyStorage');
    expect(await world.see(name)).toMatchObject({
      DBInstanceStatus: 'storage-optimization',
      AllocatedStorage: 30,
    });
    world.takeEvents();
    await world.pass(100 * MINUTE);
    expect(await world.status(name)).toBe('storage-optimization');
    await world.pass(80 * MINUTE);
    expect(await world.status(name)).toBe('available');
  });

  test('shows what it is busy with beside that, and goes on', async () => {
    world.model.grow(name);
    await world.pass('modifyStorage');
    await modify({ MultiAZ: true });
    expect(await world.status(name)).toBe('modifying');
    await world.pass('modifyMultiAz');
    expect(await world.status(name)).toBe('storage-optimization');
  });

  test('does not grow again within six hours, nor beyond its maximum', async () => {
    world.model.grow(name);
    await world.pass('modifyStorage', 5 * HOUR);
    world.model.grow(name);
    expect(await world.see(name)).toMatchObject({ DBInstanceStatus: 'available', AllocatedStorage: 30 });
    await world.pass(HOUR);
    for (const expected of [40, 50, 60, 70, 80, 90, 100, 100]) {
      world.model.grow(name);
      await world.pass('modifyStorage', 7 * HOUR);
      expect(await world.see(name)).toMatchObject({ AllocatedStorage: expected });
    }
  });

  test('is backed up in its window all the same', async () => {
    await world.pass(11 * HOUR);
    world.model.grow(name);
    await world.pass('modifyStorage');
    world.takeEvents();
    // The window begins at 01:00; the optimization ends after it.
    await world.pass(2.5 * HOUR);
    expect(world.takeEvents(name)).toContain('0001');
  });
});

test('a change of storage that waits, waits for the window after next when the last one is being optimized', async () => {
  await modify({ ApplyImmediately: false, AllocatedStorage: 60 });
  await world.pass(10 * HOUR);
  world.model.grow(name);
  await world.pass('modifyStorage');
  // Monday, 03:00, has passed.
  await world.pass(6 * HOUR);
  expect(await world.see(name)).toMatchObject({ PendingModifiedValues: {}, AllocatedStorage: 30 });
});

test('less than a tenth more is a tenth more', async () => {
  await modify({ AllocatedStorage: 21 });
  await world.pass('modifyStorage');
  expect(await world.see(name)).toMatchObject({ AllocatedStorage: 22 });
});

test('another type is a change of the storage', async () => {
  await modify({ StorageType: 'gp2', ApplyImmediately: false });
  expect(await world.see(name)).toMatchObject({
    StorageType: 'gp3',
    PendingModifiedValues: { StorageType: 'gp2' },
  });
  await modify({});
  await world.pass('modifyStorage');
  expect(await world.see(name)).toMatchObject({
    StorageType: 'gp2',
    DBInstanceStatus: 'storage-optimization',
  });
});

test('a maximum that is what is allocated turns autoscaling off', async () => {
  await modify({ MaxAllocatedStorage: 20 });
  expect(await world.see(name)).not.toHaveProperty('MaxAllocatedStorage');
  world.model.grow(name);
  expect(await world.status(name)).toBe('available');
});

test('a new instance is configured before it is available', async () => {
  const seen = new Set<string>();
  await world.model.call('CreateDBInstance', {
    ...NEW,
    DBInstanceIdentifier: 'monitored',
    MonitoringInterval: 60,
    MonitoringRoleArn: 'arn:aws:iam::123456789012:role/monitoring',
    EnableCloudwatchLogsExports: ['postgresql'],
    EnableIAMDatabaseAuthentication: true,
  });
  await world.pass('create');
  for (let half = 0; half < 12; half++) {
    seen.add(await world.status('monitored'));
    await world.pass(MINUTE / 2);
  }
  expect([...seen]).toEqual([
    'configuring-enhanced-monitoring',
    'configuring-log-exports',
    'configuring-iam-database-auth',
    'backing-up',
    'available',
  ]);
});

test('automated snapshots carry the tags of their instance, if it is told so', async () => {
  const tags = async (more: object) => {
    world = new World();
    await world.primary({ Tags: [{ Key: 'team', Value: 'a' }], ...more });
    const { DBSnapshots } = await world.model.call('DescribeDBSnapshots', { SnapshotType: 'automated' });
    return DBSnapshots!.map(({ TagList }) => TagList!.length);
  };
  expect(await tags({ CopyTagsToSnapshot: true })).toEqual([1]);
  expect(await tags({ CopyTagsToSnapshot: false })).toEqual([0]);
});

describe('without capacity', () => {
  test('a creation ends in its own status, without an endpoint, and can only be deleted', async () => {
    world.model.capacity('given up');
    await world.model.call('CreateDBInstanceReadReplica', {
      DBInstanceIdentifier: 'one',
      SourceDBInstanceIdentifier: name,
    });
    await world.pass('createReplica');
    expect(await world.see('one')).toMatchObject({
      DBInstanceStatus: 'insufficient-capacity',
      Endpoint: undefined,
    });
    const promotion = world.model.call('PromoteReadReplica', { DBInstanceIdentifier: 'one' });
    expect(await refusal(promotion)).toBe('InvalidDBInstanceState 400');
    await world.model.call('DeleteDBInstance', { DBInstanceIdentifier: 'one', SkipFinalSnapshot: true });
    await world.pass('delete');
    expect(await refusal(world.see('one'))).toBe('DBInstanceNotFound 404');
  });

  test.each([
    [{ MultiAZ: true }, 'modifyMultiAz', { MultiAZ: false }],
    [{ DBInstanceClass: 'db.m7g.large' }, 'modifyClass', { DBInstanceClass: NEW.DBInstanceClass }],
  ] as const)('%j is accepted, and given up', async (change, span, before) => {
    world.model.capacity('given up');
    await modify(change);
    expect(await world.status(name)).toBe('modifying');
    await world.pass(span);
    expect(await world.see(name)).toMatchObject({
      DBInstanceStatus: 'available',
      PendingModifiedValues: {},
      ...before,
    });
    world.model.capacity(undefined);
    await modify(change);
    await world.pass(span);
    expect(await world.see(name)).toMatchObject(change);
  });
});

test('what RDS works on by itself is shown for so long; maintenance restarts the server', async () => {
  world.takeEvents();
  world.model.occupy(name, 'storage-config-upgrade', HOUR);
  expect(await world.status(name)).toBe('storage-config-upgrade');
  await world.pass(HOUR);
  expect(await world.status(name)).toBe('available');
  expect(world.takeEvents()).toEqual([]);
  world.model.occupy(name, 'maintenance', HOUR);
  await world.pass(HOUR);
  expect(await world.status(name)).toBe('available');
  expect(world.takeEvents()).toEqual(['0004', '0006']);
});

test('a source is checked before it is deleted, and is gone after both', async () => {
  await world.model.call('CreateDBInstanceReadReplica', {
    DBInstanceIdentifier: 'one',
    SourceDBInstanceIdentifier: name,
  });
  await world.pass('createReplica');
  await world.model.call('DeleteDBInstance', { DBInstanceIdentifier: name, SkipFinalSnapshot: true });
  expect(await world.status(name)).toBe('delete-precheck');
  await world.pass('deletePrecheck');
  expect(await world.status(name)).toBe('deleting');
  await world.pass('delete');
  expect(await refusal(world.see(name))).toBe('DBInstanceNotFound 404');
});

test('statuses that last are ended by hand alone', async () => {
  world.model.show(name, 'modify-failed');
  await world.pass(24 * HOUR);
  expect(await world.status(name)).toBe('modify-failed');
  world.model.show(name, 'available');
  expect(await world.status(name)).toBe('available');
});
