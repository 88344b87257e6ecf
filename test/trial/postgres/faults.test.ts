import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client } from 'pg';
import { CONTROLLER, type TestWorld, WEB, copyOf, eventually, hangs, newDatabase, testWorld } from './world';

jest.setTimeout(60_000);

let world: TestWorld;
const crashes: string[] = [];

beforeAll(async () => {
  world = await testWorld();
  world.plane.onCrash((resourceId) => crashes.push(resourceId));
  await world.plane.create(newDatabase('db-A'));
  await world.plane.createReplica(copyOf('db-B'), 'db-A');
  const client = await world.connect('db-A');
  await client.query('create table note (text text)');
});
beforeEach(() => void (crashes.length = 0));
afterAll(() => world?.end());

const write = async (text: string) => {
  const client = await world.connect('db-A');
  await client.query('insert into note values ($1)', [text]);
  await client.end();
};

const isOnReplica = async (text: string) => (await noteCount('db-B', text)) === 1;

async function noteCount(resourceId: string, text: string): Promise<number> {
  const client = await world.connect(resourceId, { from: '127.0.0.1' });
  try {
    return (await client.query(`select count(*)::int as n from note where text = $1`, [text])).rows[0].n;
  } finally {
    await client.end();
  }
}

const select1 = (client: Client) => client.query('select 1');

test('a killed database is told, refuses, and has its data when it is started again', async () => {
  await write('before the kill');
  const session = await world.connect('db-A');
  const ended = new Promise<void>((resolve) => session.once('end', resolve));
  await world.plane.kill('db-A');
  await ended;
  await eventually(() => crashes.includes('db-A'));
  expect(world.plane.isRunning('db-A')).toBe(false);
  await expect(world.connect('db-A')).rejects.toThrow(/ECONNRESET|terminated/);
  await world.plane.start('db-A');
  expect(await noteCount('db-A', 'before the kill')).toBe(1);
  await write('after the kill');
  await eventually(() => isOnReplica('after the kill'));
});

test('whoever stops a database causes no crash', async () => {
  await world.plane.reboot('db-A');
  await world.plane.stop('db-B');
  await world.plane.start('db-B');
  expect(crashes).toEqual([]);
});

test('a frozen database keeps its sessions silent until it thaws; a reboot ends the frost', async () => {
  const session = await world.connect('db-A');
  await world.plane.freeze('db-A');
  const asked = select1(session);
  expect(await hangs(asked)).toBe(true);
  expect(await hangs(world.connect('db-A'), 100)).toBe(true);
  await expect(world.plane.query('db-A', 'select 1')).rejects.toThrow(/frozen: thaw it/);
  await world.plane.thaw('db-A');
  await asked;

  await world.plane.freeze('db-A');
  await world.plane.reboot('db-A');
  await select1(await world.connect('db-A'));
  expect(crashes).toEqual([]);
});

test('clients, controller and replicas are cut off one by one', async () => {
  const [web, controller] = [await world.connect('db-A'), await world.connect('db-A', { from: CONTROLLER })];
  world.plane.setPassage('db-A', 'clients', 'drop');
  const asked = select1(web);
  expect(await hangs(asked)).toBe(true);
  await select1(controller);
  world.plane.setPassage('db-A', 'clients', 'pass');
  await asked;

  world.plane.setPassage('db-A', 'controller', 'drop');
  const probed = select1(controller);
  expect(await hangs(probed)).toBe(true);
  await select1(web);
  world.plane.setPassage('db-A', 'controller', 'pass');
  await probed;

  for (const [resourceId, party] of [
    ['db-A', 'replicas'],
    ['db-B', 'source'],
  ] as const) {
    world.plane.setPassage(resourceId, party, 'drop');
    await write(`while ${party} are cut off`);
    await sleep(200);
    expect(await isOnReplica(`while ${party} are cut off`)).toBe(false);
    world.plane.setPassage(resourceId, party, 'pass');
    await eventually(() => isOnReplica(`while ${party} are cut off`));
  }
});

test('a delayed replay shows commits late, and its end shows them', async () => {
  await world.plane.delayReplay('db-B', 3_600_000);
  await eventually(
    async () =>
      (await world.plane.query('db-B', 'show recovery_min_apply_delay'))[0]!.recovery_min_apply_delay ===
      '1h',
  );
  await write('delayed');
  const [row] = await world.plane.query('db-A', 'select pg_current_wal_flush_lsn() as lsn');
  // Received, and not shown.
  await eventually(
    async () =>
      (await world.plane.query('db-B', 'select pg_last_wal_receive_lsn() >= $1 as got', [row!.lsn]))[0]!
        .got === true,
  );
  expect(await noteCount('db-B', 'delayed')).toBe(0);
  await world.plane.delayReplay('db-B', 0);
  await eventually(() => isOnReplica('delayed'));
});

(process.platform === 'linux' ? test : test.failing)(
  'a full disk ends the server with 53100, until there is space',
  async () => {
    await write('before the disk was full');
    const session = await world.connect('db-A', { from: WEB });
    await world.plane.fillDisk('db-A');
    await expect(
      (async () => {
        for (;;) await session.query(`insert into note values ('full')`);
      })(),
    ).rejects.toThrow();
    await eventually(() => crashes.includes('db-A'));
    await expect(world.plane.start('db-A')).rejects.toThrow(
      /^PostgreSQL refuses to start: .*No space left on device/,
    );
    await world.plane.freeDisk('db-A');
    await world.plane.start('db-A');
    expect(await noteCount('db-A', 'before the disk was full')).toBe(1);
    await write('with space again');
    await eventually(() => isOnReplica('with space again'));
  },
);

test('a replica that holds back what it has received can be promoted', async () => {
  await world.plane.delayReplay('db-B', 3_600_000);
  await write('held back');
  const [row] = await world.plane.query('db-A', 'select pg_current_wal_flush_lsn() as lsn');
  await eventually(
    async () =>
      (await world.plane.query('db-B', 'select pg_last_wal_receive_lsn() >= $1 as got', [row!.lsn]))[0]!
        .got === true,
  );
  await world.plane.promote('db-B');
  expect(await noteCount('db-B', 'held back')).toBe(1);
});

test('the certificate of the authority is a file for clients', () => {
  expect(readFileSync(world.plane.certificateBundle, 'utf8')).toContain('BEGIN CERTIFICATE');
});
