import { open } from '../../../../lambda/failover/postgres/open';
import { SLOT_NAME } from '../../../../lambda/prepare-database/plan';
import { copyOf, eventually } from '../../../trial/postgres/world';
import { PRIMARY, type Stand, sourceOf, startStand } from './stand';

jest.setTimeout(60_000);

const REPLICA = 'db-B';
const GAP = 1_000;

let stand: Stand;

const opened = (epoch: number, sequenceGap = GAP, resourceId = REPLICA) =>
  open(stand.address(resourceId), stand.access, stand.log, { epoch, sequenceGap });

const as = (role: Parameters<Stand['as']>[0], ...statements: string[]) =>
  stand.as(role, REPLICA, ...statements);

const epoch = async () =>
  (await as('controller', 'select epoch::int from scale_from_zero.heartbeat'))[0]?.['epoch'];

/** The next value that a client gets. */
const next = async (sequence: string) =>
  (await as('master', `select nextval('${sequence}')::text as next`))[0]?.['next'];

beforeAll(async () => {
  stand = await startStand();
  await stand.as(
    'app_writer',
    PRIMARY,
    'create table "Notes" (id bigint generated always as identity, "The Number" serial, text text)',
    `insert into "Notes" (text) select 'x' from generate_series(1, 7)`,
    'create sequence never',
    'create sequence "set But" minvalue 1',
    `select setval('"set But"', 500000, false)`,
    'create sequence down increment -2',
    `select nextval('down')`,
    'create sequence small maxvalue 900',
    `select nextval('small')`,
    'create sequence cycling as smallint maxvalue 500 cycle',
    `select setval('cycling', 499)`,
    'create sequence exhausted maxvalue 3',
    `select setval('exhausted', 3)`,
    'create sequence "below" increment -1 minvalue -5',
    'create unlogged table unlogged (id serial)',
    'create sequence cached cache 50',
  );
  await stand.as(
    'master',
    PRIMARY,
    'grant app_writer to current_user',
    'create schema "Other Room"',
    'create sequence "Other Room"."Granted"',
    'grant select, update on sequence "Other Room"."Granted" to controller',
    'create sequence "Other Room".hidden',
  );
  await stand.world.plane.createReplica(copyOf(REPLICA), PRIMARY);
  // The replica loses it at its promotion, and whoever asks for it gets an error.
  await stand.as('app_writer', PRIMARY, 'create unlogged table "Later" (id serial)');
});
afterAll(() => stand?.world.end());

test('a server in recovery is not opened', async () => {
  await expect(opened(1)).rejects.toMatchObject({ name: 'CallFailed', outcome: 'wrong-state' });
});

const openings = () =>
  as(
    'master',
    'select epoch::int, forked_at::text, slot_from::text from scale_from_zero.opening order by epoch',
  );

test('a promoted one is: slot, sequences, what recovery must know, epoch', async () => {
  const [before] = await as('controller', 'select pg_last_wal_replay_lsn()::text as lsn');
  await stand.world.plane.promote(REPLICA);
  await stand.world.connect(REPLICA).then(async (session) => {
    // Somebody's own, in a session that goes on.
    await session.query('create temporary sequence passing');
  });
  await opened(1);
  expect(await epoch()).toBe(1);
  const slots = await as(
    'controller',
    `select plugin from pg_replication_slots where slot_name = '${SLOT_NAME}'`,
  );
  expect(slots).toEqual([{ plugin: 'test_decoding' }]);
  const [slot] = await as('controller', 'select confirmed_flush_lsn::text as lsn from pg_replication_slots');
  expect(await openings()).toEqual([{ epoch: 1, forked_at: expect.any(String), slot_from: slot!['lsn'] }]);
  const [{ forked_at: forkedAt }] = (await openings()) as [{ forked_at: string }];
  const isSameOrLater = `select '${forkedAt}'::pg_lsn between '${before!['lsn']}'::pg_lsn and '${slot!['lsn']}' as is`;
  expect(await as('controller', isSameOrLater)).toEqual([{ is: true }]);

  const above = async (sequence: string, least: number) => {
    const value = Number(await next(sequence));
    expect([sequence, value]).toEqual([sequence, expect.any(Number)]);
    expect(value).toBeGreaterThanOrEqual(least);
    // A sequence logs 32 values ahead (SEQ_LOG_VALS): a replica is that far further.
    expect(value).toBeLessThanOrEqual(least + 100);
  };
  await above('"Notes_id_seq"', 7 + GAP + 1);
  await above('"Notes_The Number_seq"', 7 + GAP + 1);
  await above('never', 1 + GAP);
  await above('"set But"', 500_000 + GAP);
  await above('"Other Room"."Granted"', 1 + GAP);
  expect(await next('unlogged_id_seq')).toBe('1');
  await above('cached', 1 + GAP);
  expect(Number(await next('down'))).toBeLessThanOrEqual(-1 - 2 * GAP);
  await expect(next('small')).rejects.toThrow('reached maximum value');
  await expect(next('"below"')).rejects.toThrow('reached minimum value');
  await expect(next('exhausted')).rejects.toThrow('reached maximum value');
  expect(await next('cycling')).toBe('1');
  expect(await next('"Other Room".hidden')).toBe('1');

  const told = stand.logged.join('\n');
  expect(told).toMatch(/info sequences advanced .*"count":11/);
  expect(told).toMatch(
    /at their end .*"count":4.*public\.below.*public\.cycling.*public\.exhausted.*public\.small/,
  );
  expect(told).toMatch(/may not advance.*"count":1,"sequences":\["\\"Other Room\\"\.hidden"\]/);
});

