/** Lines that PostgreSQL 17 really wrote. */
import { UNCHANGED, Unreadable, decode } from '../../../../lambda/recovery/slot/decode';

const tuple = (values: Record<string, unknown>) => new Map(Object.entries(values));

it.each([
  ['BEGIN 740', { kind: 'begin', id: '740' }],
  [
    'COMMIT 752 (at 2026-11-22 19:25:50.62232+00)',
    { kind: 'commit', id: '752', at: '2026-11-22T19:25:50.622320Z' },
  ],
  [
    'COMMIT 752 (at 2026-11-22 19:25:50+00)',
    { kind: 'commit', id: '752', at: '2026-11-22T19:25:50.000000Z' },
  ],
  ['COMMIT 752', { kind: 'commit', id: '752' }],
  ['message: transactional: 0 prefix: BEGIN, sz: 10 content:multi\nline', { kind: 'message' }],
  [
    'message: transactional: 1 prefix: COMMIT 5, sz: 31 content:table x.y: INSERT: a[integer]:1',
    { kind: 'message' },
  ],
])('%s', (line, expected) => expect(decode(line)).toEqual(expected));

describe('rows', () => {
  it('reads values of all kinds, as the output functions of their types write them', () => {
    const line =
      'table "Sch""ema"."Ta: INSERT: ble": INSERT: "col a"[integer]:1 "old-key"[text]:\'it\'\'s\n new-tuple: x[int]:1\\\' ' +
      "\"n]:'w\"\"\"[public.\"My ]: Type\"]:'c ]: d' arr[integer[]]:'{1,2}' ta[text[]]:'{\"a b\",c''d}' " +
      "ts[timestamp with time zone]:'2026-01-02 01:04:05.12+00' tsn[timestamp without time zone]:'2026-11-22 19:25:50.577059' " +
      "c[\"char\"]:'x' ch[character]:'ab ' vc[character varying]:'v' n[numeric]:1.10 f[double precision]:NaN b[boolean]:true " +
      "y[public.yes]:'t' bi[bit]:B'101' vb[bit varying]:B'1' by[bytea]:'\\xdead' j[jsonb]:'{\"a\": [1, \"]:\"]}' " +
      "co[public.comp]:'(1,\"x y\")' r[int4range]:'[1,3)' iv[interval]:'1 day' \"select\"[text]:'k' \"Ünï\"[text]:'ü' " +
      'nul[integer]:null gen[integer]:1 nn[numeric]:Infinity my[public."My ]: Type"[]]:\'{"c ]: d"}\'';
    expect(decode(line)).toEqual({
      kind: 'insert',
      schema: 'Sch"ema',
      relation: 'Ta: INSERT: ble',
      after: tuple({
        'col a': '1',
        'old-key': "it's\n new-tuple: x[int]:1\\",
        'n]:\'w"': 'c ]: d',
        arr: '{1,2}',
        ta: '{"a b",c\'d}',
        ts: '2026-01-02 01:04:05.12+00',
        tsn: '2026-11-22 19:25:50.577059',
        c: 'x',
        ch: 'ab ',
        vc: 'v',
        n: '1.10',
        f: 'NaN',
        b: 't',
        y: 't',
        bi: '101',
        vb: '1',
        by: '\\xdead',
        j: '{"a": [1, "]:"]}',
        co: '(1,"x y")',
        r: '[1,3)',
        iv: '1 day',
        select: 'k',
        Ünï: 'ü',
        nul: null,
        gen: '1',
        nn: 'Infinity',
        my: '{"c ]: d"}',
      }),
    });
  });

  const n = { schema: 'public', relation: 'n' };
  it.each([
    [
      "table public.n: INSERT: a[text]:null b[boolean]:false c[text]:''",
      { kind: 'insert', after: tuple({ a: null, b: 'f', c: '' }) },
    ],
    ["table public.n: INSERT: a[text]:''''", { kind: 'insert', after: tuple({ a: "'" }) }],
    ["table public.n: INSERT: a[bit varying]:B''", { kind: 'insert', after: tuple({ a: '' }) }],
    ['table public.n: INSERT:', { kind: 'insert', after: tuple({}) }],
    [
      'table public.n: UPDATE: old-key: b[integer]:5 new-tuple: a[text]:null b[integer]:6',
      { kind: 'update', before: tuple({ b: '5' }), after: tuple({ a: null, b: '6' }) },
    ],
    [
      "table public.n: UPDATE: old-key: k[text]:'x' new-tuple: k[text]:unchanged-toast-datum t[text]:'unchanged-toast-datum'",
      {
        kind: 'update',
        before: tuple({ k: 'x' }),
        after: tuple({ k: UNCHANGED, t: 'unchanged-toast-datum' }),
      },
    ],
    [
      "table public.n: UPDATE: a[text]:'null' b[integer]:3",
      { kind: 'update', after: tuple({ a: 'null', b: '3' }) },
    ],
    ['table public.n: DELETE: b[integer]:-6', { kind: 'delete', before: tuple({ b: '-6' }) }],
    ['table public.n: DELETE: (no-tuple-data)', { kind: 'delete' }],
    ['table public.n: UPDATE: (no-tuple-data)', { kind: 'update', after: undefined }],
  ])('%s', (line, expected) => expect(decode(line)).toEqual({ ...n, ...expected }));

  it('reads 50 MB of one value', () => {
    const value = "it''s ".repeat(8_000_000);
    const line = decode(`table public.n: INSERT: a[text]:'${value}' b[integer]:1`);
    expect(line.kind === 'insert' && [...line.after!].map(([, text]) => String(text).length)).toEqual([
      40_000_000, 1,
    ]);
  });
});

it.each([
  ['table public.tr2: TRUNCATE: (no-flags)', ['tr2'], []],
  [
    'table public.tr1, public.tr2: TRUNCATE: restart_seqs cascade',
    ['tr1', 'tr2'],
    ['restart_seqs', 'cascade'],
  ],
  ['table public."a, public.b", public.c: TRUNCATE: cascade', ['a, public.b', 'c'], ['cascade']],
])('%s', (line, relations, flags) =>
  expect(decode(line)).toEqual({
    kind: 'truncate',
    relations: relations.map((relation) => ({ schema: 'public', relation })),
    flags,
  }),
);

it.each([
  'table public.n',
  'table public.n: UPSERT: a[integer]:1',
  "table public.n: INSERT: a[text]:'open",
  'table public.n: INSERT: a[integer]:1 B[integer]:1',
  'table public.a, public.b: INSERT: a[integer]:1',
  'COMMIT 5 (at 2026-11-22 19:25:50+02)',
  'PREPARE TRANSACTION',
])('says that it cannot read %s', (line) => expect(() => decode(line)).toThrow(Unreadable));
