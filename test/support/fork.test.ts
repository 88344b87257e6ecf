import { type Pair, startPair } from './fork';

let pair: Pair;
beforeAll(async () => (pair = await startPair()));
afterAll(() => pair.stop());

it('parts: what comes after is on one side only', async () => {
  await pair.old.query('create table t (id int primary key); insert into t values (1)');
  await pair.makeSlot('old');
  const fork = await pair.part();
  await pair.old.query('insert into t values (2)');
  await pair.promote();
  expect(await pair.primary.query('select id from t')).toEqual([{ id: 1 }]);
  const [where] = await pair.primary.query('select pg_last_wal_replay_lsn()::text as lsn');
  expect(where!['lsn']).toBe(fork.lsn);
  await pair.makeSlot('primary');
});
