import type { Table } from '../../../../lambda/recovery/table';
import type { Change } from '../../../../lambda/recovery/plan';
import { batchesOf, runsOf, stepOf } from '../../../../lambda/recovery/apply/step';
import { unitsOf } from '../../../../lambda/recovery/apply/units';
import { table as tableOf } from '../made-plan';

const change = (number: number, changes: Partial<Change> = {}): Change => ({
  number,
  table: 'public.a',
  key: [String(number)],
  operation: 'insert',
  lost: `(${number},)`,
  present: null,
  transactions: [],
  ...changes,
});

const conflict = { kind: 'both changed', why: 'Both.' } as const;

test.each([
  ['(1,x)', null, 'insert'],
  ['(1,x)', '(1,y)', 'update'],
  [null, '(1,y)', 'delete'],
] as const)('from %s there and %s here: %s, whatever the plan calls it', (lost, present, operation) => {
  const step = stepOf(change(1, { lost, present, operation: 'update', conflict }), 'replace');
  expect(step).toMatchObject({ operation });
  expect(step).not.toHaveProperty('verdict');
});

test('rows of one table and operation that follow each other are one run', () => {
  const steps = [1, 2, 3, 4].map((number) =>
    stepOf(change(number, number === 3 ? { table: 'public.b' } : {}), 'keep'),
  );
  expect(runsOf(steps).map((run) => run.steps.length)).toEqual([2, 1, 1]);
});

test('batches are cut by rows and by size, and a row that is larger than that goes alone', () => {
  const sizes = (steps: Iterable<readonly unknown[]>) => [...steps].map(({ length }) => length);
  const steps = Array.from({ length: 7 }, (_, at) => stepOf(change(at + 1), 'keep'));
  expect(sizes(batchesOf(steps, 3))).toEqual([3, 3, 1]);
  const large = (number: number) => stepOf(change(number, { lost: 'x'.repeat(5_000_000) }), 'keep');
  expect(sizes(batchesOf([steps[0]!, large(2), steps[2]!, large(4), large(5), steps[5]!], 100))).toEqual([
    3, 1, 2,
  ]);
});

test('units hold those that refer to each other, directly or by others, and are not cut', () => {
  const columns = ['id', 'other'].map((name) => ({
    name,
    quoted: name,
    type: 'integer',
    isGenerated: false,
  }));
  const reference = (table: string) => ({ name: 'r', from: [1], table, to: [0], isDeferrable: false });
  const tables = new Map<string, Table>([
    ['public.a', tableOf('public.a', columns, { references: [reference('public.b')] })],
    ['public.b', tableOf('public.b', columns, { references: [reference('public.a')] })],
  ]);
  const row = (number: number, table: string, lost: string | null, present: string | null = null) =>
    stepOf(change(number, { table, lost, present }), 'keep');
  const steps = [
    row(1, 'public.a', '(1,1)'),
    row(2, 'public.a', '(2,3)'),
    row(3, 'public.b', '(1,1)'),
    row(4, 'public.b', '(3,4)'),
    row(5, 'public.a', '(4,)'),
    row(6, 'public.a', '(5,99)'),
    row(7, 'public.b', null, '(7,8)'),
    row(8, 'public.a', null, '(8,7)'),
  ];
  const units = new Map<number, number[]>();
  const inUnits = unitsOf(steps, tables);
  for (const { unit, change: one } of inUnits) units.set(unit!, [...(units.get(unit!) ?? []), one.number]);
  expect([...units.values()].sort()).toEqual([[1, 3], [2, 4, 5], [6], [7, 8]]);
  const batches = [...batchesOf(inUnits, 2)].map((batch) => new Set(batch.map(({ unit }) => unit)));
  expect(batches.length).toBeGreaterThan(1);
  expect(batches.flatMap((batch) => [...batch])).toHaveLength(units.size);
});
