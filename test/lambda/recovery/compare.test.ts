import { type Boundary, boundaryOf, writtenSince } from '../../../lambda/recovery/boundary';
import { readTables } from '../../../lambda/recovery/catalog';
import { lookUp } from '../../../lambda/recovery/compare';
import { draftsOf } from '../../../lambda/recovery/drafts';
import { type History, type Touched, rowId } from '../../../lambda/recovery/finding';
import type { Fork } from '../../../lambda/recovery/fork';
import type { Session } from '../../../lambda/recovery/session';
import type { Table } from '../../../lambda/recovery/table';
import { type Pair, startPair } from '../../support/fork';

let pair: Pair;
let fork: Fork;
let old: Session;
let primary: Session;
let boundary: Boundary;
let tables: ReadonlyMap<string, Table>;

beforeAll(async () => {
  pair = await startPair();
  await pair.old.query(`
    create type mood as enum ('sad', 'ok');
    create collation ignoring (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    create table kinds (t text, b boolean, c char(5), n numeric(6,2), at timestamptz, m mood, f float8, bits bit(3),
      raw bytea, "U" uuid, d date, "char" "char", r int4range, a int[], primary key (t, b, c, n, at, m, f, bits, raw, "U", d, "char", r, a));
    insert into kinds values ('a ''"\\,()', true, 'x', 1.50, '2026-01-01 00:00:00.000001+02', 'ok', 0.1, '101',
      '\\x00ff', '11111111-1111-1111-1111-111111111111', '2026-02-28', 'z', '[1,5)', '{1,null}');
    create table notes (id int primary key, r text, t text);
    insert into notes select g, 'r' || g, 't' from generate_series(1, 5000) g;
    create table parts (id int primary key, v text) partition by range (id);
    create table parts_1 partition of parts for values from (0) to (10);
    insert into parts values (1, 'one');
  `);
  const early = await pair.old.connect();
  await early.query(`begin; update notes set t = 'under way' where id = 7`);
  await pair.old.query(`update notes set t = 'before' where id = 8`);
  fork = await pair.part();
  await early.query('commit');
  await early.end();
  await pair.old.query(`
    update notes set t = 'lost' where id in (1, 2, 3, 9);
    insert into notes values (6001, 'lost', 'a'), (6002, 'lost', 'b');
    delete from notes where id in (4, 5);
    update parts set v = 'lost' where id = 1`);
  await pair.promote();
  await pair.primary.query(`
    update notes set t = 'here' where id = 2;
    delete from notes where id = 3;
    update notes set t = 'here' where id = 5;
    update notes set t = 'lost' where id = 9;
    insert into notes values (6002, 'stranger', 'c')`);
  old = await pair.session('old', { isReadOnly: true });
  primary = await pair.session('primary', { isReadOnly: true });
  boundary = await boundaryOf(fork, primary);
  tables = await readTables(primary);
});
afterAll(async () => {
  await Promise.all([old?.close(), primary?.close()]);
  await pair?.stop();
});

const notes = () => tables.get('public.notes')!;

it('knows which transactions were under way, though the fork does not say so', async () => {
  expect(fork.snapshot).toMatch(/^\d+:\d+:$/);
  expect(boundary.underWay).toHaveLength(1);
  const late = await old.ask<{ id: number }>(
    `select id from public.notes where ${writtenSince(boundary, 'xmin')} order by id`,
  );
  expect(late.map(({ id }) => id)).toEqual([1, 2, 3, 7, 9, 6001, 6002]);
  const here = await primary.ask<{ id: number }>(
    `select id from public.notes where ${writtenSince(boundary, 'xmin')} order by id`,
  );
  expect(here.map(({ id }) => id)).toEqual([2, 5, 9, 6002]);
});

it('leaves out what is on the new primary though its id is late', async () => {
  const [row] = await old.ask<{ xmin: string }>('select xmin::text from public.notes where id = 6001');
  const late = await old.ask<{ id: number }>(
    `select id from public.notes where ${writtenSince(boundary, 'xmin', [BigInt(row!.xmin)])} order by id`,
  );
  expect(late.map(({ id }) => id)).toEqual([7]);
});

