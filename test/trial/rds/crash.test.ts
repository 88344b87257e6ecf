import { NEW, refusal, World } from './world';

let world: World;
let id: string;
beforeEach(async () => {
  world = new World();
  await world.primary();
  id = await world.id(name);
  world.takeEvents();
});

const name = 'site-primary';
const runs = () => world.plane.servers.get(id)!.running;

test('a server that ends is seen after a while, and restarted', async () => {
  world.plane.crash(id);
  expect(await world.status(name)).toBe('available');
  expect(world.takeEvents()).toEqual([]);
  await world.pass('crashNotice');
  expect(await world.status(name)).toBe('rebooting');
  expect(runs()).toBe(false);
  await world.pass('restart');
  expect(await world.status(name)).toBe('available');
  expect(runs()).toBe(true);
  expect(world.takeEvents()).toEqual(['0004', '0020', '0006', '0021']);
});

test('a lost host is replaced, which takes longer', async () => {
  world.model.loseHost(name);
  world.plane.crash(id);
  await world.pass('crashNotice', 'restart');
  expect(await world.status(name)).toBe('rebooting');
  await world.pass('hostReplacement');
  expect(await world.status(name)).toBe('available');
  // It is not lost for ever.
  world.plane.crash(id);
  await world.pass('crashNotice', 'restart');
  expect(await world.status(name)).toBe('available');
});

test('a Multi-AZ instance fails over instead', async () => {
  await world.model.call('ModifyDBInstance', {
    DBInstanceIdentifier: name,
    MultiAZ: true,
    ApplyImmediately: true,
  });
  await world.pass('modifyMultiAz');
  world.takeEvents();
  world.plane.crash(id);
  await world.pass('crashNotice', 'failover');
  expect(await world.see(name)).toMatchObject({
    DBInstanceStatus: 'available',
    AvailabilityZone: 'us-east-1b',
  });
  expect(world.takeEvents()).toEqual(['0013', '0006', '0049']);
});

test('one that ends again before RDS calls its reboot over is restarted all the same', async () => {
  await world.model.call('RebootDBInstance', { DBInstanceIdentifier: name });
  await world.pass(40_000);
  expect(runs()).toBe(true);
  world.plane.crash(id);
  // The reboot is over before RDS looks.
  await world.pass(25_000);
  expect(await world.status(name)).toBe('available');
  expect(runs()).toBe(false);
  await world.pass('crashNotice', 'restart');
  expect(await world.status(name)).toBe('available');
  expect(runs()).toBe(true);
});

test('a reboot mends it before RDS has seen it', async () => {
  world.plane.crash(id);
  await world.model.call('RebootDBInstance', { DBInstanceIdentifier: name });
  await world.pass('reboot', 'crashNotice', 'restart');
  expect(runs()).toBe(true);
  expect(world.takeEvents()).toEqual(['0004', '0006']);
});

test('a server that ends while the instance is busy is started again in between', async () => {
  await world.model.call('ModifyDBInstance', {
    DBInstanceIdentifier: name,
    MultiAZ: true,
    ApplyImmediately: true,
  });
  await world.pass(1000);
  world.plane.crash(id);
  await world.pass('crashNotice');
  expect(runs()).toBe(true);
  expect(await world.status(name)).toBe('modifying');
  await world.pass('modifyMultiAz');
  expect(await world.status(name)).toBe('available');
});

test('a server that cannot be restarted fails in the end', async () => {
  world.plane.refusals.set('start', Infinity);
  world.plane.crash(id);
  await world.pass('crashNotice', 'restart', 'restart');
  expect(await world.status(name)).toBe('failed');
  expect(world.takeEvents()).toEqual(['0004', '0020', '0031']);
});

