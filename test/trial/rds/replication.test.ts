import { NEW, refusal, World } from './world';

let world: World;
beforeEach(() => {
  world = new World();
});

const follow = (name: string, source = 'site-primary') =>
  world.model.call('CreateDBInstanceReadReplica', {
    DBInstanceIdentifier: name,
    SourceDBInstanceIdentifier: source,
  });
const promote = (name: string, days?: number) =>
  world.model.call('PromoteReadReplica', { DBInstanceIdentifier: name, BackupRetentionPeriod: days });

test('a replica takes from its source what it is not told, and each names the other', async () => {
  await world.primary({
    StorageType: 'gp2',
    StorageEncrypted: true,
    PreferredBackupWindow: '03:00-03:30',
    PreferredMaintenanceWindow: 'sun:05:00-sun:06:00',
  });
  world.takeEvents();
  await follow('one');
  expect(await world.status('one')).toBe('creating');
  expect(await world.status('site-primary')).toBe('available');
  await world.pass('createReplica');
  expect(await world.see('one')).toMatchObject({
    DBInstanceStatus: 'available',
    ReadReplicaSourceDBInstanceIdentifier: 'site-primary',
    BackupRetentionPeriod: 0,
    DBInstanceClass: 'db.t4g.micro',
    StorageEncrypted: true,
    // API: "Default: … gp3"; the source's type is not taken over, nor is its group.
    StorageType: 'gp3',
    DBName: 'site',
    VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-default' }],
  });
  expect(await world.see('site-primary')).toMatchObject({ ReadReplicaDBInstanceIdentifiers: ['one'] });
  expect(world.takeEvents('one')).toEqual(['0005', '0046']);
});

test('a source without backups has no replica, and one that is busy has none now', async () => {
  await world.model.call('CreateDBInstance', { ...NEW, BackupRetentionPeriod: 0 });
  await world.pass('create');
  expect(await refusal(follow('one'))).toBe('InvalidDBInstanceState 400');
  const change = { DBInstanceIdentifier: 'site-primary', BackupRetentionPeriod: 1, ApplyImmediately: true };
  await world.model.call('ModifyDBInstance', change);
  expect(await refusal(follow('one'))).toBe('InvalidDBInstanceState 400');
  await world.pass('modifyRetention', 'backup');
  expect(await refusal(follow('one'))).toBe('accepted');
});

test('a source has fifteen replicas at most', async () => {
  const names = Array.from({ length: 15 }, (_, index) => `replica-${index}`);
  await world.replicated(...names);
  expect(await refusal(follow('one-more'))).toBe('InvalidDBInstanceState 400');
});

test('replicas can be cascaded, if they keep backups, to three levels', async () => {
  await world.replicated('level-1');
  expect(await refusal(follow('level-2', 'level-1'))).toBe('InvalidDBInstanceState 400');
  for (const level of [1, 2, 3]) {
    await world.model.call('ModifyDBInstance', {
      DBInstanceIdentifier: `level-${level}`,
      BackupRetentionPeriod: 1,
      ApplyImmediately: true,
    });
    await world.pass('modifyRetention', 'backup');
    expect(await refusal(follow(`level-${level + 1}`, `level-${level}`))).toBe(
      level < 3 ? 'accepted' : 'InvalidDBInstanceState 400',
    );
    await world.pass('createReplica');
  }
  // What is behind a promoted replica stays behind it.
  await promote('level-1', 1);
  await world.pass('promote', 'backup');
  expect(await world.see('level-1')).toMatchObject({ ReadReplicaDBInstanceIdentifiers: ['level-2'] });
});

test('a promoted replica stands alone, and its siblings stay on the old primary', async () => {
  await world.replicated('one', 'two', 'three');
  const id = await world.id('one');
  await promote('one', 5);
  expect(await world.see('one')).toMatchObject({
    DBInstanceStatus: 'modifying',
    ReadReplicaSourceDBInstanceIdentifier: 'site-primary',
  });
  await world.pass('promote');
  expect(await world.see('one')).toMatchObject({
    DBInstanceStatus: 'backing-up',
    ReadReplicaSourceDBInstanceIdentifier: undefined,
    BackupRetentionPeriod: 5,
  });
  await world.pass('backup');
  expect(await world.status('one')).toBe('available');
  expect(await world.id('one')).toBe(id);
  for (const name of ['two', 'three']) {
    expect(await world.see(name)).toMatchObject({ ReadReplicaSourceDBInstanceIdentifier: 'site-primary' });
  }
  expect(await world.see('site-primary')).toMatchObject({
    ReadReplicaDBInstanceIdentifiers: ['two', 'three'],
  });
  expect(world.takeEvents('one')).toEqual(['0057', '0004', '0006', '0001', '0002']);
  expect(world.plane.calls.filter((call) => call.includes(id)).slice(1, 4)).toEqual([
    `promote ${id}`,
    `reboot ${id}`,
    `setArchiving ${id} true`,
  ]);
});

