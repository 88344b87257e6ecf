import type { ModifyDBInstanceMessage, Parameter } from '@aws-sdk/client-rds';
import type { RdsError } from '../../../trial/rds/model/errors';
import { RdsModel } from '../../../trial/rds/model/model';
import { NEW, refusal, World } from './world';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.model.call('CreateDBParameterGroup', {
    DBParameterGroupName: 'Site',
    DBParameterGroupFamily: 'postgres17',
    Description: 'of the site',
  });
});

const name = NEW.DBInstanceIdentifier;
const group = { DBParameterGroupName: 'site' };
const parameter = (ParameterName: string, ParameterValue: string, now = false): Parameter => ({
  ParameterName,
  ParameterValue,
  ApplyMethod: now ? 'immediate' : 'pending-reboot',
});
const set = (...Parameters: Parameter[]) =>
  world.model.call('ModifyDBParameterGroup', { ...group, Parameters });
const modify = (change: Partial<ModifyDBInstanceMessage>) =>
  world.model.call('ModifyDBInstance', { DBInstanceIdentifier: name, ...change });
const reboot = (ForceFailover = false) =>
  world.model.call('RebootDBInstance', { DBInstanceIdentifier: name, ForceFailover });
const status = async (identifier = name) =>
  (await world.see(identifier)).DBParameterGroups![0]!.ParameterApplyStatus;
const inForce = async (identifier = name) => world.plane.servers.get(await world.id(identifier))!.parameters;