it('refuses a fork that this server has not come to', async () => {
  await expect(boundaryOf({ ...fork, snapshot: '800000:900000:' }, primary)).rejects.toThrow(
    'is not its own',
  );
});

it('finds rows by keys of every type', async () => {
  const table = tables.get('public.kinds')!;
  const [key] = await old.ask<{ key: string[] }>(
    `select array[format('%s', t), format('%s', b), format('%s', c), format('%s', n), format('%s', at), format('%s', m),
            format('%s', f), format('%s', bits), format('%s', raw), format('%s', "U"), format('%s', d),
            format('%s', "char"), format('%s', r), format('%s', a)] as key from public.kinds`,
  );
  const found = await lookUp(primary, table, [key!.key]);
  expect(found.get(rowId('public.kinds', key!.key))?.row).toContain('2025-12-31 22:00:00.000001+00');
});

it('finds many rows, those of partitions, and not those that are not there', async () => {
  const keys = [...Array(6000).keys()].map((id) => [String(id + 1)]);
  const found = await lookUp(primary, notes(), keys, writtenSince(boundary, 'r.xmin'));
  expect(found.size).toBe(4999);
  expect(found.get(rowId('public.notes', ['2']))).toMatchObject({ row: '(2,r2,here)', flag: true });
  expect(found.get(rowId('public.notes', ['1']))).toMatchObject({ row: '(1,r1,t)', flag: false });
  expect((await lookUp(primary, tables.get('public.parts')!, [['1'], ['2']])).size).toBe(1);
});

describe('drafts', () => {
  const touched = (key: string, base: Touched['base']): Touched => ({
    table: 'public.notes',
    key: [key],
    base,
    transactions: ['1'],
  });
  const all = ['1', '2', '3', '4', '5', '7', '9', '6001', '6002'];
  const drafts = (
    base: (key: string) => Touched['base'],
    more: { history?: History; decided?: Record<string, 'put back' | 'left'> } = {},
  ) =>
    draftsOf({
      ...{ old, primary, boundary },
      tables: [...tables.values()],
      finding: { touched: all.map((key) => touched(key, base(key))) },
      windowed: [],
      history: more.history,
      decided: (row) => more.decided?.[(JSON.parse(row) as string[])[1]!],
      report: () => {},
    });
  const told = (result: Awaited<ReturnType<typeof drafts>>) =>
    Object.fromEntries(
      result.drafts.map(({ key, operation, conflict }) => [key[0], conflict?.kind ?? operation]),
    );
  const exact = {
    '1': 'update',
    '2': 'both changed',
    '3': 'deleted here',
    '4': 'delete',
    '5': 'changed here',
    '7': 'update',
    '6001': 'insert',
    '6002': 'key taken',
  };

  it('are exact when the slot has told what was there', async () => {
    const result = await drafts((key) => (key.length > 2 ? 'absent' : 'present'));
    expect(told(result)).toEqual(exact);
    expect(result.alreadyHere).toBe(1);
  });

  it('are as exact by rows, when it is known what the new primary has touched', async () => {
    const here: Record<string, 'present' | 'absent'> = {
      2: 'present',
      3: 'present',
      5: 'present',
      9: 'present',
      6002: 'absent',
    };
    const history: History = { covers: () => true, base: (_, [key]) => here[key!], touched: () => [] };
    expect(told(await drafts(() => 'unknown', { history }))).toEqual(exact);
  });

  it('say what nobody can tell, without both', async () => {
    expect(told(await drafts((key) => (key === '4' || key === '5' ? 'present' : 'unknown')))).toEqual({
      ...exact,
      '3': 'cannot be told',
      '6001': 'cannot be told',
      '6002': 'both changed',
    });
  });

  it('leave out what was decided on before, and tell what was left as it is', async () => {
    const result = await drafts(() => 'present', { decided: { '1': 'put back', '2': 'left' } });
    expect(told(result)).not.toHaveProperty('1');
    expect(told(result)).not.toHaveProperty('2');
    expect(result.left.map(({ key }) => key)).toEqual([['2']]);
    expect(result.alreadyHere).toBe(3);
  });
});
