import { Programs } from '../programs';
import { judge, twoWay } from './judge';
import { proposals } from './pg-comparator';
import { recovery } from './recovery';
import { differences } from './reladiff';
import { type Measured, figuresOf, tableOf } from './results';
import { CONFLICTS, LOST, TO_PUT_BACK, truthOf } from './truth';

const truth = truthOf(1_000);

test('200 changes are lost; each row has one role', () => {
  expect([LOST, TO_PUT_BACK, CONFLICTS]).toEqual([200, 112, 83]);
  const keys = Object.values(truth).flat();
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.length).toBe(240);
  expect(Object.entries(truth).map(([role, keys]) => [role, keys.every((key) => key > 1_000)])).toEqual(
    Object.keys(truth).map((role) => [
      role,
      ['insert lost', 'key given out again', 'inserted here'].includes(role),
    ]),
  );
});

test('what was lost and is put back as it was is correct, all else is harmful', () => {
  const [inserted, other] = truth['insert lost'];
  const [taken] = truth['key given out again'];
  expect(
    judge(truth, [
      { operation: 'insert', key: inserted! },
      // A second time is one too many.
      { operation: 'insert', key: inserted! },
      { operation: 'delete', key: other! },
      { operation: 'update', key: taken! },
      { operation: 'update', key: truth['delete lost'][0]! },
      { operation: 'delete', key: 999_999 },
    ]),
  ).toEqual({
    correct: 1,
    harmful: 5,
    missed: 111,
    harm: {
      'brings back: insert lost': 1,
      'deletes: insert lost': 1,
      'overwrites: key given out again': 1,
      'overwrites: delete lost': 1,
      'deletes: untouched': 1,
    },
  });
});

test('a row on both sides is an update, on one of them an insert or a delete', () => {
  expect(twoWay([1, 2, 2], [2, 3])).toEqual([
    { operation: 'insert', key: 1 },
    { operation: 'update', key: 2 },
    { operation: 'delete', key: 3 },
  ]);
});

test('what the peers print is understood', () => {
  expect(proposals('UPDATE 7\nINSERT 12\nDELETE 3\n')).toEqual([
    { operation: 'update', key: 7 },
    { operation: 'insert', key: 12 },
    { operation: 'delete', key: 3 },
  ]);
  expect(
    differences('["-", ["7", "old"]]\n["+", ["7", "new"]]\n["-", ["8", "[\\"+\\", [\\"9\\""]]\n'),
  ).toEqual([
    { operation: 'update', key: 7 },
    { operation: 'insert', key: 8 },
  ]);
});

const measured = (tool: string, seconds: number[], changes: Partial<Measured> = {}): Measured => ({
  ...{ tool, seconds, isOurs: false, isPeer: true, workSeconds: [], peakMiB: [10], backendMiB: [] },
  judgement: { correct: 112, harmful: 0, missed: 0, harm: {} },
  ...changes,
});

test('ours is held against the faster peer of each run; who is missing is named', () => {
  const size = {
    rows: 2_000_000,
    measured: [
      measured('ours', [1, 2], { isOurs: true, isPeer: false, workSeconds: [1, 1] }),
      measured('one', [30, 50]),
      measured('other', [40, 20]),
    ],
    missing: [{ tool: 'third', why: 'third is missing.' }],
    faults: [],
  };
  const ratio = figuresOf(size).find(({ unit }) => unit === 'times');
  expect(figuresOf(size).map(({ name }) => name)).toContain('2 M rows: of that without the start of Node');
  expect(ratio).toMatchObject({ name: '2 M rows: the faster of one and other to ours', values: [30, 10] });
  expect(tableOf([size]).rows.at(-1)).toEqual(['2 M', 'third: missing', '', '', '', '', '', '']);
  expect(figuresOf({ ...size, measured: [size.measured[0]!] }).some(({ unit }) => unit === 'times')).toBe(
    false,
  );
});

test('on two servers: all that was lost is found, nothing else is touched; plain SQL does harm', async () => {
  const programs = new Programs();
  const said: string[] = [];
  try {
    const bench = {
      programs,
      runs: 1,
      signal: new AbortController().signal,
      say: (text: string) => said.push(text),
    };
    const section = await recovery({ ...bench, rows: [2_000], peers: [] });
    expect(section.table!.rows.map(([, tool, , , , ...judged]) => [tool, ...judged])).toEqual([
      ['recovery, by the slot', '112', '0', '0'],
      ['recovery, by rows', '112', '0', '0'],
      ['plain SQL, EXCEPT', '112', '123', '0'],
    ]);
    // What is wrong on the new primary after the apply would be said.
    expect(said.filter((text) => !text.startsWith('2,000 rows'))).toEqual([]);
    expect(section.figures.find(({ name }) => name.includes('faults'))!.values).toEqual([0]);
  } finally {
    await programs.end();
  }
});
