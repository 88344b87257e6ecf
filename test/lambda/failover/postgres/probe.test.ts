import type { Client } from 'pg';
import { fromSecret } from '../../../../app/database/credentials';
import type { Reached } from '../../../../lambda/failover/observation';
import { prober } from '../../../../lambda/failover/postgres/probe';
import { SLOT_NAME } from '../../../../lambda/prepare-database/plan';
import { copyOf, eventually } from '../../../trial/postgres/world';
import { PRIMARY, type Stand, secretOf, sourceOf, startStand } from './stand';

jest.setTimeout(60_000);

const REPLICA = 'db-B';

let stand: Stand;
let time = 0;
let probe: ReturnType<typeof prober>;

const reached = async (resourceId: string, keep?: Parameters<typeof probe>[1]): Promise<Reached> => {
  const seen = await probe(stand.address(resourceId), keep);
  if (!seen.reached) throw new Error(`${seen.why}: ${seen.message}`);
  return seen;
};

const unreached = async (resourceId: string) => {
  const seen = await probe(stand.address(resourceId));
  return seen.reached ? 'reached' : seen.why;
};

const slot = async () =>
  (
    await stand.world.plane.query(
      PRIMARY,
      `select plugin, confirmed_flush_lsn::text as confirmed from pg_replication_slots where slot_name = $1`,
      [SLOT_NAME],
    )
  )[0];

beforeAll(async () => {
  stand = await startStand();
  await stand.world.plane.createReplica(copyOf(REPLICA), PRIMARY);
});
beforeEach(() => {
  stand.logged.length = 0;
  time = 0;
  probe = prober(stand.access, stand.log, () => time);
});
afterAll(() => stand?.world.end());

describe('a look', () => {
  test('at primary and replica tells what they are, with the rights of the controller alone', async () => {
    const primary = await reached(PRIMARY, { epoch: 3 });
    const [{ at }] = (await stand.as('controller', PRIMARY, 'select at from scale_from_zero.heartbeat')) as [
      { at: Date },
    ];
    expect(primary).toEqual({
      reached: true,
      inRecovery: false,
      startedAt: expect.any(Number),
      uptimeMillis: expect.any(Number),
      system: expect.stringMatching(/^\d{15,}$/),
      timeline: 1,
      received: expect.stringMatching(/^0\/[\dA-F]+$/),
      replayed: primary.received,
      receiving: false,
      snapshot: expect.stringMatching(/^\d+:\d+:/),
      heartbeat: { at: at.getTime(), epoch: 3 },
      clientSessions: 0,
      write: 'written',
    });
    expect(primary.startedAt).toBeGreaterThan(Date.now() - 600_000);
    expect(primary.startedAt + primary.uptimeMillis).toBeLessThanOrEqual(Date.now());

    await eventually(async () => (await reached(REPLICA)).heartbeat.at === primary.heartbeat.at);
    const replica = await eventually(async () => {
      const seen = await reached(REPLICA);
      return seen.receiving && seen;
    });
    expect(replica).toMatchObject({
      inRecovery: true,
      system: primary.system,
      timeline: 1,
      received: replica.replayed,
      heartbeat: { epoch: 3 },
    });
    expect(replica.write).toBeUndefined();
  });

  test('counts sessions of clients, and of nobody else', async () => {
    const sessions: Client[] = [];
    for (const user of ['app_writer', 'app_reader', 'controller', 'recovery']) {
      sessions.push(await stand.world.connect(PRIMARY, { user, password: `${user}'s own` }));
    }
    sessions.push(await stand.world.connect(PRIMARY));
    expect((await reached(PRIMARY)).clientSessions).toBe(3);
    for (const session of sessions) await session.end();
  });

  test('at a replica that replays late tells what it has received beyond', async () => {
    await stand.world.plane.delayReplay(REPLICA, 60_000);
    await eventually(async () => (await reached(REPLICA)).receiving);
    await reached(PRIMARY, { epoch: 3 });
    const { received } = await reached(PRIMARY);
    const behind = await eventually(async () => {
      const seen = await reached(REPLICA);
      return seen.received === received && seen;
    });
    expect(behind.replayed).not.toBe(received);
    await stand.world.plane.delayReplay(REPLICA, 0);
  });

  test('at sixteen at once sees all of them', async () => {
    const looks = Array.from({ length: 16 }, (_, n) => reached(n === 0 ? PRIMARY : REPLICA));
    expect((await Promise.all(looks)).filter(({ inRecovery }) => inRecovery)).toHaveLength(15);
  });

  test('leaves no session', async () => {
    await reached(PRIMARY, { epoch: 3 });
    await eventually(async () => {
      const sessions = await stand.world.plane.query(
        PRIMARY,
        `select 1 from pg_stat_activity where application_name = 'failover-controller'`,
      );
      return sessions.length === 0;
    });
  });
});

