import { DURATIONS } from '../../../trial/rds/durations';
import { DAY, HOUR, NEW, refusal, World } from './world';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.primary({ PreferredBackupWindow: '02:00-02:30' });
  world.takeEvents();
});

const name = 'site-primary';
const snapshots = async (request = {}) =>
  (await world.model.call('DescribeDBSnapshots', request)).DBSnapshots!.map(
    ({ DBSnapshotIdentifier }) => DBSnapshotIdentifier,
  );
const restore = (request: object) =>
  world.model.call('RestoreDBInstanceToPointInTime', {
    TargetDBInstanceIdentifier: 'restored',
    SourceDBInstanceIdentifier: name,
    ...request,
  });

test('a backup is made each day in its window, and goes when its days are over', async () => {
  await world.pass(14 * HOUR - DURATIONS.create.milliseconds - DURATIONS.backup.milliseconds);
  expect(await world.status(name)).toBe('backing-up');
  await world.pass('backup');
  expect(await world.status(name)).toBe('available');
  expect(await snapshots({ SnapshotType: 'automated' })).toEqual([
    'rds:site-primary-2026-11-22-12-08',
    'rds:site-primary-2026-11-23-02-00',
  ]);
  await world.pass(20 * DAY);
  const kept = await snapshots();
  expect(kept).toHaveLength(7);
  expect(kept[0]).toBe('rds:site-primary-2026-12-07-02-00');
  expect([...world.plane.snapshots]).toEqual(kept);
});

test('a snapshot is of its own state, and keeps what it was taken of', async () => {
  const { DBSnapshot } = await world.model.call('CreateDBSnapshot', {
    DBInstanceIdentifier: name,
    DBSnapshotIdentifier: 'By-Hand',
    Tags: [{ Key: 'a', Value: 'b' }],
  });
  expect(DBSnapshot).toMatchObject({
    DBSnapshotIdentifier: 'by-hand',
    Status: 'creating',
    PercentProgress: 0,
  });
  const early = world.model.call('DeleteDBSnapshot', { DBSnapshotIdentifier: 'by-hand' });
  expect(await refusal(early)).toBe('InvalidDBSnapshotState 400');
  await world.pass('snapshot');
  expect(world.takeEvents()).toEqual(['0001', '0040', '0042', '0002']);
  expect(await snapshots({ DBSnapshotIdentifier: 'by-hand' })).toEqual(['by-hand']);
  const { DBSnapshot: deleted } = await world.model.call('DeleteDBSnapshot', {
    DBSnapshotIdentifier: 'by-hand',
  });
  expect(deleted).toMatchObject({ Status: 'deleted', TagList: [{ Key: 'a', Value: 'b' }] });
  await world.pass(0);
  expect([...world.plane.snapshots]).toEqual(await snapshots());
  expect(world.takeEvents()).toEqual(['0041']);
  const automated = (await snapshots())[0];
  const wrong = world.model.call('DeleteDBSnapshot', { DBSnapshotIdentifier: automated });
  expect(await refusal(wrong)).toBe('InvalidDBSnapshotState 400');
});

test('a snapshot that the data plane refuses has failed; the instance goes on', async () => {
  world.plane.refusals.set('snapshot', 1);
  await world.model.call('CreateDBSnapshot', { DBInstanceIdentifier: name, DBSnapshotIdentifier: 'by-hand' });
  await world.pass('snapshot');
  expect(await world.status(name)).toBe('available');
  const { DBSnapshots } = await world.model.call('DescribeDBSnapshots', { SnapshotType: 'manual' });
  expect(DBSnapshots).toMatchObject([{ Status: 'failed' }]);
});

test('snapshots are found by what they are of', async () => {
  await world.model.call('CreateDBSnapshot', { DBInstanceIdentifier: name, DBSnapshotIdentifier: 'by-hand' });
  await world.pass('snapshot');
  const all = ['rds:site-primary-2026-11-22-12-08', 'by-hand'];
  expect(await snapshots({ DBInstanceIdentifier: name })).toEqual(all);
  expect(await snapshots({ DbiResourceId: await world.id(name) })).toEqual(all);
  expect(await snapshots({ Filters: [{ Name: 'snapshot-type', Values: ['manual'] }] })).toEqual(['by-hand']);
  expect(await snapshots({ DBInstanceIdentifier: 'nobody' })).toEqual([]);
  expect(await snapshots({ SnapshotType: 'shared' })).toEqual([]);
  expect(await refusal(snapshots({ SnapshotType: 'polaroid' }))).toBe('InvalidParameterValue 400');
  expect(await refusal(snapshots({ DBSnapshotIdentifier: 'nothing' }))).toBe('DBSnapshotNotFound 404');
});

