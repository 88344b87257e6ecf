import { existsSync } from 'node:fs';
import type { TestPrimary, TestServer } from './replica';
import { startPrimary, startReplica } from './replica';

jest.setTimeout(60_000); // no verdict by time: this only ends what would last for ever

let primary: TestPrimary;
beforeAll(async () => {
  primary = await startPrimary();
  await primary.query('create table things (id integer)');
});
afterAll(() => primary?.stop());

const ids = async (server: TestServer) =>
  (await server.query('select id from things order by id')).map(({ id }) => id);

test('streams, survives a power cut, becomes a primary, and leaves nothing behind', async () => {
  const replica = await startReplica(primary);
  try {
    await primary.query('insert into things values (1)');
    await replica.caughtUp();
    expect(await ids(replica)).toEqual([1]);
    await replica.kill();
    await expect(replica.query('select 1')).rejects.toThrow();
    await primary.query('insert into things values (2)');
    await replica.restart();
    await replica.caughtUp();
    expect(await ids(replica)).toEqual([1, 2]);
    await replica.promote();
    await replica.query('insert into things values (3)');
    expect(await ids(primary)).toEqual([1, 2]);
  } finally {
    await replica.stop();
  }
  expect(existsSync(replica.host)).toBe(false);
});

test('replays later when it is told so', async () => {
  const replica = await startReplica(primary, { delayMillis: 600_000 });
  try {
    const before = await ids(replica);
    await primary.query('insert into things values (4)');
    expect(await ids(replica)).toEqual(before);
  } finally {
    await replica.stop();
  }
});
