import type { Client } from 'pg';
import { Problem } from '../../../lambda/recovery/problem';
import { parseRow, writeRow } from '../../../lambda/recovery/row-text';
import { type TestPostgres, startPostgres } from '../../support/postgres';

it.each([
  ['(1)', ['1']],
  ['()', [null]],
  ['(,)', [null, null]],
  ['("",,"")', ['', null, '']],
  ['(1,"a ""b"", \\\\ c",,"")', ['1', 'a "b", \\ c', null, '']],
  ['("""")', ['"']],
  ['("\\\\")', ['\\']],
  ['("\\\\""",x)', ['\\"', 'x']],
  ['("(1,""(2,\\\\""\\\\"")"")",x)', ['(1,"(2,\\"\\")")', 'x']],
])('%s', (text, values) => {
  expect(parseRow(text)).toEqual(values);
  expect(writeRow(values)).toBe(text);
});

it.each([
  '',
  '(',
  ')',
  '1,2',
  '(1',
  '1)',
  '("a)',
  '("a"b)',
  '(a"b)',
  '(a b)',
  '((a)',
  '("a\\")',
  '(a))',
  '("a" )',
  '("a""")x',
])('is no row: %j', (text) => {
  expect(() => parseRow(text)).toThrow(Problem);
});

describe('as PostgreSQL itself has it', () => {
  let server: TestPostgres;
  let client: Client;
  beforeAll(async () => {
    server = await startPostgres();
    client = await server.connect();
  });
  afterAll(async () => {
    await client?.end();
    await server?.stop();
  });

  const LETTERS = ['"', '""', '\\', ',', '(', ')', ' ', '\t', '\n', '\r', '\v', '\f', "'", '{', '}', 'a'];
  const MORE = [
    'NULL',
    'null',
    '\u00a0',
    '\u0085',
    '\u2028',
    '\u3000',
    'é',
    '🐘',
    '\u0001',
    '\u007f',
    '%',
    '$1',
  ];

  it('reads and writes any text', async () => {
    const random = numbers(1);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
    const value = () =>
      random() < 0.2
        ? null
        : Array.from({ length: Math.floor(random() * 7) }, () => pick([...LETTERS, ...MORE])).join('');
    const rows = Array.from({ length: 3_000 }, () => [value(), value(), value()]);
    const { rows: told } = await client.query<{ a: string; b: string; c: string; row: string }>(
      `select a, b, c, row(a, b, c)::text as row
         from json_to_recordset($1) as t(a text, b text, c text)`,
      [JSON.stringify(rows.map(([a, b, c]) => ({ a, b, c })))],
    );
    expect(told).toHaveLength(rows.length);
    for (const { a, b, c, row } of told) {
      expect(parseRow(row)).toEqual([a, b, c]);
      expect(writeRow([a, b, c])).toBe(row);
    }
  });

  it('reads rows in rows, arrays, dropped columns, and gives them back', async () => {
    await client.query(`
      create type pair as (a text, b text[]);
      create table nested (x int, p pair, ps pair[], j jsonb, r tstzrange, e bytea, g text generated always as ('a "g"') stored);
      alter table nested drop column x;
      insert into nested values
        (row('a "b" \\', array['c,d', null, '', 'null']), array[row('(', array[')'])::pair, null],
         '{"a": "\\" \\\\ ,"}', '[2020-01-01 00:00:00.000001+00,)', '\\x00ff'),
        (null, '{}', 'null', 'empty', '')`);
    const { rows } = await client.query<{ row: string; values: (string | null)[] }>(
      `select t::text as row, json_build_array(p::text, ps::text, j::text, r::text, e::text, g) as values from nested t`,
    );
    for (const { row, values } of rows) {
      expect(parseRow(row)).toEqual(values);
      expect(writeRow(values)).toBe(row);
    }
    expect(rows).toHaveLength(2);
  });
});

/** Always the same ones: mulberry32. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
