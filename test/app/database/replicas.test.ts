/** Reads over three replicas: even, after one's own writes, and when replicas fail. */
import type { Database } from '../../../app/database/database';
import { DatabaseUnavailable } from '../../../app/database/errors';
import type { Session } from '../../../app/database/host-pool';
import { patienceMillis } from '../../../app/database/rotation';
import { until } from '../../support/replica';
import type { Fleet } from './fleet';
import { repeat, startFleet, tally } from './fleet';
import { tryOwnWrites } from './own-writes-trial';

jest.setTimeout(60_000); // no verdict by time: this only ends what would last for ever

let fleet: Fleet;
let replicaHosts: string[];
beforeAll(async () => {
  fleet = await startFleet([{}, {}, { delayMillis: 2_000 }], 'create table things (id integer primary key)');
  replicaHosts = fleet.replicas.map(({ host }) => host);
});
beforeEach(() => {
  fleet.names.readers = replicaHosts.map((host) => ({ host, weight: 1 }));
});
afterEach(() => fleet.closeClients());
afterAll(() => fleet?.stop());

const one = ({ query }: Session) => query<{ one: number }>('select 1 as one');
const hostOf = async (database: Database) => (await database.read(one)).host;

/** Returns when the client reads from exactly these. */
const settled = (database: Database, hosts: readonly string[]) =>
  until(async () => {
    const seen = new Set<string>();
    for (let read = 0; read < hosts.length * 3; read++) seen.add(await hostOf(database));
    return seen.size === hosts.length && hosts.every((host) => seen.has(host));
  });

test.each([2, 3])('2,000 reads are even over %i replicas of one weighted name', async (count) => {
  // The weights differ: who takes part is DNS's matter, how much the client's.
  fleet.names.readers = replicaHosts.slice(0, count).map((host, index) => ({ host, weight: index + 1 }));
  const database = fleet.open();
  await settled(database, replicaHosts.slice(0, count));
  const hosts: string[] = [];
  await repeat(2_000, 8, async () => void hosts.push(await hostOf(database)));
  const shares = tally(hosts);
  expect([...shares.keys()].sort()).toEqual(replicaHosts.slice(0, count).sort());
  for (const share of shares.values()) expect(Math.abs(share / (2_000 / count) - 1)).toBeLessThanOrEqual(0.1);
});

test('nobody misses an own write, and the others are served by replicas', async () => {
  const database = fleet.open();
  await settled(database, replicaHosts);
  const { stale, own, others, tries } = await tryOwnWrites(database, 300);
  expect(stale).toBe(0);
  // The delayed replica would be asked every third time: it served none, or the test shows nothing.
  expect(own[replicaHosts[2]!] ?? 0).toBe(0);
  expect(own[fleet.primary.host]).toBeGreaterThan(0);
  expect(database.counts().behind).toBe(own[fleet.primary.host]);
  expect((others[fleet.primary.host] ?? 0) / tries).toBeLessThanOrEqual(0.1);
});

test('a position that was reached once is not asked for again on the same connection', async () => {
  fleet.names.readers = [{ host: replicaHosts[0]!, weight: 1 }];
  const database = fleet.open();
  const { position } = await database.write(one);
  await fleet.replicas[0]!.caughtUp();
  /** Work that asks nothing itself: the connection's latest statement is then the client's own. */
  const readNothing = async () => {
    expect((await database.read(() => Promise.resolve(), { after: position })).host).toBe(replicaHosts[0]);
    return fleet.replicas[0]!.query(
      `select query_start from pg_stat_activity where query like '%pg_last_wal_replay_lsn%' and pid <> pg_backend_pid()`,
    );
  };
  const first = await readNothing();
  expect(first).toHaveLength(1);
  expect(await readNothing()).toEqual(first);
});

test('a read cannot write, also when the primary serves it', async () => {
  const database = fleet.open();
  const { position } = await database.write(one);
  const far = { ...position, timeline: position.timeline + 1 };
  const writes = database.read(({ query }) => query('insert into things values (-1)'), { after: far });
  await expect(writes).rejects.toMatchObject({ cause: { code: '25006' } });
  expect(await fleet.primary.query('select 1 from things where id = -1')).toEqual([]);
});