test('an instance is restored to a time, as a new one that follows nobody', async () => {
  await world.pass(HOUR);
  const latest = (await world.see(name)).LatestRestorableTime!;
  // Archives are uploaded every five minutes.
  expect(world.clock.now() - latest.getTime()).toBe(DURATIONS.archiveUpload.milliseconds);
  const time = new Date(latest.getTime() - 1000);
  await restore({ RestoreTime: time, DBInstanceClass: 'db.m7g.large', VpcSecurityGroupIds: ['sg-7'] });
  expect(await world.status('restored')).toBe('creating');
  await world.pass('restore', 'backup');
  expect(await world.see('restored')).toMatchObject({
    DBInstanceStatus: 'available',
    DBInstanceClass: 'db.m7g.large',
    DBName: 'site',
    MasterUsername: 'postgres',
    VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-7' }],
    ReadReplicaSourceDBInstanceIdentifier: undefined,
  });
  const [id, source] = [await world.id('restored'), await world.id(name)];
  expect(world.plane.calls).toContain(`restore ${id} ${source} ${time.getTime()}`);
  expect(world.takeEvents('restored')).toEqual(['0005', '0019', '0001', '0002']);
});

test.each([
  ['neither a time nor the latest', {}, 'InvalidParameterCombination 400'],
  ['both', { RestoreTime: new Date(0), UseLatestRestorableTime: true }, 'InvalidParameterCombination 400'],
  ['a time before the first backup', { RestoreTime: new Date(0) }, 'InvalidParameterValue 400'],
  ['a time to come', { RestoreTime: new Date(Date.UTC(2030, 1)) }, 'InvalidParameterValue 400'],
  [
    'a name in use',
    { TargetDBInstanceIdentifier: name, UseLatestRestorableTime: true },
    'DBInstanceAlreadyExists 400',
  ],
  ['nothing to restore', { SourceDBInstanceIdentifier: undefined }, 'InvalidParameterCombination 400'],
  [
    'what never was',
    { SourceDBInstanceIdentifier: undefined, SourceDbiResourceId: 'db-X', UseLatestRestorableTime: true },
    'DBInstanceAutomatedBackupNotFound 404',
  ],
])('a restore with %s is refused', async (_, request, expected) => {
  expect(await refusal(restore(request))).toBe(expected);
});

test('before the first backup nothing can be restored', async () => {
  await world.model.call('CreateDBInstance', {
    DBInstanceIdentifier: 'young',
    DBInstanceClass: 'db.t4g.micro',
    Engine: 'postgres',
    AllocatedStorage: 20,
    MasterUsername: 'postgres',
    MasterUserPassword: 'correct-horse',
  });
  await world.pass('create');
  const early = restore({ SourceDBInstanceIdentifier: 'young', UseLatestRestorableTime: true });
  expect(await refusal(early)).toBe('InvalidParameterValue 400');
});

test('an instance of the same name in the same minute has backups of its own', async () => {
  world = new World({ timeScale: 0 });
  for (const kept of [0, 1]) {
    await world.model.call('CreateDBInstance', NEW);
    await world.pass(0);
    expect(await snapshots()).toHaveLength(kept + 1);
    expect((await world.see(name)).LatestRestorableTime).toBeDefined();
    await world.model.call('DeleteDBInstance', {
      DBInstanceIdentifier: name,
      SkipFinalSnapshot: true,
      DeleteAutomatedBackups: false,
    });
    await world.pass(0);
  }
});

test('a deleted instance is restored while its backups are kept', async () => {
  const id = await world.id(name);
  await world.model.call('DeleteDBInstance', {
    DBInstanceIdentifier: name,
    SkipFinalSnapshot: true,
    DeleteAutomatedBackups: false,
  });
  await world.pass('delete');
  await world.model.call('RestoreDBInstanceToPointInTime', {
    TargetDBInstanceIdentifier: name,
    SourceDbiResourceId: id,
    UseLatestRestorableTime: true,
  });
  await world.pass('restore', 'backup');
  expect(await world.status(name)).toBe('available');
  expect(await world.id(name)).not.toBe(id);
  expect(world.plane.calls).toContain(`remove ${id} true`);
});
