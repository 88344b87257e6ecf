import { type TestPostgres, startPostgres } from '../../../support/postgres';
import { check } from './random';

let server: TestPostgres;
beforeAll(async () => (server = await startPostgres()));
afterAll(() => server?.stop());

const FROM = Number(process.env['SEED'] ?? 1);
const SEEDS = Array.from({ length: Number(process.env['SEEDS'] ?? 4) }, (_, i) => FROM + i);

it.each(SEEDS)('alone, all comes back: history %i', async (seed) => {
  const { changes } = await check(server, seed, true);
  expect(changes).toBeGreaterThan(0);
});

it.each(SEEDS)('beside the new primary’s own writes, none of these is touched: history %i', async (seed) => {
  const { changes } = await check(server, seed, false);
  expect(changes).toBeGreaterThan(0);
});