describe('an instance that is kept away', () => {
  beforeEach(async () => {
    world.model.holdDown(id);
    world.plane.crash(id);
    await world.pass('crashNotice', 'hostReplacement');
  });

  test('is not mended and causes no event, until it is let go', async () => {
    expect(await world.status(name)).toBe('available');
    expect(runs()).toBe(false);
    expect(world.takeEvents()).toEqual([]);
    world.model.release(name);
    await world.pass('crashNotice', 'restart');
    expect(await world.status(name)).toBe('available');
    expect(runs()).toBe(true);
  });

  test('takes a reboot that does not end before', async () => {
    await world.model.call('RebootDBInstance', { DBInstanceIdentifier: name });
    await world.pass('reboot', 'stopped');
    expect(await world.status(name)).toBe('rebooting');
    expect(world.plane.calls.filter((call) => call.startsWith('reboot'))).toEqual([]);
    world.model.release(name);
    await world.pass('reboot', 'crashNotice');
    expect(await world.status(name)).toBe('available');
    expect(runs()).toBe(true);
  });

  test('takes new security groups all the same', async () => {
    await world.model.call('ModifyDBInstance', { DBInstanceIdentifier: name, VpcSecurityGroupIds: ['sg-9'] });
    await world.pass('securityGroups');
    expect(await world.see(name)).toMatchObject({
      VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-9', Status: 'active' }],
    });
  });

  test('is not backed up, and can be restored only to before', async () => {
    const last = (await world.see(name)).LatestRestorableTime;
    await world.pass('stopped');
    expect((await world.see(name)).LatestRestorableTime).toEqual(last);
    expect((await world.model.call('DescribeDBSnapshots', {})).DBSnapshots).toHaveLength(1);
  });

  test('cannot be renamed once its reboot was asked for', async () => {
    await world.model.call('RebootDBInstance', { DBInstanceIdentifier: name });
    const renaming = world.model.call('ModifyDBInstance', {
      DBInstanceIdentifier: name,
      NewDBInstanceIdentifier: 'site-retired-1',
      ApplyImmediately: true,
    });
    expect(await refusal(renaming)).toBe('InvalidDBInstanceState 400');
  });

  test('can be deleted with a last snapshot, and its name is free then', async () => {
    await world.model.call('DeleteDBInstance', {
      DBInstanceIdentifier: name,
      FinalDBSnapshotIdentifier: 'last',
    });
    await world.pass('delete');
    const { DBSnapshots } = await world.model.call('DescribeDBSnapshots', { DBSnapshotIdentifier: 'last' });
    expect(DBSnapshots).toMatchObject([{ Status: 'available' }]);
    expect(await refusal(world.model.call('CreateDBInstance', NEW))).toBe('accepted');
  });

  test('can be deleted', async () => {
    await world.model.call('RebootDBInstance', { DBInstanceIdentifier: name });
    await world.model.call('DeleteDBInstance', { DBInstanceIdentifier: name, SkipFinalSnapshot: true });
    await world.pass('delete');
    expect(await refusal(world.see(name))).toBe('DBInstanceNotFound 404');
    expect(world.plane.servers.size).toBe(0);
  });

  test('has replicas that can be promoted', async () => {
    world.model.release(name);
    await world.pass('crashNotice', 'restart');
    await world.model.call('CreateDBInstanceReadReplica', {
      DBInstanceIdentifier: 'one',
      SourceDBInstanceIdentifier: name,
    });
    await world.pass('createReplica');
    world.model.holdDown(name);
    world.plane.crash(id);
    await world.model.call('PromoteReadReplica', { DBInstanceIdentifier: 'one' });
    await world.pass('promote', 'backup');
    expect(await world.status('one')).toBe('available');
    expect(await world.status(name)).toBe('available');
  });
});

test('a full disk is a state of its own, which more storage ends', async () => {
  world.model.storageFull(name, true);
  expect(await world.status(name)).toBe('storage-full');
  expect(world.takeEvents()).toEqual(['0007', '0221']);
  const change = { DBInstanceIdentifier: name, ApplyImmediately: true };
  const other = world.model.call('ModifyDBInstance', { ...change, MultiAZ: true });
  expect(await refusal(other)).toBe('InvalidDBInstanceState 400');
  await world.model.call('ModifyDBInstance', { ...change, AllocatedStorage: 2 * NEW.AllocatedStorage });
  await world.pass('modifyStorage');
  expect(await world.status(name)).toBe('storage-optimization');
  await world.pass('storageOptimization');
  expect(await world.status(name)).toBe('available');
});

test('the end of a server that is being deleted, or of one nobody knows, is nothing', async () => {
  await world.model.call('DeleteDBInstance', { DBInstanceIdentifier: name, SkipFinalSnapshot: true });
  world.plane.crash(id);
  await world.pass('crashNotice', 'delete');
  expect(world.plane.calls.filter((call) => call.startsWith('start'))).toEqual([]);
  expect(world.takeEvents()).toEqual(['0003']);
});
