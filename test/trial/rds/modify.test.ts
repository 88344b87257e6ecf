import type { ModifyDBInstanceMessage } from '@aws-sdk/client-rds';
import { DAY, HOUR, MINUTE, NEW, refusal, World } from './world';

let world: World;
beforeEach(async () => {
  world = new World();
  // The clock starts on Sunday, 12:00.
  await world.primary({
    PreferredMaintenanceWindow: 'mon:03:00-mon:04:00',
    PreferredBackupWindow: '01:00-01:30',
  });
  world.takeEvents();
});

const name = 'site-primary';
const modify = (change: Partial<ModifyDBInstanceMessage>) =>
  world.model.call('ModifyDBInstance', { DBInstanceIdentifier: name, ...change });

test.each([
  [{ DBInstanceClass: 'db.m7g.large' }, 'modifyClass', 'available', ['0012', '0004', '0006', '0014']],
  [{ AllocatedStorage: 100 }, 'modifyStorage', 'storage-optimization', ['0018', '0017']],
  [{ MultiAZ: true }, 'modifyMultiAz', 'available', ['0024', '0025']],
] as const)('%j waits for the window, or is made at once', async (change, span, status, events) => {
  await modify(change);
  expect(await world.see(name)).toMatchObject({
    DBInstanceStatus: 'available',
    PendingModifiedValues: change,
  });
  await modify({ ...change, ApplyImmediately: true });
  expect(await world.status(name)).toBe('modifying');
  await world.pass(span);
  const instance = await world.see(name);
  expect(instance).toMatchObject({ DBInstanceStatus: status, ...change });
  expect(Object.values(instance.PendingModifiedValues!).filter((value) => value !== undefined)).toEqual([]);
  expect(world.takeEvents()).toEqual(events);
});

test('in the window, what waits is made, one after the other', async () => {
  await modify({ DBInstanceClass: 'db.m7g.large', MultiAZ: true });
  await world.pass(14 * HOUR + 40 * MINUTE);
  expect(await world.status(name)).toBe('available');
  await world.pass(20 * MINUTE);
  expect(await world.status(name)).toBe('modifying');
  await world.pass('modifyClass', 'modifyMultiAz');
  expect(await world.see(name)).toMatchObject({
    DBInstanceStatus: 'available',
    DBInstanceClass: 'db.m7g.large',
    MultiAZ: true,
    SecondaryAvailabilityZone: 'us-east-1b',
  });
});

test('an instance that is busy in its window waits for the next', async () => {
  await modify({ DBInstanceClass: 'db.m7g.large' });
  world.model.holdDown(name);
  await world.pass(DAY);
  expect(await world.see(name)).toMatchObject({ PendingModifiedValues: { DBInstanceClass: 'db.m7g.large' } });
  world.model.release(name);
  await world.pass(7 * DAY);
  expect(await world.see(name)).toMatchObject({ DBInstanceClass: 'db.m7g.large' });
});

test('asking for what is takes a waiting change back', async () => {
  await modify({ DBInstanceClass: 'db.m7g.large' });
  await modify({ DBInstanceClass: NEW.DBInstanceClass });
  expect((await world.see(name)).PendingModifiedValues!.DBInstanceClass).toBeUndefined();
  await world.pass(2 * DAY);
  expect(world.takeEvents().filter((number) => number === '0012')).toEqual([]);
});

test('more or fewer days of backups are no event; off and on are', async () => {
  await modify({ BackupRetentionPeriod: 3 });
  expect(await world.see(name)).toMatchObject({ DBInstanceStatus: 'available', BackupRetentionPeriod: 3 });
  await modify({ BackupRetentionPeriod: 0 });
  expect(await world.see(name)).toMatchObject({ PendingModifiedValues: { BackupRetentionPeriod: 0 } });
  await modify({ ApplyImmediately: true });
  await world.pass('modifyRetention');
  expect(await world.see(name)).toMatchObject({ BackupRetentionPeriod: 0, LatestRestorableTime: undefined });
  expect((await world.model.call('DescribeDBSnapshots', {})).DBSnapshots).toEqual([]);
  await modify({ BackupRetentionPeriod: 2, ApplyImmediately: true });
  await world.pass('modifyRetention', 'backup');
  expect(world.takeEvents(name)).toEqual(['0028', '0032', '0001', '0002']);
});

test('security groups are in force after a while, without a state of their own', async () => {
  await modify({ VpcSecurityGroupIds: ['sg-2', 'sg-quarantine'] });
  expect(await world.see(name)).toMatchObject({
    DBInstanceStatus: 'available',
    VpcSecurityGroups: [
      { VpcSecurityGroupId: 'sg-1', Status: 'removing' },
      { VpcSecurityGroupId: 'sg-2', Status: 'adding' },
      { VpcSecurityGroupId: 'sg-quarantine', Status: 'adding' },
    ],
  });
  const id = await world.id(name);
  expect(world.plane.servers.get(id)!.groups).toEqual(['sg-1']);
  world.plane.refusals.set('setSecurityGroups', 1);
  await world.pass('securityGroups');
  expect((await world.see(name)).VpcSecurityGroups![0]!.Status).toBe('removing');
  await world.pass('securityGroups', 1000);
  expect((await world.see(name)).VpcSecurityGroups).toEqual([
    { VpcSecurityGroupId: 'sg-2', Status: 'active' },
    { VpcSecurityGroupId: 'sg-quarantine', Status: 'active' },
  ]);
  expect(world.plane.servers.get(id)!.groups).toEqual(['sg-2', 'sg-quarantine']);
});