describe('what is kept on a primary', () => {
  test('is never kept on a replica', async () => {
    expect(await reached(REPLICA, { epoch: 9 })).not.toHaveProperty('write');
  });

  test('has an epoch that does not go back', async () => {
    expect((await reached(PRIMARY, { epoch: 5 })).heartbeat.epoch).toBe(5);
    expect((await reached(PRIMARY, { epoch: 4 })).heartbeat.epoch).toBe(5);
  });

  test('that refuses to write is reached all the same', async () => {
    await stand.as('master', PRIMARY, 'alter database site set default_transaction_read_only = on');
    expect((await reached(PRIMARY, { epoch: 5 })).write).toEqual({
      refused: 'cannot execute INSERT in a read-only transaction',
    });
    await stand.as(
      'master',
      PRIMARY,
      'set default_transaction_read_only = off',
      'alter database site reset default_transaction_read_only',
    );
    const other = await stand.world.connect(PRIMARY, { user: 'controller', password: "controller's own" });
    await other.query('begin; lock table scale_from_zero.heartbeat in row exclusive mode');
    await other.query('select 1 from scale_from_zero.heartbeat for update');
    expect((await reached(PRIMARY, { epoch: 5 })).write).toEqual({
      refused: 'canceling statement due to statement timeout',
    });
    await other.query('rollback');
    expect((await reached(PRIMARY, { epoch: 5 })).write).toBe('written');
  });

  test('includes the slot: made when it is missing, and advanced once a minute', async () => {
    await stand.world.plane.query(PRIMARY, `select pg_drop_replication_slot('${SLOT_NAME}')`);
    await reached(PRIMARY, { epoch: 5 });
    const made = await slot();
    expect(made).toMatchObject({ plugin: 'test_decoding' });

    const { received } = await reached(PRIMARY, { epoch: 5 });
    time = 59_000;
    await reached(PRIMARY, { epoch: 5, slotUpTo: received });
    expect(await slot()).toEqual(made);
    time = 60_000;
    await reached(PRIMARY, { epoch: 5, slotUpTo: received });
    expect((await slot())?.['confirmed']).toBe(received);
    time = 120_000;
    await reached(PRIMARY, { epoch: 5, slotUpTo: '0/1' });
    expect((await slot())?.['confirmed']).toBe(received);
    expect(stand.logged).toEqual([]);
  });

  test('includes the slot that is lost: it is made anew', async () => {
    const { query } = stand.world.plane;
    await query(PRIMARY, `alter system set max_slot_wal_keep_size = '1MB'`);
    await query(PRIMARY, 'select pg_reload_conf()');
    await eventually(async () => {
      await query(PRIMARY, 'select pg_logical_emit_message(false, $1, repeat($2, 4000000))', ['x', 'y']);
      await query(PRIMARY, 'select pg_switch_wal()');
      await query(PRIMARY, 'checkpoint');
      const [row] = await query(
        PRIMARY,
        `select wal_status = 'lost' as lost from pg_replication_slots where slot_name = '${SLOT_NAME}'`,
      );
      return row?.['lost'] === true;
    });
    await reached(PRIMARY, { epoch: 5 });
    expect(await slot()).toMatchObject({ confirmed: expect.any(String) });
    await query(PRIMARY, 'alter system reset max_slot_wal_keep_size');
    await query(PRIMARY, 'select pg_reload_conf()');
    expect(stand.logged).toEqual([]);
  });

  test('is no failure when the slot is another’s', async () => {
    const { query } = stand.world.plane;
    await query(PRIMARY, `select pg_drop_replication_slot('${SLOT_NAME}')`);
    await query(PRIMARY, `select pg_create_logical_replication_slot('${SLOT_NAME}', 'pgoutput')`);
    expect((await reached(PRIMARY, { epoch: 5 })).write).toBe('written');
    expect(stand.logged.join()).toContain('warn the slot was not kept');
    await query(PRIMARY, `select pg_drop_replication_slot('${SLOT_NAME}')`);
  });
});

