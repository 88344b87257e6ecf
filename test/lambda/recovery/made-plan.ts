/** Plans that are made by hand: of everything one, with values that are hard to print. */
import type { Change, Plan, PlanHead } from '../../../lambda/recovery/plan';
import type { Column, Table } from '../../../lambda/recovery/table';

const column = (name: string, type: string): Column => ({
  name,
  quoted: /^[a-z_]+$/.test(name) ? name : `"${name}"`,
  type,
  isGenerated: false,
});

export const table = (name: string, columns: readonly Column[], changes: Partial<Table> = {}): Table => ({
  name,
  schema: 'public',
  relation: name.slice('public.'.length).replace(/"/g, ''),
  columns,
  key: [0],
  keyEquals: ['operator(pg_catalog.=)'],
  logged: 'key',
  isUnlogged: false,
  leaves: [{ name, schema: 'public', relation: name.slice('public.'.length), blocks: 12 }],
  isPartitioned: false,
  uniques: [],
  references: [],
  triggers: [],
  rows: 1000,
  ...changes,
});

export const NOTES = table('public.notes', [
  column('id', 'bigint'),
  column('body', 'text'),
  column('written_at', 'timestamp with time zone'),
]);
export const ORDERS = table('public."Orders"', [
  column('Number', 'integer'),
  column('a|b', 'text'),
  column('note', 'bigint'),
]);

export const HEAD: PlanHead = {
  format: 'scale-from-zero recovery plan',
  version: 1,
  id: 'epoch-3-20261122T190501Z',
  madeAt: '2026-11-22T19:05:01.000Z',
  fork: {
    epoch: 3,
    lsn: '0/3000148',
    snapshot: '741:744:',
    timeline: 1,
    system: '7446743201940000000',
    heartbeatAt: Date.UTC(2026, 10, 22, 18, 30, 0),
  },
  from: 'mysite-primary',
  to: 'mysite-replica-1',
  database: 'site',
  timeline: 2,
  method: 'slot',
  tables: [NOTES, ORDERS],
  sequences: [
    { name: 'public.notes_id_seq', old: '140', present: '100133', increment: '1' },
    { name: 'public."Orders_Number_seq"', old: '77', present: null, increment: '1' },
  ],
  transactions: [
    { id: '744', committedAt: '2026-11-22T18:30:01.250001Z', lsn: '0/3000300' },
    { id: '745', committedAt: '2026-11-22T18:30:02.500000Z', lsn: '0/3000600' },
    { id: '746', committedAt: '2026-11-22T18:30:04.000000Z', lsn: '0/3000900' },
  ],
  unrecoverable: [
    {
      kind: 'no key',
      table: 'public.log',
      what: 'public.log has no key: 3 rows were inserted, and rows cannot be told apart.',
      remedy: 'Insert them by hand, if they are not there.',
      sql: "insert into public.log values ('a');\ninsert into public.log values ('<b>');",
      transactions: ['746'],
    },
  ],
  gaps: ['Tables without a key were compared by their number of rows only.'],
  alreadyHere: 2,
};

const change = (number: number, changes: Partial<Change>): Change => ({
  number,
  table: NOTES.name,
  key: [String(number)],
  operation: 'insert',
  lost: `(${number},"note ${number}","2026-11-22 18:30:01+00")`,
  present: null,
  transactions: ['744'],
  ...changes,
});

/** Breaks whatever does not escape. */
export const HOSTILE = '<script>alert(1)</script> | `x` \n# y \u001b[31m [a](javascript:b) & "q" \\ 数据库';

/** As PostgreSQL writes a field. */
const quoted = (value: string) => `"${value.replace(/["\\]/g, '$&$&')}"`;

export const CHANGES: readonly Change[] = [
  change(1, { key: ['134'], lost: '(134,"a b","2026-11-22 18:30:01.000001+00")' }),
  change(2, {
    key: ['12'],
    operation: 'update',
    lost: `(12,${quoted(HOSTILE)},"2026-11-22 18:30:01+00")`,
    present: '(12,"as it was",)',
    transactions: ['744', '745'],
  }),
  change(3, {
    table: ORDERS.name,
    key: ['9'],
    operation: 'delete',
    lost: null,
    present: `(9,${'x'.repeat(5000)},12)`,
    transactions: ['745'],
  }),
  change(4, {
    key: ['135'],
    conflict: { kind: 'key taken', why: 'The new primary has given the key 135 to another row.' },
    lost: '(135,lost,)',
    present: '(135,another,)',
    transactions: ['745'],
  }),
  change(5, {
    table: ORDERS.name,
    key: ['70'],
    operation: 'update',
    conflict: { kind: 'deleted here', why: 'Changed there, deleted here.' },
    lost: '(70,"",)',
    transactions: ['746'],
  }),
];

export const PLAN: Plan = { head: HEAD, changes: CHANGES };

export const EMPTY: Plan = {
  head: { ...HEAD, tables: [], sequences: [], transactions: [], unrecoverable: [], gaps: [], alreadyHere: 0 },
  changes: [],
};

export const many = (count: number): readonly Change[] =>
  Array.from({ length: count }, (_, index) => change(index + 1, {}));
