/** Writes: begun once, whatever happens to their connection; connections that age. */
import { DatabaseUnavailable } from '../../../app/database/errors';
import type { Session } from '../../../app/database/host-pool';
import { until } from '../../support/replica';
import type { Fleet } from './fleet';
import { repeat, startFleet } from './fleet';

jest.setTimeout(60_000); // no verdict by time: this only ends what would last for ever

const SCHEMA = `
  create table things (id integer primary key);
  create table attempts (at timestamptz default now())`;

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet([], SCHEMA);
});
beforeEach(() => fleet.primary.query('truncate things, attempts'));
afterEach(() => fleet.closeClients());
afterAll(() => fleet?.stop());

const insert =
  (id: number) =>
  ({ query }: Session) =>
    query('insert into things values ($1) on conflict do nothing', [id]);
const countOf = async (table: string) =>
  (await fleet.primary.query(`select count(*)::integer as count from ${table}`))[0]?.count;

const killSessions = (where: string) =>
  fleet.primary.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend'
       and pid <> pg_backend_pid() and application_name like 'site%' and ${where}`,
  );

describe('a write whose connection is lost', () => {
  /** Lost in its middle, the first time; every attempt leaves a row by another way. */
  const lostOnce = () => {
    let isFirst = true;
    return async ({ query }: Session) => {
      await fleet.primary.query('insert into attempts default values');
      await query('insert into things values (1)');
      if (isFirst) {
        isFirst = false;
        await query('select pg_terminate_backend(pg_backend_pid())');
      }
    };
  };

  test('in its work is not done again', async () => {
    await expect(fleet.open().write(lostOnce())).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect([await countOf('attempts'), await countOf('things')]).toEqual([1, 0]);
  });

  test('in its work is done again when its caller says that it may be', async () => {
    await fleet.open().write(lostOnce(), { idempotent: true });
    expect([await countOf('attempts'), await countOf('things')]).toEqual([2, 1]);
  });

  test.each([
    [false, 1],
    [true, 2],
  ])('after it was committed, before that was known; idempotent: %s', async (idempotent, attempts) => {
    // A primary that waits for a synchronous replica which is not there has committed, and does not say so.
    await fleet.primary.query(`alter system set synchronous_standby_names = 'nobody'`);
    await fleet.primary.query('select pg_reload_conf()');
    let begun = 0;
    const write = fleet.open().write(
      async (session) => {
        begun++;
        await session.query('set local synchronous_commit = on');
        await insert(2)(session);
      },
      { idempotent },
    );
    const ended = write.then(
      () => 'done',
      (error: unknown) => error,
    );
    await until(async () => (await countOf(`pg_stat_activity where wait_event = 'SyncRep'`)) === 1);
    await fleet.primary.query('alter system reset synchronous_standby_names');
    // The one that waits is ended before the setting is, which would let it go on.
    await killSessions(`wait_event = 'SyncRep'`);
    await fleet.primary.query('select pg_reload_conf()');
    if (idempotent) expect(await ended).toBe('done');
    else expect(await ended).toBeInstanceOf(DatabaseUnavailable);
    expect([begun, await countOf('things')]).toEqual([attempts, 1]);
  });

  test('before its work was begun is begun where the name leads by then', async () => {
    fleet.names.writer = '/nowhere';
    const database = fleet.open({ lookUpEveryMillis: 1_000_000 });
    await expect(database.write(insert(1))).rejects.toBeInstanceOf(DatabaseUnavailable);
    fleet.names.writer = fleet.primary.host;
    let begun = 0;
    await database.write((session) => (begun++, insert(2)(session)));
    expect([begun, await countOf('things')]).toEqual([1, 1]);
    expect(database.counts().retries).toBeGreaterThan(0);
  });
});

test('an error that the work caught does not pass for a commit', async () => {
  const write = fleet.open().write(async ({ query }) => {
    await query('insert into things values (1)');
    await query('insert into things values (1)').catch(() => undefined);
  });
  await expect(write).rejects.toThrow('nothing was written');
  expect(await countOf('things')).toBe(0);
});

test('a server that goes while nobody asks it anything does not end the process', async () => {
  const database = fleet.open();
  const write = database.write(async ({ query }) => {
    await query('insert into things values (1)');
    await killSessions('true');
    await until(async () => (await countOf(`pg_stat_activity where application_name = 'site i-1'`)) === 0);
    await query('insert into things values (2)');
  });
  await expect(write).rejects.toBeInstanceOf(DatabaseUnavailable);
  expect((await database.write(insert(3))).value).toEqual([]);
});

test('a frozen primary fails a write, instead of holding it for ever', async () => {
  const limits = { connectMillis: 200, statementMillis: 100, answerMillis: 200 };
  const database = fleet.open({ limits: { writing: limits } });
  await database.write(insert(1));
  await fleet.primary.freeze();
  await expect(database.write(insert(2))).rejects.toBeInstanceOf(DatabaseUnavailable);
  fleet.primary.thaw();
  await database.write(insert(3));
});

test('connections end at ages of their own', async () => {
  let now = 0;
  const dice = [0, 0.5, 1];
  const database = fleet.open({
    now: () => now,
    random: () => dice.shift() ?? 0.5,
    limits: { writing: { ageMillis: 1_000 } },
  });
  /** Three at once, so that each connection serves one. */
  const pids = async () => {
    let here = 0;
    const own: number[] = [];
    await repeat(3, 3, async () => {
      await database.write(async ({ query }) => {
        own.push((await query<{ pid: number }>('select pg_backend_pid() as pid'))[0]!.pid);
        here++;
        await until(() => here >= 3);
      });
    });
    return new Set(own);
  };
  const kept = async (before: Set<number>) => [...(await pids())].filter((pid) => before.has(pid)).length;

  const first = await pids();
  expect(first.size).toBe(3);
  expect(await kept(first)).toBe(3);
  for (const [age, left] of [
    [749, 3],
    [750, 2],
    [999, 2],
    [1_000, 1],
    [1_250, 0],
  ] as const) {
    now = age;
    await pids(); // ends those that are too old, when they come back
    expect([age, await kept(first)]).toEqual([age, left]);
  }
});
