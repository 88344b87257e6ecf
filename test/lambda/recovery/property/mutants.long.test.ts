/** Wrong finders, and wrong parts behind them: the property tests must go red with each of them. */
import { makeCase } from './case';
import { type Way, changesOf, judgePlanning, judgeRecovery } from './judge-case';
import { MUTANTS, type Mutant } from './mutants';
import { now } from './replaced';
import { type World, play } from './world';

jest.mock('../../../../lambda/recovery/slot/read', () =>
  jest
    .requireActual('./replaced')
    .replaced('read', jest.requireActual('../../../../lambda/recovery/slot/read')),
);
jest.mock('../../../../lambda/recovery/slot/decode', () =>
  jest
    .requireActual('./replaced')
    .replaced('decode', jest.requireActual('../../../../lambda/recovery/slot/decode')),
);
jest.mock('../../../../lambda/recovery/slot/relations', () =>
  jest
    .requireActual('./replaced')
    .replaced('relations', jest.requireActual('../../../../lambda/recovery/slot/relations')),
);
jest.mock('../../../../lambda/recovery/slot/history', () =>
  jest
    .requireActual('./replaced')
    .replaced('history', jest.requireActual('../../../../lambda/recovery/slot/history')),
);
jest.mock('../../../../lambda/recovery/boundary', () =>
  jest
    .requireActual('./replaced')
    .replaced('boundary', jest.requireActual('../../../../lambda/recovery/boundary')),
);
jest.mock('../../../../lambda/recovery/classify', () =>
  jest
    .requireActual('./replaced')
    .replaced('classify', jest.requireActual('../../../../lambda/recovery/classify')),
);
jest.mock('../../../../lambda/recovery/dependents/conflicts', () =>
  jest
    .requireActual('./replaced')
    .replaced('conflicts', jest.requireActual('../../../../lambda/recovery/dependents/conflicts')),
);
jest.mock('../../../../lambda/recovery/sequences', () =>
  jest
    .requireActual('./replaced')
    .replaced('sequences', jest.requireActual('../../../../lambda/recovery/sequences')),
);
jest.mock('../../../../lambda/recovery/ledger', () =>
  jest
    .requireActual('./replaced')
    .replaced('ledger', jest.requireActual('../../../../lambda/recovery/ledger')),
);

/** Some of them for each mutant that is only seen when a plan is applied: that can be done once. */
const FIRST = 501;
const CASES = 24;

let world: World;
let today: string;
const left: number[] = [];

beforeAll(async () => {
  world = await play(Array.from({ length: CASES }, (_, at) => makeCase(FIRST + at)));
  const client = await world.client('primary', 'postgres');
  const { rows } = await client.query<{ today: string }>('select pg_current_snapshot()::text as today');
  today = rows[0]!.today;
  await client.end();
  left.push(...world.played.keys());
});
afterAll(() => world.stop());

/** Under a mutant, or with everything right. */
async function under<T>(mutant: Mutant | undefined, work: (world: World) => Promise<T>): Promise<T> {
  const fork = mutant?.fork?.(world.fork, today) ?? world.fork;
  now.mutant = mutant;
  now.fork = fork;
  try {
    return await work({ ...world, fork });
  } finally {
    now.mutant = undefined;
  }
}

const right = new Map<string, Promise<string[]>>();

/** With everything right nothing is wrong with a case. */
async function isRight(at: number, way: Way): Promise<void> {
  const id = `${way} ${at}`;
  if (!right.has(id))
    right.set(
      id,
      under(undefined, (right) => judgePlanning(right, world.played[at]!, way)),
    );
  expect(await right.get(id)).toEqual([]);
}

/** @returns whether the mutant's plan is another one */
async function differs(mutant: Mutant, at: number): Promise<boolean> {
  const plan = (wrong?: Mutant) => under(wrong, (right) => changesOf(right, world.played[at]!, mutant.way));
  return (await plan()) !== (await plan(mutant));
}

/** By a fault that is found, not by an error that the mutant falls over. */
async function isRed(mutant: Mutant, at: number): Promise<boolean> {
  const judge = mutant.isApplied ? judgeRecovery : judgePlanning;
  return (await under(mutant, (wrong) => judge(wrong, world.played[at]!, mutant.way))).length > 0;
}

test('there are twelve and more, each with a name of its own', () => {
  expect(MUTANTS.length).toBeGreaterThanOrEqual(12);
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
});

test.each([...MUTANTS].sort((one, other) => Number(!!one.isApplied) - Number(!!other.isApplied)))(
  'a recovery that $name is found out',
  async (mutant) => {
    for (const at of [...left]) {
      await isRight(at, mutant.way);
      if (mutant.isApplied === true && !(await differs(mutant, at))) continue;
      // A case can be applied once.
      if (mutant.isApplied) left.splice(left.indexOf(at), 1);
      if (await isRed(mutant, at)) return;
    }
    throw new Error(`None of ${CASES} histories shows it`);
  },
  300_000,
);