test('deletion protection, windows and log exports hold at once, whatever they wait for otherwise', async () => {
  await modify({
    DeletionProtection: true,
    PreferredBackupWindow: '05:00-05:30',
    PreferredMaintenanceWindow: 'Tue:06:00-Tue:06:30',
    CloudwatchLogsExportConfiguration: { EnableLogTypes: ['postgresql', 'upgrade'] },
    CopyTagsToSnapshot: true,
  });
  expect(await world.status(name)).toBe('configuring-log-exports');
  await world.pass('configure');
  await modify({ CloudwatchLogsExportConfiguration: { DisableLogTypes: ['upgrade'] } });
  expect(await world.see(name)).toMatchObject({
    DeletionProtection: true,
    PreferredBackupWindow: '05:00-05:30',
    PreferredMaintenanceWindow: 'tue:06:00-tue:06:30',
    EnabledCloudwatchLogsExports: ['postgresql'],
    CopyTagsToSnapshot: true,
  });
  const deletion = world.model.call('DeleteDBInstance', {
    DBInstanceIdentifier: name,
    SkipFinalSnapshot: true,
  });
  expect(await refusal(deletion)).toBe('InvalidParameterCombination 400');
});

describe('a new name', () => {
  const address = async (identifier: string) => (await world.see(identifier)).Endpoint!.Address!;

  test('the old DNS name goes at once, the new one comes after its time, and replicas stay', async () => {
    await world.model.call('CreateDBInstanceReadReplica', {
      DBInstanceIdentifier: 'one',
      SourceDBInstanceIdentifier: name,
    });
    await world.pass('createReplica');
    world.takeEvents();
    const id = await world.id(name);
    const old = await address(name);
    await modify({ NewDBInstanceIdentifier: 'Renamed', ApplyImmediately: true });
    // RDS answers first: for a while it is shown as it was.
    expect(await world.see(name)).toMatchObject({
      DBInstanceStatus: 'available',
      PendingModifiedValues: { DBInstanceIdentifier: 'renamed' },
    });
    expect(world.plane.servers.get(id)!.name).toBe(old);
    await world.pass('renameBegins');
    expect(await world.status(name)).toBe('renaming');
    expect(world.plane.servers.get(id)!.name).toBeUndefined();

    await world.pass('identifier');
    expect(await refusal(world.see(name))).toBe('DBInstanceNotFound 404');
    expect(await world.see('renamed')).toMatchObject({ DBInstanceStatus: 'renaming', DbiResourceId: id });
    expect(world.plane.servers.get(id)!.name).toBeUndefined();

    await world.pass('dns');
    expect(await world.status('renamed')).toBe('available');
    expect(world.plane.servers.get(id)!.name).toBe(await address('renamed'));
    expect(await address('renamed')).toBe(old.replace(name, 'renamed'));
    expect(world.takeEvents()).toEqual(['0004', '0006']);
    expect(await world.see('one')).toMatchObject({ ReadReplicaSourceDBInstanceIdentifier: 'renamed' });
    expect(await world.see('renamed')).toMatchObject({ ReadReplicaDBInstanceIdentifiers: ['one'] });
  });

  test('one in use is refused, also while it is only on its way; a name that was left is free', async () => {
    await world.model.call('CreateDBInstance', { ...NEW, DBInstanceIdentifier: 'other' });
    await world.pass('create', 'backup');
    expect(await refusal(modify({ NewDBInstanceIdentifier: 'OTHER' }))).toBe('DBInstanceAlreadyExists 400');
    await modify({ NewDBInstanceIdentifier: 'aside', ApplyImmediately: true });
    const late = world.model.call('ModifyDBInstance', {
      DBInstanceIdentifier: 'other',
      NewDBInstanceIdentifier: 'aside',
    });
    expect(await refusal(late)).toBe('DBInstanceAlreadyExists 400');
    const swap = () =>
      world.model.call('ModifyDBInstance', {
        DBInstanceIdentifier: 'other',
        NewDBInstanceIdentifier: name,
        ApplyImmediately: true,
      });
    expect(await refusal(swap())).toBe('DBInstanceAlreadyExists 400');
    await world.pass('renameBegins', 'identifier');
    await swap();
    await world.pass('renameBegins', 'identifier', 'dns');
    expect(await world.status(name)).toBe('available');
    expect(await world.status('aside')).toBe('available');
  });

  test('without ApplyImmediately it waits for the window', async () => {
    await modify({ NewDBInstanceIdentifier: 'renamed' });
    expect(await world.status(name)).toBe('available');
    await world.pass(15 * HOUR, 'identifier', 'dns');
    expect(await world.status('renamed')).toBe('available');
  });
});

test('a Multi-AZ instance fails over on demand, into the other zone; another does not', async () => {
  const reboot = () =>
    world.model.call('RebootDBInstance', { DBInstanceIdentifier: name, ForceFailover: true });
  expect(await refusal(reboot())).toBe('InvalidParameterCombination 400');
  await modify({ MultiAZ: true, ApplyImmediately: true });
  await world.pass('modifyMultiAz');
  world.takeEvents();
  await reboot();
  await world.pass(1000);
  expect(await world.status(name)).toBe('rebooting');
  expect(world.plane.servers.get(await world.id(name))!.running).toBe(false);
  await world.pass('failover');
  expect(await world.see(name)).toMatchObject({
    DBInstanceStatus: 'available',
    AvailabilityZone: 'us-east-1b',
    SecondaryAvailabilityZone: 'us-east-1a',
  });
  expect(world.plane.servers.get(await world.id(name))!.running).toBe(true);
  expect(world.takeEvents()).toEqual(['0013', '0006', '0049']);
});
