/** Looks, openings and the making of the roles, whatever defaults a database or a role has. */
import { open } from '../../../../lambda/failover/postgres/open';
import { prober } from '../../../../lambda/failover/postgres/probe';
import { seeded } from '../../../../trial/load/random';
import { HOSTILE_SCHEMA, type Hostile, dealt, hostileDefaults, setting } from '../../../app/database/hostile';
import { copyOf, eventually } from '../../../trial/postgres/world';
import { PRIMARY, type Stand, startStand } from './stand';

jest.setTimeout(300_000);

const REPLICA = 'db-B';
const SIZE = 12;
const DEALS = 2;

let stand: Stand;
let epoch = 1;
let all: Hostile[][];
/** Of the trial's own superuser, whom no default of the site's database reaches. */
const ask = (text: string) => stand.world.plane.query(PRIMARY, text);

beforeAll(async () => {
  stand = await startStand();
  await stand.as('master', PRIMARY, HOSTILE_SCHEMA);
  await stand.world.plane.createReplica(copyOf(REPLICA), PRIMARY);
  all = await hostileDefaults(ask);
  expect(all.length).toBeGreaterThan(100);
});
afterAll(() => stand?.world.end());

const SCOPES = ['database site', 'role controller', 'role controller in database site'];

async function reset(): Promise<void> {
  for (const scope of SCOPES) await ask(`alter ${scope} reset all`);
}

/** When the replica has replayed what was set: by the superuser's own look, as the controller's may fail. */
async function replayed(): Promise<void> {
  const [row] = await ask('select pg_current_wal_flush_lsn()::text as lsn');
  await eventually(async () => {
    const [is] = await stand.world.plane.query(
      REPLICA,
      `select pg_last_wal_replay_lsn() >= '${String(row!['lsn'])}'::pg_lsn as so`,
    );
    return is!['so'] === true;
  });
}

/** @returns what is wrong, in a sentence */
async function wrongUnder(hostile: readonly Hostile[]): Promise<string | undefined> {
  const probe = prober(stand.access, stand.log);
  const isReadOnly = hostile.some(({ name }) => name === 'default_transaction_read_only');
  epoch += 1;
  const before = Date.now();
  await open(stand.address(PRIMARY), stand.access, stand.log, { epoch, sequenceGap: 10 });
  const primary = await probe(stand.address(PRIMARY), { epoch });
  const replica = await probe(stand.address(REPLICA));
  if (!primary.reached) return `primary ${primary.why}: ${primary.message}`;
  if (!replica.reached) return `replica ${replica.why}: ${replica.message}`;
  if (primary.inRecovery || !replica.inRecovery) return 'roles are mixed up';
  if (primary.heartbeat.epoch !== epoch || primary.heartbeat.at < before)
    return 'the heartbeat is not written';
  if ((primary.write === 'written') === isReadOnly) return `write: ${JSON.stringify(primary.write)}`;
  if (primary.startedAt !== usual.startedAt) return `started at ${primary.startedAt}, not ${usual.startedAt}`;
  if (!/^[\dA-F]+\/[\dA-F]+$/.test(replica.received)) return `received ${replica.received}`;
  if (!/^\d+:\d+:[\d,]*$/.test(replica.snapshot)) return `snapshot ${replica.snapshot}`;
  return undefined;
}

test('a replica answers though every transaction of its database is to be serializable', async () => {
  const serializable = { name: 'default_transaction_isolation', value: 'serializable' };
  await ask(setting('database site', serializable));
  await replayed();
  const seen = await prober(stand.access, stand.log)(stand.address(REPLICA));
  await reset();
  expect(seen).toMatchObject({ reached: true, inRecovery: true });
});

let usual: { startedAt: number };

test.each(Array.from({ length: DEALS }, (_, seed) => [seed + 1]))(
  'looks and openings do not notice them (seed %i)',
  async (seed) => {
    const probe = prober(stand.access, stand.log);
    usual = (await probe(stand.address(PRIMARY))) as unknown as typeof usual;
    const random = seeded(seed);
    const wrong: string[] = [];
    for (const [at, hostile] of dealt(random, all, SIZE).entries()) {
      const scope = SCOPES[(at + seed) % SCOPES.length]!;
      const texts = hostile.map((one) => setting(scope, one));
      for (const text of texts) await ask(text).catch(() => undefined);
      await replayed();
      const why = await wrongUnder(hostile).catch((error: Error) => error.message);
      if (why !== undefined) wrong.push(`${why}: ${texts.join('; ')}`);
      await reset();
    }
    expect(wrong).toEqual([]);
  },
);
