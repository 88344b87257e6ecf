import { parseArguments } from '../../../trial/simulation/arguments';

test('what is given is read; the rest has defaults', () => {
  expect(parseArguments([])).toMatchObject({
    schedules: 1000,
    seed: 1,
    scenario: 'any',
    verbose: false,
    json: false,
  });
  expect(parseArguments(['--seed', '7'])).toMatchObject({ schedules: 1, seed: 7 });
  expect(
    parseArguments(['--schedules=20', '--scenario', 'switchover', '--json', '--workers', '3']),
  ).toMatchObject({
    schedules: 20,
    scenario: 'switchover',
    json: true,
    workers: 3,
  });
  expect(parseArguments(['-h']).help).toBe(true);
});

test.each([
  [['--schedles', '3'], '--schedles is not known: did you mean --schedules?'],
  [['--quickly'], '--quickly is not known: see npm run simulate -- --help.'],
  [['--schedules'], '--schedules needs a value: see npm run simulate -- --help.'],
  [['--schedules', '0'], '--schedules 0 is not allowed: it is a whole number from 1 to 10000000.'],
  [['--seed', '-1'], '--seed -1 is not allowed: it is a whole number from 0 to 4294967295.'],
  [['--workers', 'many'], '--workers many is not allowed: it is a whole number from 1 to 64.'],
  [['--json=yes'], '--json takes no value, but "yes" was given.'],
  [['7'], '"7" is not an option: see npm run simulate -- --help.'],
  [['--scenario', 'primary-die'], '--scenario primary-die is not known: did you mean primary-dies?'],
])('%j is refused in one sentence', (args, sentence) => {
  expect(() => parseArguments(args)).toThrow(sentence);
});
