import { availableParallelism } from 'node:os';
import { generate } from '../../../trial/simulation/generate';
import { simulate } from '../../../trial/simulation/simulate';
import { MUTANTS } from './mutants/all';
import { HALVES } from './mutants/halves';
import { hunted } from './mutants/mutated';
import type { Mutant } from './mutants/mutant';

/** Where the remembered schedule does not find it any more, these are tried. */
const OTHERS = Array.from({ length: 40 }, (_, index) => index + 1);

jest.setTimeout(300_000);

async function find({ controller, seed }: Mutant) {
  for (const one of seed === undefined ? OTHERS : [seed, ...OTHERS]) {
    const { violation } = await simulate(generate(one), controller());
    if (violation) return { seed: one, violation };
  }
  return undefined;
}

test('there are enough, each with a name of its own', () => {
  const names = [...MUTANTS, ...HALVES].map(({ name }) => name);
  expect(names.length).toBeGreaterThanOrEqual(40);
  expect(new Set(names).size).toBe(names.length);
});

test.each(MUTANTS)('a controller that $name is found out', async (mutant) => {
  const found = await find(mutant);
  expect(found?.violation.number).toBeDefined();
  // The unchanged one breaks nothing there.
  expect((await simulate(generate(found!.seed))).violation).toBeUndefined();
});

test('each half of a guard that is left out is found out', async () => {
  const todo = [...HALVES];
  const survivors: string[] = [];
  const work = async () => {
    for (let half = todo.shift(); half; half = todo.shift()) {
      if (!(await hunted([half.seed, ...OTHERS], half))) survivors.push(half.name);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  expect(survivors).toEqual([]);
});

test('ours breaks nothing in the schedules that find them', async () => {
  expect(await hunted(HALVES.map(({ seed }) => seed))).toBeUndefined();
});