describe('on a running instance', () => {
  beforeEach(() => world.primary({ ...group, MultiAZ: true }));

  test('a static parameter waits for the reboot, and for nothing else', async () => {
    await set(parameter('max_connections', '50'));
    expect(await status()).toBe('pending-reboot');
    await world.pass(8 * 24 * 60 * 60_000); // a maintenance window is in it
    expect(await status()).toBe('pending-reboot');
    expect(await inForce()).toEqual({});
    await reboot();
    expect(await world.see(name)).toMatchObject({
      DBInstanceStatus: 'rebooting',
      DBParameterGroups: [{ ParameterApplyStatus: 'pending-reboot' }],
    });
    await world.pass('reboot');
    expect(await status()).toBe('in-sync');
    expect(await inForce()).toEqual({ max_connections: '50' });
  });

  test('a dynamic one is in force at once, beside a static one that waits', async () => {
    await set(parameter('max_connections', '50'), parameter('log_min_duration_statement', '100', true));
    expect(await status()).toBe('applying');
    await world.pass('parameters');
    expect(await status()).toBe('pending-reboot');
    expect(await inForce()).toEqual({ log_min_duration_statement: '100' });
  });

  test('a dynamic one waits too, if that is asked for', async () => {
    await set(parameter('work_mem', '8192'));
    await world.pass('parameters');
    expect(await status()).toBe('pending-reboot');
    expect(await inForce()).toEqual({});
  });

  test('a failover is no reboot', async () => {
    await set(parameter('max_connections', '50'));
    await reboot(true);
    await world.pass('failover');
    expect(await world.status(name)).toBe('available');
    expect(await status()).toBe('pending-reboot');
    expect(await inForce()).toEqual({});
  });

  test('neither is a crash; a new class and a start are', async () => {
    await set(parameter('max_connections', '50'));
    await modify({ MultiAZ: false, ApplyImmediately: true });
    await world.pass('modifyMultiAz');
    world.plane.crash(await world.id(name));
    await world.pass('crashNotice', 'restart');
    expect(await status()).toBe('pending-reboot');
    await modify({ DBInstanceClass: 'db.m7g.large', ApplyImmediately: true });
    await world.pass('modifyClass');
    expect(await status()).toBe('in-sync');
    await set(parameter('max_connections', '60'));
    await world.model.call('StopDBInstance', { DBInstanceIdentifier: name });
    await world.pass('stop');
    await world.model.call('StartDBInstance', { DBInstanceIdentifier: name });
    await world.pass('start');
    expect(await status()).toBe('in-sync');
    expect(await inForce()).toEqual({ max_connections: '60' });
  });

  test('a formula is computed for the class, and again for another class', async () => {
    const formula = 'LEAST({DBInstanceClassMemory/9531392},5000)';
    await set(
      parameter('max_connections', formula),
      parameter('work_mem', '{DBInstanceClassMemory/131072}', true),
    );
    await world.pass('parameters');
    expect(await inForce()).toEqual({ work_mem: '8192' });
    await reboot();
    await world.pass('reboot');
    expect(await inForce()).toEqual({ max_connections: '112', work_mem: '8192' });
    await modify({ DBInstanceClass: 'db.m7g.large', ApplyImmediately: true });
    await world.pass('modifyClass');
    expect(await inForce()).toEqual({ max_connections: '901', work_mem: '65536' });
    const { Parameters } = await world.model.call('DescribeDBParameters', { ...group, Source: 'user' });
    expect(Parameters!.map(({ ParameterValue }) => ParameterValue)).toContain(formula);
  });

  test('of another group, dynamic ones wait as well; what is changed in it later does not', async () => {
    const other = { DBParameterGroupName: 'other' };
    await world.model.call('CreateDBParameterGroup', {
      ...other,
      DBParameterGroupFamily: 'postgres17',
      Description: 'another',
    });
    const setOther = (...Parameters: Parameter[]) =>
      world.model.call('ModifyDBParameterGroup', { ...other, Parameters });
    await setOther(parameter('work_mem', '8192', true));
    await modify({ ...other, ApplyImmediately: true });
    expect((await world.see(name)).DBParameterGroups).toEqual([
      { DBParameterGroupName: 'other', ParameterApplyStatus: 'pending-reboot' },
    ]);
    await setOther(parameter('statement_timeout', '5000', true));
    await world.pass('parameters');
    expect(await inForce()).toEqual({ statement_timeout: '5000' });
    expect(await status()).toBe('pending-reboot');
    await reboot();
    await world.pass('reboot');
    expect(await inForce()).toEqual({ statement_timeout: '5000', work_mem: '8192' });
    expect(await status()).toBe('in-sync');
  });

  test('a reset brings defaults back: dynamic ones at once, static ones at the reboot', async () => {
    await set(parameter('max_connections', '50'), parameter('work_mem', '8192', true));
    await world.pass('parameters');
    await reboot();
    await world.pass('reboot');
    await world.model.call('ResetDBParameterGroup', { ...group, ResetAllParameters: true });
    await world.pass('parameters');
    expect(await inForce()).toEqual({ max_connections: '50' });
    expect(await status()).toBe('pending-reboot');
    await reboot();
    await world.pass('reboot');
    expect(await inForce()).toEqual({});
  });

  test('some can be reset by name', async () => {
    await set(parameter('statement_timeout', '5000', true), parameter('work_mem', '8192', true));
    await world.model.call('ResetDBParameterGroup', {
      ...group,
      Parameters: [{ ParameterName: 'work_mem', ApplyMethod: 'immediate' }],
    });
    await world.pass('parameters');
    expect(await inForce()).toEqual({ statement_timeout: '5000' });
  });

  test('a replica is in the group of its source, with what it says by now, and waits for its own reboot', async () => {
    await set(parameter('max_connections', '50'));
    await world.model.call('CreateDBInstanceReadReplica', {
      DBInstanceIdentifier: 'one',
      SourceDBInstanceIdentifier: name,
    });
    await world.pass('createReplica');
    expect(await status('one')).toBe('in-sync');
    expect(await inForce('one')).toEqual({ max_connections: '50' });
    await set(parameter('max_connections', '60'));
    await reboot();
    await world.pass('reboot');
    expect([await status(), await status('one')]).toEqual(['in-sync', 'pending-reboot']);
  });

  test('an instance that is restored is in the default group, unless another is named', async () => {
    const restore = (TargetDBInstanceIdentifier: string, more = {}) =>
      world.model.call('RestoreDBInstanceToPointInTime', {
        SourceDBInstanceIdentifier: name,
        TargetDBInstanceIdentifier,
        UseLatestRestorableTime: true,
        ...more,
      });
    await restore('plain');
    await restore('grouped', group);
    expect((await world.see('plain')).DBParameterGroups![0]!.DBParameterGroupName).toBe('default.postgres17');
    expect((await world.see('grouped')).DBParameterGroups![0]!.DBParameterGroupName).toBe('site');
  });

  test('a server that does not take them at once is asked again', async () => {
    world.plane.refusals.set('setParameters', 1);
    await set(parameter('work_mem', '8192', true));
    await world.pass('parameters');
    expect(await status()).toBe('failed-to-apply');
    await world.pass('parameters', 1000);
    expect(await status()).toBe('in-sync');
    expect(await inForce()).toEqual({ work_mem: '8192' });
  });

  test('parameters with which it does not start keep it down until they are mended', async () => {
    await set(parameter('max_connections', '9'));
    world.takeEvents();
    world.plane.refusals.set('reboot', Infinity);
    await reboot();
    await world.pass('reboot');
    expect(await world.status(name)).toBe('incompatible-parameters');
    expect(world.takeEvents()).toEqual(['0004', '0035']);
    expect(await refusal(modify({ AllocatedStorage: 100 }))).toBe('InvalidDBInstanceState 400');
    await reboot();
    await world.pass('reboot');
    expect(await world.status(name)).toBe('incompatible-parameters');
    world.plane.refusals.clear();
    await world.model.call('ResetDBParameterGroup', group);
    await reboot();
    await world.pass('reboot');
    expect(await world.see(name)).toMatchObject({
      DBInstanceStatus: 'available',
      DBParameterGroups: [{ ParameterApplyStatus: 'in-sync' }],
    });
  });

  test('a later run knows what waits', async () => {
    await set(parameter('max_connections', '50'), parameter('work_mem', '8192', true));
    const state = world.model.toJSON();
    world.model.close();
    world.model = new RdsModel({ clock: world.clock, plane: world.plane, state });
    await world.model.resume();
    await world.pass('parameters');
    expect(await inForce()).toEqual({ work_mem: '8192' });
    await reboot();
    await world.pass('reboot');
    expect(await inForce()).toEqual({ max_connections: '50', work_mem: '8192' });
  });

  test('a group with members stays', async () => {
    const remove = () => world.model.call('DeleteDBParameterGroup', group);
    expect(await refusal(remove())).toBe('InvalidDBParameterGroupState 400');
    await modify({ DBParameterGroupName: 'default.postgres17' });
    await remove();
    expect(await refusal(remove())).toBe('DBParameterGroupNotFound 404');
  });
});