describe('the password', () => {
  const RIGHT = "controller's own";
  const rotating = (...passwords: string[]) => {
    let clock = 0;
    return fromSecret(
      'arn',
      () => Promise.resolve(secretOf(passwords.length > 1 ? passwords.shift()! : passwords[0]!)),
      () => (clock += 60_000),
    );
  };

  test('is looked up again when it is refused', async () => {
    probe = prober({ ...stand.access, current: rotating('old', RIGHT) }, stand.log);
    await reached(PRIMARY);
  });

  test('may be the one before the rotation, of which a replica has not heard', async () => {
    const access = { ...stand.access, current: rotating('new'), previous: sourceOf(RIGHT) };
    probe = prober(access, stand.log);
    await reached(REPLICA);
    const twice = { ...access, previous: rotating('older', RIGHT) };
    probe = prober(twice, stand.log);
    await reached(REPLICA);
  });

  test('may be the former one also while Secrets Manager is out', async () => {
    let secrets = [secretOf('new'), secretOf(RIGHT)];
    const fetchSecret = () => {
      const [secret, ...rest] = secrets;
      secrets = rest;
      return secret === undefined ? Promise.reject(new Error('no answer')) : Promise.resolve(secret);
    };
    let clock = 0;
    const later = () => (clock += 60_000);
    const current = fromSecret('arn', fetchSecret, later);
    await current.current();
    const previous = fromSecret('arn', fetchSecret, later);
    await previous.current();
    probe = prober({ ...stand.access, current, previous }, stand.log);
    await reached(REPLICA);
    await reached(REPLICA);
  });

  test('that is simply wrong is a rejection, and shown to nobody', async () => {
    const access = { ...stand.access, current: rotating('guessed'), previous: sourceOf('guessed') };
    const seen = await prober(access, stand.log)(stand.address(PRIMARY));
    expect(seen).toEqual({
      reached: false,
      why: 'rejected',
      message: '28P01: password authentication failed for user "controller"',
    });
  });

  test('that cannot be had leaves nobody to ask', async () => {
    const current = fromSecret('arn', () => Promise.reject(new Error('no answer')));
    const seen = await prober({ ...stand.access, current }, stand.log)(stand.address(PRIMARY));
    expect(seen).toMatchObject({ why: 'silent', message: 'the password could not be had: no answer' });
  });
});

test('who is not called by the name of the certificate is rejected', async () => {
  const { plane } = stand.world;
  const resolve = () => Promise.resolve(plane.addressOf(PRIMARY)!.address);
  const seen = await prober({ ...stand.access, resolve }, stand.log)({ host: 'other.example', port: 5432 });
  expect(seen).toMatchObject({ why: 'rejected', message: expect.stringContaining('ALTNAME') });
});

test('who has no address is unnamed, also when name servers refuse', async () => {
  const at = { host: 'nowhere.example', port: 5432 };
  expect(await probe(at)).toMatchObject({ why: 'unnamed' });
  const refusing = Object.assign(new Error('queryA ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const access = { ...stand.access, resolve: () => Promise.reject(refusing) };
  expect(await prober(access, stand.log)(at)).toMatchObject({ why: 'unnamed' });
});

test('a database that was not prepared rejects', async () => {
  const access = { ...stand.access, database: 'postgres' };
  expect(await prober(access, stand.log)(stand.address(PRIMARY))).toMatchObject({
    why: 'rejected',
    message: '42P01: relation "scale_from_zero.heartbeat" does not exist',
  });
});

describe('a server', () => {
  test('that is full rejects', async () => {
    await stand.world.plane.query(PRIMARY, 'alter role controller connection limit 0');
    expect(await unreached(PRIMARY)).toBe('rejected');
    await stand.world.plane.query(PRIMARY, 'alter role controller connection limit -1');
  });

  test('that is frozen is silent, and reached when it is thawed', async () => {
    await stand.world.plane.freeze(PRIMARY);
    const seen = await probe(stand.address(PRIMARY), { epoch: 5 });
    expect(seen).toMatchObject({ reached: false, why: 'silent' });
    await stand.world.plane.thaw(PRIMARY);
    await eventually(async () => (await probe(stand.address(PRIMARY))).reached);
  });

  test('that was killed refuses, and begins anew when it is started', async () => {
    const before = await reached(PRIMARY);
    await stand.world.plane.kill(PRIMARY);
    expect(await unreached(PRIMARY)).toBe('refused');
    await eventually(async () => !(await reached(REPLICA)).receiving);
    await stand.world.plane.start(PRIMARY);
    const after = await reached(PRIMARY);
    expect(after.startedAt).toBeGreaterThan(before.startedAt);
    await eventually(async () => (await reached(REPLICA)).receiving);
  });

  test('that is promoted writes on a timeline of its own', async () => {
    await stand.world.plane.promote(REPLICA);
    const promoted = await reached(REPLICA, { epoch: 6 });
    expect(promoted).toMatchObject({ inRecovery: false, timeline: 2, write: 'written', receiving: false });
  });
});
