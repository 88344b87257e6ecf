import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { State } from '../../../trial/postgres/state';
import { postgresPrograms } from '../../../trial/postgres/binaries';
import { type TestWorld, copyOf, eventually, newDatabase, testWorld } from './world';

jest.setTimeout(90_000);

let world: TestWorld;

beforeAll(async () => {
  world = await testWorld();
  await world.plane.create(newDatabase('db-A', { archiveWal: true }));
  const client = await world.connect('db-A');
  await client.query('create table note (text text)');
});
afterAll(() => world?.end());

const archive = () =>
  join(new State(world.stateFolder, postgresPrograms().user).archiveFolder('db-A'), 'wal');

/** @returns when it was committed, by the server's clock, in milliseconds since 1970 */
async function write(text: string, resourceId = 'db-A'): Promise<number> {
  const client = await world.connect(resourceId);
  await client.query('insert into note values ($1)', [text]);
  const { rows } = await client.query('select extract(epoch from clock_timestamp()) * 1000 as at');
  await client.end();
  return Math.ceil(Number(rows[0].at)) + 1;
}

async function notes(resourceId: string): Promise<string[]> {
  const client = await world.connect(resourceId);
  try {
    return (await client.query('select text from note order by 1')).rows.map(({ text }) => text);
  } finally {
    await client.end();
  }
}

const untilAfter = async (time: number) => eventually(() => Date.now() > time);

test('restores to a time between two commits, and to the last one, from a database that goes on', async () => {
  const between = await write('1');
  await untilAfter(between + 1);
  await write('2');
  await world.plane.restore(copyOf('db-R'), 'db-A', between);
  expect(await notes('db-R')).toEqual(['1']);
  await world.plane.restore(copyOf('db-L'), 'db-A', 'latest');
  expect(await notes('db-L')).toEqual(['1', '2']);
  // Databases of their own, with a history of their own.
  await write('restored', 'db-R');
  expect(await notes('db-A')).toEqual(['1', '2']);
  await Promise.all([world.plane.remove('db-R', false), world.plane.remove('db-L', false)]);
});

test('a time after the last commit is the last commit', async () => {
  await world.plane.restore(copyOf('db-N'), 'db-A', Date.now() + 3_600_000);
  expect(await notes('db-N')).toEqual(['1', '2']);
  await world.plane.remove('db-N', false);
});

test('a snapshot is the database of that moment, and can be restored twice', async () => {
  await world.plane.snapshot('db-A', 'before');
  await write('3');
  for (const resourceId of ['db-S', 'db-T']) {
    await world.plane.restoreSnapshot(copyOf(resourceId), 'before');
    expect(await notes(resourceId)).toEqual(['1', '2']);
    await world.plane.remove(resourceId, false);
  }
  await world.plane.removeSnapshot('before');
  await expect(world.plane.restoreSnapshot(copyOf('db-S'), 'before')).rejects.toThrow(
    'There is no snapshot before.',
  );
  expect(await world.plane.known()).toEqual(['db-A']);
});

test('without archiving nothing is archived; with it, from a new backup on', async () => {
  await world.plane.setArchiving('db-A', false);
  const before = readdirSync(archive()).length;
  await world.plane.query('db-A', 'select pg_switch_wal(), pg_current_xact_id()');
  await eventually(async () => {
    const [row] = await world.plane.query('db-A', 'select last_archived_wal from pg_stat_archiver');
    return !existsSync(join(archive(), String(row!.last_archived_wal)));
  });
  expect(readdirSync(archive())).toHaveLength(before);
  await write('4');
  await world.plane.setArchiving('db-A', true);
  const time = await write('5');
  await untilAfter(time + 1);
  await write('6');
  await world.plane.restore(copyOf('db-R'), 'db-A', time);
  expect(await notes('db-R')).toEqual(['1', '2', '3', '4', '5']);
});

test('backups outlive their database if they are to, and say when they do not reach back far enough', async () => {
  await world.plane.remove('db-R', false);
  await write('7');
  await world.plane.stop('db-A');
  await world.plane.remove('db-A', true);
  await world.plane.restore(copyOf('db-Z'), 'db-A', 'latest');
  expect(await notes('db-Z')).toContain('6');
  await expect(world.plane.restore(copyOf('db-Y'), 'db-A', 0)).rejects.toThrow(
    /^The oldest backup of db-A is from .*: restore to a later time\.$/,
  );
  await world.plane.remove('db-A', false);
  await expect(world.plane.restore(copyOf('db-Y'), 'db-A', 'latest')).rejects.toThrow(
    /^There is no backup of db-A/,
  );
  expect(await world.plane.known()).toEqual(['db-Z']);
});

test.each([
  ['dead', (plane: TestWorld['plane']) => plane.kill('db-D')],
  ['frozen', (plane: TestWorld['plane']) => plane.freeze('db-D')],
] as const)('a %s database leaves a last snapshot with all that it has committed', async (how, end) => {
  const { plane } = world;
  await plane.create(newDatabase('db-D'));
  const client = await world.connect('db-D');
  await client.query('create table note (text text)');
  await write(how, 'db-D');
  await end(plane);
  await eventually(() => how === 'frozen' || !plane.isRunning('db-D'));
  await plane.snapshot('db-D', `last-${how}`);
  await plane.remove('db-D', false);
  await plane.restoreSnapshot(copyOf('db-F'), `last-${how}`);
  expect(await notes('db-F')).toEqual([how]);
  await plane.remove('db-F', false);
});
