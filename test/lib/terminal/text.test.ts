import { bytes, count, milliseconds, rate, seconds } from '../../../lib/terminal/quantities';
import { cell, columns, cut, line, wrapped } from '../../../lib/terminal/text';

test.each([
  ['plain', 5],
  ['数据', 4],
  ['e\u0301', 1],
  ['🚀', 2],
  ['', 0],
])('%s takes %d columns', (text, width) => {
  expect(columns(text)).toBe(width);
});

test.each([
  ['short', 5, 'short'],
  ['longer', 5, 'long…'],
  ['数据库', 5, '数据…'],
  ['数据库', 4, '数…'],
  ['any', 0, ''],
])('%s in %d columns: %s', (text, width, expected) => {
  expect(cut(text, width)).toBe(expected);
});

test('a cell has its width, on either side', () => {
  expect(cell('ab', 4)).toBe('ab  ');
  expect(cell('ab', 4, 'right')).toBe('  ab');
  expect(cell('数据库', 4)).toBe('数… ');
});

test('a line ends at 80 columns, colour or not', () => {
  const spans = [{ text: 'x'.repeat(79), tone: 'wrong' as const }, 'abc', 'def'];
  expect(line(spans, false)).toBe(`${'x'.repeat(79)}…`);
  expect(line(spans, true)).toBe(`\x1b[1;31m${'x'.repeat(79)}\x1b[0m…`);
});

test('long text is broken at spaces', () => {
  expect(wrapped('one two three incomprehensible', 9)).toEqual(['one two', 'three', 'incompre…']);
});

test('quantities', () => {
  expect([0, 9.94, 9.96, 99.4, 99.6, 5399, 5400, 172_799, 172_800].map(seconds)).toEqual([
    '0.0 s',
    '9.9 s',
    '10 s',
    '99 s',
    '2 min',
    '90 min',
    '2 h',
    '48 h',
    '2 days',
  ]);
  expect([0.42, 12.4, 999.4, 999.6, 61_000].map(milliseconds)).toEqual([
    '0.4 ms',
    '12 ms',
    '999 ms',
    '1.0 s',
    '61 s',
  ]);
  expect([0, 999, 1000, 16_777_216, 5e15].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '17 MB',
    '5,000 TB',
  ]);
  expect([1234567, 0.4].map(count)).toEqual(['1,234,567', '0']);
  expect([3.14, 1204.4].map(rate)).toEqual(['3.1', '1,204']);
});