test('again for the same epoch it changes nothing, for the next one it does', async () => {
  const positions = () =>
    as(
      'master',
      `select relname, pg_sequence_last_value(oid)::text as last from pg_class
        where relkind = 'S' and relpersistence = 'p' order by relnamespace, relname`,
    ).then((rows) => JSON.stringify(rows));
  const before = await positions();
  const written = await openings();
  await opened(1);
  await opened(0);
  expect(await positions()).toBe(before);
  expect(await openings()).toEqual(written);
  expect(await epoch()).toBe(1);
  await opened(2);
  expect(await positions()).not.toBe(before);
  const then = await positions();
  await opened(3, 0);
  expect(await positions()).toBe(then);
  expect(await epoch()).toBe(3);
});

test('two at once advance once', async () => {
  const at = async () => Number(await next('never'));
  const before = await at();
  const first = await stand.world.connect(REPLICA, { user: 'controller', password: "controller's own" });
  await first.query('begin; select 1 from scale_from_zero.heartbeat for update');
  const both = Promise.all([opened(10), opened(10)]);
  await eventually(async () => {
    const waiting = await stand.world.plane.query(
      REPLICA,
      `select 1 from pg_stat_activity where usename = 'controller' and wait_event_type = 'Lock'`,
    );
    return waiting.length === 2;
  });
  await first.query('commit');
  await both;
  expect(await at()).toBe(before + GAP + 1);
});

test('a slot that cannot be made is told, and keeps nobody from opening', async () => {
  const { query } = stand.world.plane;
  await query(REPLICA, `select pg_drop_replication_slot('${SLOT_NAME}')`);
  await query(REPLICA, `select pg_create_logical_replication_slot('${SLOT_NAME}', 'pgoutput')`);
  stand.logged.length = 0;
  await opened(20);
  expect(await epoch()).toBe(20);
  expect(stand.logged.join()).toContain('error the slot was not made');
  expect((await openings()).at(-1)).toMatchObject({ epoch: 20, slot_from: null });
});

test('a restarted one has no word for how far it had replayed, and is opened', async () => {
  await stand.world.plane.reboot(REPLICA);
  await opened(30);
  expect((await openings()).at(-1)).toMatchObject({ epoch: 30, forked_at: null });
});

test('a crashed one has replayed what it wrote itself, which is not where it began', async () => {
  await as('app_writer', `insert into "Notes" (text) values ('its own')`);
  await stand.world.plane.kill(REPLICA);
  await eventually(() => !stand.world.plane.isRunning(REPLICA));
  await stand.world.plane.start(REPLICA);
  const [replayed] = await as('controller', 'select pg_last_wal_replay_lsn()::text as lsn');
  expect(replayed!['lsn']).toEqual(expect.any(String));
  await opened(35);
  expect((await openings()).at(-1)).toMatchObject({ epoch: 35, forked_at: null });
});

test('a database that an earlier version made ready is opened, and the log tells', async () => {
  await as('master', 'alter table scale_from_zero.opening rename to away');
  stand.logged.length = 0;
  await opened(40);
  expect(await epoch()).toBe(40);
  expect(stand.logged.join()).toMatch(/warn where this primary began was not written down/);
  await as('master', 'alter table scale_from_zero.away rename to opening');
});

test.each([
  [
    'denied',
    () =>
      open(stand.address(REPLICA), { ...stand.access, current: sourceOf('guessed') }, stand.log, {
        epoch: 99,
        sequenceGap: 1,
      }),
  ],
  [
    'not-found',
    () => open({ host: 'nowhere.example', port: 1 }, stand.access, stand.log, { epoch: 99, sequenceGap: 1 }),
  ],
] as const)('who cannot be reached is told as %s', async (outcome, attempt) => {
  stand = { ...stand, access: { ...stand.access, previous: sourceOf('guessed') } };
  await expect(attempt()).rejects.toMatchObject({ name: 'CallFailed', outcome });
});

test('a server that is gone is a failure', async () => {
  await stand.world.plane.kill(REPLICA);
  await eventually(() => !stand.world.plane.isRunning(REPLICA));
  await expect(opened(99)).rejects.toMatchObject({ outcome: 'failed' });
});
