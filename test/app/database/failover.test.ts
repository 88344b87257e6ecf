/** A failover as the site meets it: a primary that is demoted, a promoted replica, and one that stayed behind. */
import type { Database } from '../../../app/database/database';
import type { Session } from '../../../app/database/host-pool';
import type { TestServer } from '../../support/replica';
import { until } from '../../support/replica';
import type { Fleet } from './fleet';
import { repeat, startFleet } from './fleet';

jest.setTimeout(60_000); // no verdict by time: this only ends what would last for ever

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet([{}, {}], 'create table things (id integer primary key)');
});
afterAll(() => fleet?.stop());

const insert =
  (id: number) =>
  ({ query }: Session) =>
    query('insert into things values ($1) on conflict do nothing', [id]);
const find =
  (id: number) =>
  ({ query }: Session) =>
    query('select id from things where id = $1', [id]);

const countOf = async (table: string, server: TestServer = fleet.primary) =>
  (await server.query(`select count(*)::integer as count from ${table}`))[0]?.count;

const one = ({ query }: Session) => query('select 1');

// Each goes on where the one before has ended.
let database: Database;
const [promoted, sibling] = [() => fleet.replicas[0]!, () => fleet.replicas[1]!];

test('a primary that became read-only is left at the first error, and looked up again', async () => {
  database = fleet.open();
  const { position } = await database.write(insert(1));
  expect(position.timeline).toBe(1);
  await fleet.primary.query('alter system set default_transaction_read_only = on');
  await fleet.primary.query('select pg_reload_conf()');
  await until(async () => {
    const written = await database.write(insert(2)).catch((error: unknown) => error);
    return (written as { cause?: { code?: string } }).cause?.code === '25006';
  });
  expect(database.counts().renewals).toBeGreaterThan(0);
});

test('the promoted one takes the writes as soon as the name leads there', async () => {
  for (const replica of fleet.replicas) await replica.caughtUp();
  await promoted().promote();
  // The sibling goes on following the old primary, which runs ahead of the new one.
  await fleet.primary.query(
    'begin read write; insert into things select generate_series(1000, 9000); commit',
  );
  await sibling().caughtUp();
  // DNS has still the sibling among the readers, as a cache would.
  fleet.names.writer = promoted().host;
  await until(async () => (await database.write(one)).host === promoted().host);
  const { host, position } = await database.write(insert(3));
  expect([host, position.timeline]).toEqual([promoted().host, 2]);
  expect(await countOf('things where id = 3', promoted())).toBe(1);
  expect(await countOf('things where id = 3')).toBe(0);
});

test('nobody misses an own write at a replica that stayed on the old timeline', async () => {
  fleet.names.readers = [{ host: sibling().host, weight: 1 }];
  const others = await fleet.open().read(find(3));
  expect(others).toEqual({ value: [], host: sibling().host });
  for (let id = 10; id < 60; id++) {
    const { position } = await database.write(insert(id));
    expect(await database.read(find(id), { after: position })).toEqual({
      value: [{ id }],
      host: promoted().host,
    });
  }
});

test('a position from before it is fulfilled by whoever is on the new timeline', async () => {
  fleet.names.readers = [{ host: promoted().host, weight: 1 }];
  const client = fleet.open();
  const after = { timeline: 1, lsn: 0xffffffffn << 32n };
  expect((await client.read(find(3), { after })).value).toEqual([{ id: 3 }]);
  expect(client.counts().behind).toBe(0);
});

test('readers of the old primary are forgotten when the writer name moves', async () => {
  fleet.names.writer = fleet.primary.host;
  fleet.names.readers = [{ host: sibling().host, weight: 1 }];
  const client = fleet.open();
  expect((await client.read(find(1))).host).toBe(sibling().host);
  await fleet.primary.query('alter system reset default_transaction_read_only');
  await fleet.primary.query('select pg_reload_conf()');
  await client.write(one);
  fleet.names.readers = [{ host: promoted().host, weight: 1 }];
  fleet.names.writer = promoted().host;
  await until(async () => (await client.write(one)).host === promoted().host);
  const hosts = new Set<string>();
  await repeat(20, 1, async () => void hosts.add((await client.read(find(1))).host));
  expect([...hosts]).toEqual([promoted().host]);
});

test('nobody reads an own write at the old primary, when the writer finds out about the new one first', async () => {
  fleet.names.writer = fleet.primary.host;
  fleet.names.readers = []; // so that the primary serves the reads
  // No lookups but those that errors cause.
  const client = fleet.open({ lookUpEveryMillis: 1_000_000 });
  const after = { timeline: 99, lsn: 0n };
  expect((await client.read(one, { after })).host).toBe(fleet.primary.host);
  await client.write(one);
  fleet.names.writer = promoted().host;
  await fleet.primary.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name like 'site%' and query like 'commit%'`,
  );
  let position = after;
  await until(async () => {
    const written = await client.write(insert(100));
    position = written.position;
    return written.host === promoted().host;
  });
  expect(await client.read(find(100), { after: position })).toMatchObject({
    value: [{ id: 100 }],
    host: promoted().host,
  });
});
