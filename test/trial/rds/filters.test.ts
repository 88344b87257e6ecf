import type { Filter } from '@aws-sdk/client-rds';
import { NEW, refusal, World } from './world';

/** How filters and identifiers go together: measured on AWS by moto (tests/test_rds/test_filters.py). */

let world: World;
beforeEach(async () => {
  world = new World();
  for (const DBInstanceIdentifier of ['one', 'two']) {
    await world.model.call('CreateDBInstance', { ...NEW, DBInstanceIdentifier });
  }
  await world.pass('create', 'backup');
  for (const DBInstanceIdentifier of ['one', 'two']) {
    await world.model.call('CreateDBSnapshot', {
      DBInstanceIdentifier,
      DBSnapshotIdentifier: `of-${DBInstanceIdentifier}`,
    });
  }
  await world.pass('snapshot');
});

const filter = (Name: string, ...Values: string[]): Filter => ({ Name, Values });
const instances = async (DBInstanceIdentifier?: string, ...Filters: Filter[]) =>
  (await world.model.call('DescribeDBInstances', { DBInstanceIdentifier, Filters })).DBInstances!.map(
    (instance) => instance.DBInstanceIdentifier,
  );
const snapshots = async (
  request: { DBSnapshotIdentifier?: string; DBInstanceIdentifier?: string },
  ...Filters: Filter[]
) =>
  (
    await world.model.call('DescribeDBSnapshots', { ...request, SnapshotType: 'manual', Filters })
  ).DBSnapshots!.map((snapshot) => snapshot.DBSnapshotIdentifier);

test('an identifier is one more value of the filter by identifier', async () => {
  expect(await instances('one', filter('db-instance-id', 'two'))).toEqual(['one', 'two']);
  expect(await instances('nobody', filter('db-instance-id', 'two'))).toEqual(['two']);
  expect(await snapshots({ DBSnapshotIdentifier: 'of-one' }, filter('db-snapshot-id', 'of-two'))).toEqual([
    'of-one',
    'of-two',
  ]);
});

test('nothing that fits is an error where an identifier was given, not where only filters were', async () => {
  expect(await refusal(instances('one', filter('engine', 'oracle')))).toBe('DBInstanceNotFound 404');
  expect(await instances(undefined, filter('engine', 'oracle'))).toEqual([]);
  expect(await refusal(snapshots({ DBSnapshotIdentifier: 'of-one' }, filter('engine', 'oracle')))).toBe(
    'DBSnapshotNotFound 404',
  );
});

test('a snapshot that an instance does not have is no error', async () => {
  expect(await snapshots({ DBSnapshotIdentifier: 'of-one', DBInstanceIdentifier: 'two' })).toEqual([]);
  expect(await snapshots({ DBSnapshotIdentifier: 'none', DBInstanceIdentifier: 'two' })).toEqual([]);
});

test('filters are checked even where there is nothing to be filtered', async () => {
  const empty = new World();
  const ask = (...Filters: Filter[]) => refusal(empty.model.call('DescribeDBInstances', { Filters }));
  expect(await ask(filter('colour', 'red'))).toBe('InvalidParameterValue 400');
  expect(await ask(filter('engine'))).toBe('InvalidParameterCombination 400');
});
