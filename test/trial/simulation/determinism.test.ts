import { generate } from '../../../trial/simulation/generate';
import { simulate } from '../../../trial/simulation/simulate';

jest.setTimeout(120_000);

const SEEDS = [1, 2, 3];

test('the same seed is the same schedule', () => {
  for (const seed of SEEDS) expect(generate(seed)).toEqual(generate(seed));
  expect(new Set(SEEDS.map((seed) => JSON.stringify(generate(seed).faults))).size).toBe(SEEDS.length);
});

test('the same schedule comes to the same end, step by step', async () => {
  const once = [];
  for (const seed of SEEDS) once.push(await simulate(generate(seed)));
  // In another order, as in another worker.
  for (const before of [...once].reverse()) {
    const again = await simulate(generate(before.schedule.seed));
    expect(again.hash).toBe(before.hash);
    expect(again.trace).toEqual(before.trace);
    expect(again.statistics).toEqual(before.statistics);
  }
  expect(new Set(once.map(({ hash }) => hash)).size).toBe(SEEDS.length);
});

test('two at once do not disturb each other', async () => {
  const [one, other] = await Promise.all([simulate(generate(1)), simulate(generate(2))]);
  expect(one!.hash).toBe((await simulate(generate(1))).hash);
  expect(other!.hash).toBe((await simulate(generate(2))).hash);
});