/** Code and sentence of a refusal. */
async function words(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: RdsError) => reason,
  );
  return error ? `${error.code}: ${error.message}` : 'accepted';
}

test.each([
  // terraform-provider-aws#216
  [
    parameter('max_connections', '50', true),
    'InvalidParameterCombination: cannot use immediate apply method for static parameter',
  ],
  // terraform-provider-aws#522
  [
    parameter('character_set_server', 'utf8'),
    'InvalidParameterValue: Could not find parameter with name: character_set_server',
  ],
  [
    parameter('max_connections', 'many'),
    'InvalidParameterValue: Invalid parameter value: many for: max_connections allowed values are: 1-262143',
  ],
  [
    parameter('max_connections', '0'),
    'InvalidParameterValue: Invalid parameter value: 0 for: max_connections allowed values are: 1-262143',
  ],
  // Without units: RDS takes PostgreSQL's own.
  [
    parameter('work_mem', '8MB', true),
    'InvalidParameterValue: Invalid parameter value: 8MB for: work_mem allowed values are: 64-2147483647',
  ],
  [
    parameter('rds.force_ssl', 'yes', true),
    'InvalidParameterValue: Invalid parameter value: yes for: rds.force_ssl allowed values are: 0,1',
  ],
  [
    parameter('log_statement', 'some', true),
    'InvalidParameterValue: Invalid parameter value: some for: log_statement allowed values are: none,ddl,mod,all',
  ],
  [
    parameter('seq_page_cost', '-1', true),
    'InvalidParameterValue: Invalid parameter value: -1 for: seq_page_cost allowed values are: 0-1.79769e+308',
  ],
  [
    parameter('listen_addresses', '*'),
    'InvalidParameterValue: The parameter listen_addresses cannot be modified',
  ],
  [parameter('max_slot_wal_keep_size', '-1', true), 'accepted'],
  [parameter('seq_page_cost', '1.1', true), 'accepted'],
  [parameter('default_transaction_isolation', 'read committed', true), 'accepted'],
  [parameter('max_connections', 'LEAST({DBInstanceClassMemory/9531392},5000)'), 'accepted'],
  [parameter('timezone', 'UTC', true), 'accepted'],
])('%j', async (one, answer) => {
  expect(await words(set(one))).toBe(answer);
});

