import { conflictsOf } from '../../../../lambda/recovery/dependents/conflicts';
import type { Demand } from '../../../../lambda/recovery/dependents/demands';
import type { Row } from '../../../../lambda/recovery/dependents/rows';
import type { Operation } from '../../../../lambda/recovery/plan';

/** `u` an update, `u!` one that is a conflict already. */
const rows = (text: string): Row[] =>
  text.split(' ').map((letter) => {
    const operations: Record<string, Operation> = { i: 'insert', u: 'update', d: 'delete' };
    const conflict = { kind: 'both changed', why: 'Both.' } as const;
    const draft = { operation: operations[letter[0]!]!, ...(letter.endsWith('!') && { conflict }) };
    return { draft } as unknown as Row;
  });

/** `1>0` 1 needs 0, `1>>0` not in the same statement, `1>` it needs what nobody has. */
const demands = (text: string): Demand[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((demand) => {
      const [of, on] = demand.split(/>+/) as [string, string];
      return {
        of: Number(of),
        ...(on !== '' && { on: Number(on) }),
        isSoft: !demand.includes('>>'),
        conflict: { kind: 'parent missing', why: `${demand}.` },
      };
    });

/** What each is: `.` can be made, else why not. */
const told = (row: string, demand: string) =>
  conflictsOf(rows(row), demands(demand)).map((conflict) =>
    conflict ? (conflict.why.startsWith('It swaps') ? 'swap' : conflict.why) : '.',
  );

it.each([
  ['nothing', 'i i', '1>0', ['.', '.']],
  ['what is missing, and all that hangs on it', 'i i i i', '0> 1>0 2>1', ['0>.', '1>0.', '2>1.', '.']],
  ['what is a conflict already', 'u! i', '1>0', ['Both.', '1>0.']],
  ['the second reason of a conflict, and not that of another', 'u! u!', '0> 1>0', ['Both. 0>.', 'Both.']],
  ['a cycle of foreign keys', 'i i', '0>1 1>0', ['.', '.']],
  ['a cycle with somebody who is missing', 'i i i', '0>1 1>0 1>2 2>', ['0>1.', '1>2.', '2>.']],
  ['values that go round', 'u u u', '0>>1 1>>0 2>>1', ['swap', 'swap', '2>>1.']],
  ['values that go round, with a conflict among them', 'u u!', '0>>1 1>>0', ['0>>1.', 'Both.']],
  ['a value that is freed by another operation in a cycle', 'i u d', '0>>2 2>1 1>0', ['.', '.', '.']],
  [
    'updates in a cycle, one of which frees what another takes',
    'u u d',
    '0>>1 1>2 2>0',
    ['swap', '1>2.', '2>0.'],
  ],
  ['itself', 'u', '0>0 0>>0', ['.']],
])('%s', (_name, row, demand, expected) => {
  expect(told(row, demand)).toEqual(expected);
});

it('keeps two apart that would harm each other in one statement, and lets them be where they need not be in one', () => {
  const conflict = { kind: 'still referred to', why: 'Harm.' } as const;
  const hazards = [{ of: 2, with: 0, conflict }];
  const kinds = (demand: string) =>
    conflictsOf(rows('i u d'), demands(demand), hazards).map((found) => found?.why ?? '.');
  expect(kinds('0>>2 2>1')).toEqual(['.', '.', '.']);
  expect(kinds('0>>2 2>1 1>0')).toEqual(['0>>2.', '1>0.', 'Harm.']);
});

it('follows a hundred thousand', () => {
  const size = 100_000;
  const chain = Array.from({ length: size }, (_, i) => (i === 0 ? '0>' : `${i}>${i - 1}`)).join(' ');
  const found = conflictsOf(rows('i '.repeat(size).trim()), demands(chain));
  expect(found.every(Boolean)).toBe(true);
});