test('a replica that is killed under load costs no read; one that comes back gets its share again', async () => {
  const database = fleet.open();
  await settled(database, replicaHosts);
  const failed: unknown[] = [];
  let reads = 0;
  const killed = until(() => reads > 300).then(() => fleet.replicas[0]!.kill());
  let isKilled = false;
  void killed.then(() => (isKilled = true));
  let after = 0;
  await repeat(50_000, 6, async () => {
    if (after > 300) return;
    await database.read(one).catch((error: unknown) => failed.push(error));
    reads++;
    if (isKilled) after++;
  });
  await killed;
  expect(failed).toEqual([]);
  expect(database.counts().retries).toBeGreaterThan(0);
  expect(database.counts().renewals).toBeGreaterThan(0);
  await settled(database, replicaHosts.slice(1));
  await fleet.replicas[0]!.restart();
  await settled(database, replicaHosts);
});

test('a frozen replica holds nobody up for ever, and is left out until it thaws', async () => {
  const limits = { connectMillis: 300, statementMillis: 200, answerMillis: 300 };
  const database = fleet.open({ limits: { reading: limits } });
  await settled(database, replicaHosts);
  await fleet.replicas[1]!.freeze();
  const hosts: string[] = [];
  await repeat(200, 6, async () => void hosts.push(await hostOf(database)));
  expect(hosts).not.toContain(replicaHosts[1]);
  expect(database.counts().retries).toBeGreaterThan(0);
  fleet.replicas[1]!.thaw();
  await settled(database, replicaHosts);
});

test('a statement that is too slow is ended by the server, which is not blamed', async () => {
  const database = fleet.open({ limits: { reading: { statementMillis: 50 } } });
  const slow = database.read(({ query }) => query('select pg_sleep(60)'));
  await expect(slow).rejects.toMatchObject({ cause: { code: '57014' } });
  expect(database.counts()).toMatchObject({ retries: 0, renewals: 0 });
});

test('a conflict with recovery is tried elsewhere', async () => {
  const database = fleet.open();
  let attempts = 0;
  const conflict = `do $$ begin raise 'canceling statement due to conflict with recovery' using errcode = '40001'; end $$`;
  const { value } = await database.read(async ({ query }) => {
    if (++attempts === 1) await query(conflict);
    return attempts;
  });
  expect(value).toBe(2);
  expect(database.counts()).toMatchObject({ retries: 1, renewals: 0 });
});

test('all connections in use is no reason to blame the server', async () => {
  const limits = { connections: 1, connectMillis: 100 };
  const database = fleet.open({ limits: { reading: limits, writing: limits } });
  let done = () => {};
  const holding = database.write(() => new Promise<void>((resolve) => (done = resolve)));
  await expect(database.write(one)).rejects.toMatchObject({ cause: { code: 'POOL_BUSY' } });
  done();
  await holding;
  expect(database.counts().renewals).toBe(0);
  expect((await database.write(one)).value).toEqual([{ one: 1 }]);
});

test('a name that is not answered any more is left after its patience, not before', async () => {
  let later = 0;
  const database = fleet.open({ now: () => Date.now() + later });
  await settled(database, replicaHosts);
  fleet.names.readers = fleet.names.readers.slice(0, 2);
  later = patienceMillis(3) - 10_000;
  await settled(database, replicaHosts);
  later = patienceMillis(3) + 1_000;
  await settled(database, replicaHosts.slice(0, 2));
});

test('without any replica the primary serves, and the log says so once an interval', async () => {
  fleet.names.readers = replicaHosts.slice(0, 1).map((host) => ({ host, weight: 1 }));
  await fleet.replicas[0]!.kill();
  let later = 0;
  const database = fleet.open({ now: () => Date.now() + later });
  fleet.log.splice(0);
  const warnings = () => fleet.log.filter(({ message }) => message.includes('no replica can be reached'));
  await repeat(50, 4, async () => expect(await hostOf(database)).toBe(fleet.primary.host));
  expect(warnings()).toHaveLength(1);
  later = 20_000;
  await repeat(50, 4, async () => expect(await hostOf(database)).toBe(fleet.primary.host));
  expect(warnings().map(({ fields }) => fields)).toEqual([{ reads: 1 }, { reads: 50 }]);
  expect(database.counts().withoutReplica).toBe(100);
  // Nor when the name is gone altogether.
  fleet.names.readers = [];
  expect(await hostOf(fleet.open())).toBe(fleet.primary.host);
});

test('without any database a read fails as unavailable', async () => {
  const lost = fleet.open({ findRealName: () => Promise.reject(new Error('no DNS')) });
  await expect(lost.read(one)).rejects.toBeInstanceOf(DatabaseUnavailable);
  await expect(lost.write(one)).rejects.toBeInstanceOf(DatabaseUnavailable);
});