test('promotion keeps backups for one day unless it is told otherwise', async () => {
  await world.replicated('one');
  await promote('one');
  await world.pass('promote', 'backup');
  expect(await world.see('one')).toMatchObject({ BackupRetentionPeriod: 1 });
});

test.each([
  [
    'in backing-up',
    async () =>
      void (await world.model.call('CreateDBSnapshot', {
        DBInstanceIdentifier: 'one',
        DBSnapshotIdentifier: 'a',
      })),
  ],
  [
    'while it reboots',
    async () => void (await world.model.call('RebootDBInstance', { DBInstanceIdentifier: 'one' })),
  ],
  ['twice', async () => void (await promote('one'))],
])('promotion is refused %s', async (_, before) => {
  await world.replicated('one');
  await before();
  expect(await refusal(promote('one'))).toBe('InvalidDBInstanceState 400');
});

test('what is no replica is not promoted', async () => {
  await world.primary();
  expect(await refusal(promote('site-primary'))).toBe('InvalidDBInstanceState 400');
});

test('the replicas of a deleted source are promoted, also one that is still made', async () => {
  await world.replicated('one');
  await follow('two');
  await world.model.call('DeleteDBInstance', {
    DBInstanceIdentifier: 'site-primary',
    SkipFinalSnapshot: true,
  });
  expect(await world.status('one')).toBe('modifying');
  await world.pass('createReplica', 'promote');
  for (const name of ['one', 'two']) {
    expect(await world.see(name)).toMatchObject({
      DBInstanceStatus: 'available',
      ReadReplicaSourceDBInstanceIdentifier: undefined,
    });
    const server = world.plane.servers.get(await world.id(name))!;
    expect([server.running, server.follows]).toEqual([true, undefined]);
  }
});

test('what an instance is busy with comes to its end before it is promoted with others', async () => {
  await world.replicated('one');
  await world.model.call('ModifyDBInstance', {
    DBInstanceIdentifier: 'one',
    NewDBInstanceIdentifier: 'renamed',
    ApplyImmediately: true,
  });
  await world.model.call('DeleteDBInstance', {
    DBInstanceIdentifier: 'site-primary',
    SkipFinalSnapshot: true,
  });
  // The rename has not begun: the promotion is first.
  expect(await world.status('one')).toBe('modifying');
  await world.pass('promote', 'identifier');
  expect(await world.status('renamed')).toBe('renaming');
  await world.pass('dns');
  expect(await world.status('renamed')).toBe('available');
});

test('an instance with replicas is not stopped, nor is a replica', async () => {
  await world.replicated('one');
  for (const DBInstanceIdentifier of ['site-primary', 'one']) {
    expect(await refusal(world.model.call('StopDBInstance', { DBInstanceIdentifier }))).toBe(
      'InvalidDBInstanceState 400',
    );
  }
});

test('backups of a source cannot be switched off', async () => {
  await world.replicated('one');
  const change = { DBInstanceIdentifier: 'site-primary', BackupRetentionPeriod: 0 };
  expect(await refusal(world.model.call('ModifyDBInstance', change))).toBe('InvalidParameterCombination 400');
});

test('a replica is deleted without a last snapshot', async () => {
  await world.replicated('one');
  const name = { DBInstanceIdentifier: 'one' };
  const withOne = world.model.call('DeleteDBInstance', { ...name, FinalDBSnapshotIdentifier: 'last' });
  expect(await refusal(withOne)).toBe('InvalidParameterCombination 400');
  await world.model.call('DeleteDBInstance', { ...name, SkipFinalSnapshot: true });
  await world.pass('delete');
  expect(await world.see('site-primary')).toMatchObject({ ReadReplicaDBInstanceIdentifiers: [] });
});

test('the password of a primary is that of its replicas', async () => {
  await world.replicated('one');
  const change = { DBInstanceIdentifier: 'site-primary', MasterUserPassword: 'battery-staple' };
  await world.model.call('ModifyDBInstance', change);
  expect(await world.see('site-primary')).toMatchObject({
    DBInstanceStatus: 'resetting-master-credentials',
    PendingModifiedValues: { MasterUserPassword: '****' },
  });
  await world.pass('modifyPassword');
  expect(world.takeEvents()).toEqual(['0016']);
  expect(world.model.toJSON().instances.map(({ master }) => master.password)).toEqual([
    'battery-staple',
    'battery-staple',
  ]);
});

test('a replica that cannot be made has failed, and its source goes on', async () => {
  await world.replicated();
  world.plane.refusals.set('createReplica', 1);
  await follow('one');
  await world.pass('createReplica');
  expect(await world.status('one')).toBe('failed');
  expect(await world.status('site-primary')).toBe('available');
  expect(world.takeEvents()).toEqual(['0202']);
});
