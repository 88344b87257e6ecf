import { parseArguments } from './arguments';
import { median, pairwise, reached } from './figure';
import { jestSeconds } from './npm-test';
import { json, printed, quantity, tabulated } from './print';
import { stepsIn } from './start';

test.each([
  [[3], 3],
  [[3, 1, 2], 2],
  [[10, 9, 100, 8], 9.5],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

test('there is no median of nothing', () => {
  expect(() => median([])).toThrow('median of nothing');
});

test('a goal is reached at its limit and missed beyond it', () => {
  expect([2.5, 2.51].map((value) => reached(value, { atMost: 2.5 }))).toEqual([true, false]);
  expect([8, 7.99].map((value) => reached(value, { atLeast: 8 }))).toEqual([true, false]);
});

test('what was measured in turn is compared pair by pair', () => {
  expect(pairwise([8, 20], [2, 4], (left, right) => left / right)).toEqual([4, 5]);
});

test.each([
  [2.414, 's', '2.41 s'],
  [61.25, 's', '61.3 s'],
  [-0.5, 's', '-0.50 s'],
  [8.06, 'times', '8.1×'],
  [52331, 'bytes', '52,331 bytes'],
  [0.4167, '%', '0.42 %'],
  [3, 'writes', '3'],
] as const)('%d in %s is printed as %s', (value, unit, expected) => {
  expect(quantity(value, unit)).toBe(expected);
});

const TABLE = {
  columns: [{ name: 'Stack' }, { name: 'Bytes', number: true }],
  rows: [
    ['web', '1,000'],
    ['network', '9'],
  ],
};

test('a table for a terminal', () => {
  expect(tabulated(TABLE, false)).toBe(
    ['  Stack     Bytes', '  ───────   ─────', '  web       1,000', '  network       9'].join('\n'),
  );
});

test('a table in Markdown', () => {
  expect(tabulated(TABLE, true)).toBe(
    ['| Stack   | Bytes |', '| ------- | ----: |', '| web     | 1,000 |', '| network |     9 |'].join('\n'),
  );
});

const REPORT = {
  machine: { date: '2026-01-02', processor: 'CPU', cores: 2, memoryGiB: 8, node: 'v20.0.0', system: 'Linux' },
  runs: 3,
  sections: [
    {
      part: 'synth',
      title: 'Synthesis',
      about: 'How.',
      figures: [
        { name: 'met', unit: 's', values: [1, 2, 3], goal: { atMost: 4 } },
        { name: 'missed', unit: 'times', values: [4, 4, 4], goal: { atLeast: 8 } },
        { name: 'free', unit: 's', values: [5, 5, 5] },
      ],
    },
  ],
} as const;

test('each figure is shown with its range, its goal and whether that is reached', () => {
  const lines = printed(REPORT, true)
    .split('\n')
    .filter((line) => /met|missed|free/.test(line));
  expect(
    lines.map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    ),
  ).toEqual([
    ['met', '2.00 s', '1.00 s to 3.00 s', '≤ 4.00 s', '50 %', '✓'],
    ['missed', '4.0×', '', '≥ 8.0×', '50 %', '✗'],
    ['free', '5.00 s', '', '', '', ''],
  ]);
});

test('the JSON has medians and verdicts', () => {
  const [met, missed, free] = JSON.parse(json(REPORT)).sections[0].figures;
  expect([met.median, met.reached]).toEqual([2, true]);
  expect(missed.reached).toBe(false);
  expect(free).not.toHaveProperty('reached');
});

test("jest's time is found below its colours, and its absence is told", () => {
  expect(jestSeconds('Tests: 3 passed\nTime:        98.123 s, estimated 101 s\n')).toBe(98.123);
  expect(jestSeconds('Time:        \x1b[1m\x1b[33m7 s\x1b[39m\x1b[22m')).toBe(7);
  expect(() => jestSeconds('no tests')).toThrow('Time:');
});

test("the steps are found below npm's lines, and their absence is told", () => {
  expect(stepsIn('\n> start\n\n{\n  "steps": [{ "name": "a", "seconds": 1 }]\n}\n')).toEqual([
    { name: 'a', seconds: 1 },
  ]);
  expect(() => stepsIn('> start')).toThrow('no JSON');
});

test('by default everything quick is measured five times; named parts come in the order of measuring', () => {
  expect(parseArguments([])).toMatchObject({
    parts: ['synth', 'start', 'templates'],
    runs: 5,
    hours: 1,
    form: 'text',
  });
  expect(parseArguments(['templates', 'test', '--runs', '7', '--markdown'])).toMatchObject({
    parts: ['test', 'templates'],
    runs: 7,
    form: 'markdown',
  });
});

test.each([
  [
    ['sinth'],
    '"sinth" cannot be measured: the parts are synth, start, test, templates, failover, failover-look, failover-calm, recovery, recovery-apply.',
  ],
  [['--runs', '0'], '--runs 0 is not a number of runs: it is a whole number from 1 to 999.'],
  [['--hours', '25'], '--hours 25 is not a length of time: it is a number up to 24, such as 0.2.'],
  [['--json', '--markdown'], '--json and --markdown are two forms of one output: give one of them.'],
  [
    ['--rows', '1000000,12'],
    '--rows 1000000,12 is not a list of table sizes: whole numbers from 1000 to 100000000, such as 1000000,10000000.',
  ],
  [['--fast'], "Unknown option '--fast': see npm run bench -- --help."],
])('%j is answered in one sentence', (args, sentence) => {
  expect(() => parseArguments(args)).toThrow(new Error(sentence));
});
