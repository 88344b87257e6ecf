import type { Fleet } from './fleet';
import { startFleet } from './fleet';
import { tryOwnWrites } from './own-writes-trial';

jest.setTimeout(300_000); // no verdict by time: this only ends what would last for ever

const TRIES = 10_000;

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet([{ delayMillis: 2_000 }, {}], 'create table things (id integer primary key)');
});
afterAll(() => fleet?.stop());

test('in 10,000 tries nobody misses an own write, and the others are served by replicas', async () => {
  const { stale, own, others } = await tryOwnWrites(fleet.open(), TRIES);
  const { host } = fleet.primary;
  console.log(
    `own writes: ${stale} stale of ${TRIES}; ${own[host] ?? 0} of them, ${others[host] ?? 0} others at the primary`,
  );
  expect(stale).toBe(0);
  expect((others[host] ?? 0) / TRIES).toBeLessThanOrEqual(0.1);
});
