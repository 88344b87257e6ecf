import type { Applied } from '../../../../lambda/recovery/apply/applied';
import { printApplied } from '../../../../lambda/recovery/report/applied';

const AGAIN = 'npm run recover -- apply recovery/p/plan.jsonl';

const APPLIED: Applied = {
  plan: 'epoch-3-20261122T190501Z',
  isDryRun: false,
  total: 100_007,
  done: 100_007,
  counts: { applied: 100_000, kept: 5, 'changed since': 1, refused: 1 },
  tables: [
    { table: 'public.notes', counts: { applied: 60_000, kept: 5 } },
    {
      table: 'public."A table whose name is longer than the column"',
      counts: { applied: 40_000, refused: 1, 'changed since': 1 },
    },
  ],
  refused: [
    {
      number: 17,
      table: 'public.notes',
      key: ['1\u001b[2J', 'b'],
      operation: 'insert',
      why: 'new row for relation "notes" violates check constraint "positive"\nDetail: a row',
      sqlState: '23514',
    },
  ],
  changed: [{ number: 18, table: 'public.notes', key: ['4'], operation: 'delete', why: 'written since' }],
  isComplete: false,
  isPaused: false,
  seconds: 4.21,
  rowsPerSecond: 23_754.6,
  sequences: [
    { name: 'public.notes_id_seq', outcome: 'advanced', last: '140' },
    { name: 'public.x', outcome: 'refused', why: 'it belongs to anna', sql: "select setval('public.x', 7);" },
  ],
};

test('all of it, in 80 columns, and nothing that steers a terminal', () => {
  const text = printApplied(APPLIED, AGAIN);
  expect(text).toMatchSnapshot();
  expect(text).not.toContain('\u001b');
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test.each<[string, Partial<Applied>, RegExp]>([
  [
    'complete',
    { isComplete: true, refused: [], counts: { applied: 3 } },
    /recovery of this plan is complete\.\n$/,
  ],
  [
    'paused',
    { isPaused: true, done: 7 },
    /^Paused: 7 of 100,007 changes [^]*goes on where it was with the same command:\n {2}npm run recover -- apply recovery\/p\/plan\.jsonl\n$/,
  ],
  [
    'a dry run',
    { isDryRun: true },
    /^Dry run, nothing was written: [^]*1 sequence would be set [^]*To do it:\n/,
  ],
  [
    'one left open',
    { counts: { skipped: 1 } },
    /1 change of it is still open: the old primary stays in quarantine/,
  ],
  [
    'nothing at all',
    {
      counts: {},
      tables: [],
      refused: [],
      changed: [],
      sequences: [],
      total: 0,
      done: 0,
      rowsPerSecond: 0,
      isComplete: true,
    },
    /^Done: 0 of 0 changes /,
  ],
])('%s', (_, changes, expected) => {
  expect(printApplied({ ...APPLIED, ...changes }, AGAIN)).toMatch(expected);
});

test('every outcome at once fits as well', () => {
  const counts = {
    ...{ applied: 1, replaced: 2, kept: 3, skipped: 4, refused: 5 },
    ...{ 'changed since': 123_456, 'already here': 7, 'done before': 8 },
  };
  const tables = APPLIED.tables.map(({ table }) => ({ table, counts }));
  const text = printApplied({ ...APPLIED, counts, tables }, AGAIN);
  expect(text).toMatchSnapshot();
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('of many, the first are told', () => {
  const refused = Array.from({ length: 50 }, (_, index) => ({ ...APPLIED.refused[0]!, number: index }));
  const text = printApplied({ ...APPLIED, refused, counts: { refused: 1234 } }, AGAIN);
  expect(text).toContain('  … and 1,224 more');
});
