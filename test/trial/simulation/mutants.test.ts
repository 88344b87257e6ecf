import { generate } from '../../../trial/simulation/generate';
import { simulate } from '../../../trial/simulation/simulate';
import { MUTANTS } from './mutants/all';
import type { Mutant } from './mutants/mutant';

/** Within so many schedules each has to be found. */
const SCHEDULES = 250;

/** @returns how many schedules it took, and what was found; nothing when it was not */
async function find({ controller, breaks, from = 1 }: Mutant) {
  for (let seed = from; seed < from + SCHEDULES; seed++) {
    const { violation } = await simulate(generate(seed), controller());
    if (violation && breaks.includes(violation.number)) return { seed, violation };
  }
  return undefined;
}

test('there are twelve and more, each with a name of its own', () => {
  expect(MUTANTS.length).toBeGreaterThanOrEqual(12);
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
});

test.each(MUTANTS)(
  'a controller that $name is found out',
  async (mutant) => {
    const found = await find(mutant);
    expect(found?.violation.number).toBeDefined();
    // The unchanged one breaks nothing there.
    expect((await simulate(generate(found!.seed))).violation).toBeUndefined();
  },
  120_000,
);
