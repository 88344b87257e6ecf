/** Column types, each with values that a careless copy would change. */
import { type Random, between, chance, oneOf } from '../../../../trial/simulation/random';

export interface Kind {
  readonly type: string;
  /** An expression in SQL, never NULL. */
  value(random: Random): string;
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** One of a list, cast to the type. */
const list = (type: string, ...values: readonly string[]): Kind => ({
  type,
  value: (random) => `${quoted(oneOf(random, values))}::${type}`,
});

const TEXTS = [
  ...['', ' ', 'a', 'NULL', 'null', 'A', 'with, comma', '(in brackets)', '"quoted"', "it's", 'back\\slash'],
  ...[
    'two\nlines',
    'tab\there',
    'ü€😀',
    'é',
    'e\u0301',
    '{1,2}',
    '\\\\"',
    "table public.t: INSERT: id[integer]:1 'x'",
  ],
];

const texts = list('text', ...TEXTS);

/** Now and then so long that it is kept out of line, and not compressed away. */
const LONG: Kind = {
  type: 'text',
  value: (random) =>
    chance(random, 0.3)
      ? `(select string_agg(md5((g * ${between(random, 1, 99)})::text), '') from generate_series(1, 640) as g)`
      : texts.value(random),
};

/** What the schemas of `schema.ts` begin with: the types that some of these name. */
export const TYPES = [
  `create type public."Mood" as enum ('sad', 'so so', 'it''s ok', 'Happy')`,
  `create domain public.amount as numeric(12,2) check (value > -1000000)`,
  `create domain public."Short Text" as varchar(40)`,
  `create type public."Address" as (street text, "No" int, at timestamptz)`,
];

export const MOODS = ['sad', 'so so', "it's ok", 'Happy'];

export const INT: Kind = { type: 'integer', value: (random) => String(between(random, -3, 12)) };
export const TEXT = texts;

export const KINDS: readonly Kind[] = [
  INT,
  texts,
  LONG,
  list('bigint', '-9223372036854775808', '9007199254740993', '0', '42'),
  list('smallint', '-1', '7'),
  list(
    'numeric',
    '1.0',
    '1.00',
    '-0.000',
    '123456789012345678901234567890.123456789',
    'NaN',
    'Infinity',
    '1e-20',
  ),
  list('numeric(10,3)', '0.1', '-99.999', '7'),
  list('double precision', '0.1', '-0', 'NaN', '1e-300', '0.30000000000000004', '-Infinity'),
  list('real', '0.1', '3.4e38', '16777217'),
  list('money', '12.34', '-0.01'),
  list('boolean', 't', 'f'),
  list('bytea', '\\x', '\\x00', '\\xdeadbeef', '\\x275c0a'),
  list('json', '{"b":1, "a":  2,"a":3}', '[]', ' null ', '{"text":"it\'s \\"so\\""}'),
  list('jsonb', '{"b":1,"a":1.10}', '[1,null,"x"]', 'null', '{"ü":{}}'),
  list('integer[]', '{}', '{1,NULL,3}', '{{1,2},{3,4}}', '[0:1]={7,8}'),
  list('text[]', '{}', '{"a,b",NULL,"NULL",""}', '{"with \\"quotes\\"","it\'s"}'),
  list('public."Mood"', ...MOODS),
  list('public."Mood"[]', '{sad,"so so","it\'s ok"}'),
  list('public.amount', '1', '0.10', '99999.99'),
  list('public."Short Text"', 'x', 'a, (b)', ''),
  list('public."Address"', '("a ""road""",5,"2026-01-02 03:04:05.000001+00")', '(,,)', '("",0,)'),
  list('int4range', '[1,5)', 'empty', '(,)', '[3,)'),
  list('numrange', '[1.0,1.00]', '(0.5,)'),
  list('tstzrange', '["2026-01-01 00:00:00.000001+00",)', 'empty'),
  list('datemultirange', '{[2026-01-01,2026-02-01),[2027-01-01,)}', '{}'),
  list(
    'timestamptz',
    '2026-11-22 19:05:01.123456+00',
    '1999-12-31 23:59:59.999999+05:45',
    'infinity',
    '0044-03-15 BC',
  ),
  list('timestamp(3)', '2026-11-22 19:05:01.1236', '-infinity'),
  list('date', '2026-02-28', '0001-01-01 BC', 'infinity'),
  list('time', '24:00', '12:00:00.000001'),
  list('interval', '1 year -3 days 00:00:00.000001', '-1 month', '0'),
  list('uuid', '00000000-0000-0000-0000-000000000000', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),
  list('inet', '10.0.0.1/8', '::1'),
  list('char(5)', '', 'a', 'ab  c'),
  list('varchar(8)', '', 'trail  ', 'x'),
  list('"char"', 'x', ''),
  list('bit varying', '', '10101'),
  list('point', '(1,2)', '(-0,1e-10)'),
  list('tsvector', `'a':1A 'it''s':2`, ''),
  list('xid8', '0', '18446744073709551615'),
  list('pg_lsn', '16/B374D848'),
];

/** So many different keys has a table: few, so that both sides meet. */
export const KEYS = 9;

/** The number-th of KEYS values (from 0; more for integers) of a type that keys are made of. */
export interface KeyKind {
  readonly type: string;
  /** Of how many. */
  readonly values: number;
  at(number: number): string;
}

const many = (type: string, at: (number: number) => string): KeyKind => ({ type, values: KEYS, at });
const few = (type: string, ...values: readonly string[]): KeyKind => ({
  type,
  values: values.length,
  at: (number) => `${quoted(values[number % values.length]!)}::${type}`,
});

/** Alone enough for a key. */
export const WIDE_KEYS: readonly KeyKind[] = [
  many('integer', (number) => String(number + 1)),
  many('bigint', (number) => `${9007199254740990n + BigInt(number)}::bigint`),
  few('text', 'a', 'A', '', 'NULL', 'with, comma', 'it\'s "q" \\', 'two\nlines', 'ü', "key[text]:'x' y"),
  few('varchar(9)', 'b', 'a', '', 'NULL', '(x,y)', "o'", 'b ', 'ü', '\\'),
  few('char(4)', 'a', 'b', '', 'ab', "'", '"', 'x y', 'ü', 'abcd'),
  many('uuid', (number) => `'00000000-0000-0000-0000-00000000000${number}'::uuid`),
  // Each is equal to another one, and yet written in another way.
  few('numeric', '0', '0.0', '1', '1.0', '1.00', '-2.50', '-2.5', '3', '3.000'),
  many('numeric(8,2)', (number) => `${number - 3}.50`),
  many('timestamptz', (number) => `'2026-11-22 19:05:01.00000${number}+00'::timestamptz`),
  many('date', (number) => `'2026-02-2${number}'::date`),
  many('bytea', (number) => `'\\x0${number}27'::bytea`),
];

/** Together with another one. */
export const NARROW_KEYS: readonly KeyKind[] = [
  few('boolean', 'f', 't'),
  few('public."Mood"', ...MOODS),
  few('char(3)', 'a', 'de', ''),
  few('smallint', '0', '-1', '2'),
];
