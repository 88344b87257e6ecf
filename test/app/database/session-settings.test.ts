import { fromSecret } from '../../../app/database/credentials';
import { type HostPool, hostPool } from '../../../app/database/host-pool';
import { LIMITS } from '../../../app/database/limits';
import { startupOptions } from '../../../app/database/session-settings';
import { seeded } from '../../../trial/load/random';
import { type TestPrimary, type TestReplica, startPrimary, startReplica } from '../../support/replica';
import { HOSTILE_SCHEMA, dealt, hostileDefaults, setting } from './hostile';

jest.setTimeout(300_000);

test('a blank is part of a value', () => {
  expect(startupOptions({ DateStyle: 'ISO, YMD', search_path: '' })).toBe(
    '-c DateStyle=ISO,\\ YMD -c search_path=',
  );
});

describe("the site's sessions under hostile defaults", () => {
  let primary: TestPrimary;
  let replica: TestReplica;
  const pools: HostPool[] = [];

  beforeAll(async () => {
    primary = await startPrimary({ settings: { wal_level: 'logical' } });
    await primary.query('create role site superuser login');
    await primary.query('create database site owner site');
    replica = await startReplica(primary);
  });
  afterAll(async () => {
    await replica?.stop();
    await primary?.stop();
  });

  const poolOf = ({ host, port }: { host: string; port: number }, readOnly: boolean): HostPool => {
    const pool = hostPool(
      host,
      {
        ...{ port, database: 'site', name: 'test', readOnly },
        limits: readOnly ? LIMITS.reading : LIMITS.writing,
      },
      {
        source: fromSecret('arn', () => Promise.resolve(JSON.stringify({ username: 'site', password: 'x' }))),
        log: { info: () => undefined, debug: () => undefined, warn: () => undefined, error: () => undefined },
        now: () => performance.now(),
        random: () => 0.5,
      },
      () => undefined,
    );
    pools.push(pool);
    return pool;
  };

  /** @throws when a statement fails, or its value comes back as another one */
  async function readAndWrite(): Promise<void> {
    await poolOf(primary, false).run(async ({ query }) => {
      await query('begin');
      await query('insert into notes (text, at) values ($1, $2)', ['ä\\x', '2026-03-04T05:06:07.890Z']);
      await query('commit');
    });
    await replica.caughtUp();
    for (const server of [replica, primary]) {
      const rows = await poolOf(server, true).run(({ query }) =>
        query(
          "select text, at, pi() as pi, '\\x00ff'::bytea as bytes, text = 'ä\\x' as same from notes limit 1",
        ),
      );
      expect(rows).toEqual([
        {
          text: 'ä\\x',
          at: new Date('2026-03-04T05:06:07.890Z'),
          pi: Math.PI,
          bytes: Buffer.from([0, 255]),
          same: true,
        },
      ]);
      await expect(poolOf(server, true).run(({ query }) => query('delete from notes'))).rejects.toThrow();
    }
    for (const pool of pools.splice(0)) await pool.close();
  }

  test.each([[1], [2]])('read and write as always (seed %i)', async (seed) => {
    const all = (await hostileDefaults((text) => primary.query(text)))
      // The owner's word on its own data, which the site leaves as it is.
      .filter(([one]) => one!.name !== 'default_transaction_read_only');
    const client = poolOf(primary, false);
    await client.run(async ({ query }) => {
      await query('drop table if exists notes; drop schema if exists hostile cascade');
      await query(HOSTILE_SCHEMA);
      await query('create table notes (text text, at timestamptz)');
    });
    const wrong: string[] = [];
    for (const [at, hostile] of dealt(seeded(seed), all, 12).entries()) {
      const scope = ['database site', 'role site', 'role site in database site'][(at + seed) % 3]!;
      const texts = hostile.map((one) => setting(scope, one));
      for (const text of texts) await primary.query(text).catch(() => undefined);
      await replica.caughtUp();
      await readAndWrite().catch((error: Error) => wrong.push(`${error.message}: ${texts.join('; ')}`));
      await primary.query(`alter ${scope} reset all`);
    }
    expect(wrong).toEqual([]);
  });
});