test('a refused parameter leaves all of the call unchanged', async () => {
  const mixed = set(parameter('work_mem', '8192', true), parameter('made_up', '1', true));
  expect(await refusal(mixed)).toBe('InvalidParameterValue 400');
  const { Parameters } = await world.model.call('DescribeDBParameters', { ...group, Source: 'user' });
  expect(Parameters).toEqual([]);
});

test('at most twenty parameters a call', async () => {
  const many = Array.from({ length: 21 }, () => parameter('work_mem', '8192', true));
  expect(await refusal(set(...many))).toBe('InvalidParameterValue 400');
});

test('the default group is there, and never changed', async () => {
  const { DBParameterGroups } = await world.model.call('DescribeDBParameterGroups', {});
  expect(DBParameterGroups!.map(({ DBParameterGroupName }) => DBParameterGroupName)).toEqual([
    'default.postgres17',
    'site',
  ]);
  const call = world.model.call('ModifyDBParameterGroup', {
    DBParameterGroupName: 'default.postgres17',
    Parameters: [parameter('work_mem', '8192', true)],
  });
  expect(await words(call)).toBe('InvalidParameterValue: Cannot modify a default parameter group.');
});

test.each([
  [{ DBParameterGroupName: 'site' }, 'DBParameterGroupAlreadyExists 400'],
  [{ DBParameterGroupName: 'two--hyphens' }, 'InvalidParameterValue 400'],
  [{ DBParameterGroupFamily: 'postgres10.7' }, 'InvalidParameterValue 400'],
  [{ Description: '' }, 'InvalidParameterValue 400'],
])('a group with %j is refused', async (change, answer) => {
  const call = world.model.call('CreateDBParameterGroup', {
    DBParameterGroupName: 'another',
    DBParameterGroupFamily: 'postgres17',
    Description: 'another',
    ...change,
  });
  expect(await refusal(call)).toBe(answer);
});

test('an account has fifty groups', async () => {
  const make = (index: number) =>
    world.model.call('CreateDBParameterGroup', {
      DBParameterGroupName: `group-${index}`,
      DBParameterGroupFamily: 'postgres17',
      Description: 'one of many',
    });
  for (let index = 1; index < 50; index++) await make(index);
  expect(await refusal(make(50))).toBe('DBParameterGroupQuotaExceeded 400');
});

test('all parameters are described, page by page, with what the group says of them', async () => {
  await set(parameter('max_connections', '50'));
  const first = await world.model.call('DescribeDBParameters', group);
  expect(first.Parameters).toHaveLength(100);
  const second = await world.model.call('DescribeDBParameters', { ...group, Marker: first.Marker });
  expect(second.Parameters![0]!.ParameterName! > first.Parameters![99]!.ParameterName!).toBe(true);
  const filter = { Name: 'parameter-name', Values: ['max_connections', 'work_mem'] };
  const { Parameters } = await world.model.call('DescribeDBParameters', { ...group, Filters: [filter] });
  expect(Parameters).toMatchObject([
    { ParameterName: 'max_connections', ParameterValue: '50', Source: 'user', ApplyType: 'static' },
    { ParameterName: 'work_mem', Source: 'engine-default', ApplyType: 'dynamic', IsModifiable: true },
  ]);
});

test('groups have tags', async () => {
  const ResourceName = 'arn:aws:rds:us-east-1:123456789012:pg:site';
  await world.model.call('AddTagsToResource', { ResourceName, Tags: [{ Key: 'a', Value: 'b' }] });
  const { TagList } = await world.model.call('ListTagsForResource', { ResourceName });
  expect(TagList).toEqual([{ Key: 'a', Value: 'b' }]);
});
