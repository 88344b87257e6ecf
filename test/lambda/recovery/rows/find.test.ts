import { type Boundary, boundaryOf } from '../../../../lambda/recovery/boundary';
import { readTables, usableTables } from '../../../../lambda/recovery/catalog';
import type { Finding, History } from '../../../../lambda/recovery/finding';
import type { Progress } from '../../../../lambda/recovery/progress';
import { inPieces } from '../../../../lambda/recovery/rows/places';
import { findByRows } from '../../../../lambda/recovery/rows/find';
import type { Session } from '../../../../lambda/recovery/session';
import type { Table } from '../../../../lambda/recovery/table';
import { type Pair, startPair } from '../../../support/fork';
import { BEFORE, BULK, KEY_TYPES, LOST, PRIMARYS_OWN } from './world';

let pair: Pair;
let old: Session;
let primary: Session;
let boundary: Boundary;
let tables: readonly Table[];

/** Statements one by one, and those that fail are meant to. */
async function run(session: Session, script: string): Promise<void> {
  for (const statement of script.split(/;\s*(?:--.*)?(?:\n|$)|; (?=[a-z])/)) {
    if (statement.trim()) await session.ask(statement).catch(() => undefined);
  }
}

async function search(names: readonly string[], options: { history?: History; windowed?: bigint[] } = {}) {
  const report: Progress[] = [];
  const finding = await findByRows({
    old,
    primary,
    boundary,
    tables: tables.filter(({ name }) => names.includes(name)),
    report: (progress) => report.push(progress),
    ...options,
  });
  return { ...finding, report };
}

/** `base key`, sorted. */
const told = ({ touched }: Finding) => touched.map(({ key, base }) => `${base} ${key.join()}`).sort();

const nothing: History = { covers: () => true, base: () => undefined, touched: () => [] };

let windowedId: bigint;

beforeAll(async () => {
  pair = await startPair();
  await pair.old.query(BEFORE);
  await pair.old.query('vacuum analyze');
  const open = await pair.session('old');
  await open.ask('begin');
  await open.ask(`insert into public.under_way values (3, 'c')`);
  await open.ask(`update public.under_way set body = 'z' where id = 1`);
  // Others begin and end, so that the one that is open is not the last.
  await pair.old.query(`insert into notes values (0, 'before')`);
  const fork = await pair.part();
  await open.ask('commit');
  await open.close();
  const lost = await pair.session('old');
  await lost.ask('set search_path = public');
  await run(lost, LOST);
  const [id] = await pair.old.query(
    `with w as (insert into windowed values (5, 0)) select pg_current_xact_id()::text as id`,
  );
  windowedId = BigInt(id!['id'] as string);
  await pair.old.query(`update windowed set n = 1 where id = 1`);
  await lost.close();

  await pair.promote();
  const own = await pair.session('primary');
  await own.ask('set search_path = public');
  await run(own, PRIMARYS_OWN);
  await own.close();
  await pair.old.query(
    `create role reader login; grant usage on schema public, "My Shop" to reader;
     grant select on all tables in schema public to reader; revoke select on notes from reader;
     alter table secret enable row level security; create policy own on secret using (owner = current_user)`,
  );

  old = await pair.session('old', { isReadOnly: true });
  primary = await pair.session('primary', { isReadOnly: true });
  boundary = await boundaryOf(fork, primary);
  tables = usableTables(await readTables(old), await readTables(primary)).tables;
});
afterAll(async () => {
  await old?.close();
  await primary?.close();
  await pair?.stop();
});

it('finds rows that were inserted, updated, deleted and given another key', async () => {
  const found = await search(['public.notes']);
  expect(told(found)).toEqual(
    [
      'present 5',
      'present 7',
      'unknown 107',
      'unknown 21',
      'unknown 3',
      'unknown 31',
      'unknown 4',
      'unknown 8',
    ].sort(),
  );
  expect(
    found.touched.every(({ base, transactions }) => transactions.length === (base === 'present' ? 0 : 1)),
  ).toBe(true);
  expect(found.unrecoverable).toEqual([]);
  expect(found.transactions.map(({ id }) => id).sort()).toEqual(
    [...new Set(found.touched.flatMap(({ transactions }) => transactions))].sort(),
  );
});

it('finds what a transaction did that was under way at the fork and was committed later', async () => {
  expect(told(await search(['public.under_way']))).toEqual(['unknown 1', 'unknown 3']);
});

it('finds single changes in many rows, of which the new primary has changed a third', async () => {
  const found = await search(['public.wide']);
  // Row 30000 is a multiple of three: changed here.
  expect(told(found)).toEqual(
    ['present 1', 'unknown 2', `unknown ${BULK - 1}`, `unknown ${BULK + 1}`].sort(),
  );
  expect(found.gaps).toEqual([expect.stringContaining('7 rows of public.wide')]);
  const { done, total, unit } = found.report.at(-1)!;
  expect({ isDone: done === total, unit }).toEqual({ isDone: true, unit: 'blocks' });
});

it('reads pieces of a table by their places, not the whole of it for each', async () => {
  const plan = await old.ask<{ 'QUERY PLAN': string }>(`explain ${inPieces('public.wide', 't.id', 'true')}`, [
    [0, 4, 8],
  ]);
  const text = plan.map((line) => line['QUERY PLAN']).join('\n');
  expect(text).toContain('Tid Range Scan on wide');
  expect(text).not.toContain('Seq Scan');
});

it.each(['frozen', 'fulled_old', 'fulled_new', 'fulled_both'])('finds the same after %s', async (name) => {
  const found = await search([`public.${name}`]);
  const more = name === 'frozen' ? ['unknown -2'] : [];
  expect(told(found)).toEqual(['present 10', 'present 20', 'unknown -1', 'unknown 30', ...more].sort());
});

it('finds the same after CLUSTER', async () => {
  expect(told(await search(['public.clustered']))).toEqual(['present 1', 'unknown 2']);
});

it('finds the same when the new primary rewrites the table just then', async () => {
  let isRewritten = false;
  const found = await findByRows({
    old,
    primary: {
      ...primary,
      async ask<Row extends object>(text: string, values?: readonly unknown[]) {
        if (text.includes('hashtidextended') && !isRewritten) {
          isRewritten = true;
          await pair.primary.query('delete from moving where id in (1, 2, 3)');
          await pair.primary.query('vacuum full moving');
        }
        return primary.ask<Row>(text, values);
      },
    },
    boundary,
    tables: tables.filter(({ name }) => name === 'public.moving'),
    report: () => undefined,
  });
  expect([isRewritten, told(found)]).toEqual([true, ['present 10']]);
});

it('finds that a table was emptied', async () => {
  const found = told(await search(['public.truncated']));
  expect(found.length).toBe(BULK);
  expect(new Set(found).size).toBe(BULK);
  expect(found.filter((row) => row.startsWith('unknown'))).toEqual(['unknown 5']);
});

it('knows keys of several columns and quoted names', async () => {
  expect(told(await search(['"My Shop"."Order Lines"']))).toEqual(['present 1,o"4', 'unknown 7,o"4']);
});

it('tells rows of partitions by the root', async () => {
  const found = await search(['public.parted']);
  expect(told(found)).toEqual(['present 2,a', 'present 3,a', 'unknown 4,b', 'unknown 50,b']);
  expect(new Set(found.touched.map(({ table }) => table))).toEqual(new Set(['public.parted']));
});

it('is not misled by rows that were updated in their page, pruned and vacuumed', async () => {
  expect(told(await search(['public.hot']))).toEqual(['present 2', 'unknown 1']);
});

it('does not count rows of a table that inherits', async () => {
  const found = await search(['public.parent_of', 'public.child_of']);
  expect(found.touched.map(({ table, key }) => [table, ...key])).toEqual([['public.parent_of', '1']]);
  expect(found.unrecoverable).toMatchObject([{ kind: 'no key', table: 'public.child_of' }]);
});

it('knows each type that a key may have, as its output function writes it', async () => {
  const found = await search(KEY_TYPES.map((_, at) => `public.type_${at}`));
  const byTable = new Map<string, string[]>();
  for (const { table, key, base } of found.touched) {
    byTable.set(table, [...(byTable.get(table) ?? []), `${base} ${key[0]}`]);
  }
  expect(KEY_TYPES.map(([type], at) => [type, ...byTable.get(`public.type_${at}`)!.sort()])).toEqual(
    KEY_TYPES.map(([type, deleted, inserted]) => [type, `present ${deleted}`, `unknown ${inserted}`]),
  );
});

it('compares keys as their index does: 1.0 and 1.00 are one key', async () => {
  expect(told(await search(['public.twins']))).toEqual(['unknown 1.00', 'unknown 2.000']);
});

it('finds rows that both have touched, and were deleted there, when the history of the new primary is known', async () => {
  const history: History = {
    covers: (table) => table === 'public.own_rows',
    base: () => 'present',
    touched: (table) => (table === 'public.own_rows' ? [['1'], ['4']] : []),
  };
  for (const given of [history, () => Promise.resolve(history)]) {
    const found = await search(['public.own_rows'], { history: given as History });
    expect(told(found)).toEqual(['present 1', 'present 2', 'present 3']);
    expect(found.gaps).toEqual([]);
  }
});

it('says that it cannot tell them from what the new primary has inserted, when it is not', async () => {
  for (const history of [undefined, { ...nothing, covers: () => false }]) {
    const found = await search(['public.own_rows'], { history });
    expect(told(found)).toEqual(['present 2', 'present 3']);
    expect(found.gaps).toEqual([
      expect.stringMatching(/^3 rows of public\.own_rows .* Without its own slot/),
    ]);
  }
});

it('leaves out transactions that are on the new primary already', async () => {
  expect(told(await search(['public.windowed'], { history: nothing }))).toEqual(['unknown 1', 'unknown 5']);
  const found = await search(['public.windowed'], { history: nothing, windowed: [windowedId] });
  expect(told(found)).toEqual(['unknown 1']);
});

it('shows rows of tables without a key as statements', async () => {
  const { touched, unrecoverable } = await search(['public.loose']);
  expect(touched).toEqual([]);
  expect(unrecoverable).toMatchObject([{ kind: 'no key', table: 'public.loose' }]);
  const [{ what, sql, transactions }] = unrecoverable as [(typeof unrecoverable)[0]];
  expect(what).toMatch(
    /3 rows were written .* and 2 rows were deleted or replaced that the new primary still has/,
  );
  expect(sql!.split('\n').sort()).toEqual(
    [
      `-- (1,one,2)`,
      `-- (3,,4)`,
      '-- Deleted from public.loose or replaced there, and still here:',
      `insert into public.loose (a, "B b") values ('4', 'it''s');`,
      String.raw`insert into public.loose (a, "B b") values ('5', E'a\\b');`,
      `insert into public.loose (a, "B b") values ('6', 'one');`,
    ].sort(),
  );
  expect(transactions.length).toBe(2);
});

it('says when deletes of a table without a key cannot be seen', async () => {
  const found = await search(['public.loose_fulled', 'public.loose_quiet']);
  expect(found.unrecoverable).toMatchObject([
    { what: expect.stringMatching(/1 row was written .* deleted rows cannot be seen/) },
  ]);
  expect(found.gaps).toEqual([expect.stringMatching(/^public\.loose_quiet .* cannot be seen/)]);
});

it('leaves unlogged tables to others', async () => {
  expect(await search(['public.scratch'])).toMatchObject({ touched: [], unrecoverable: [], report: [] });
});

it('lists a table that it may not read, and goes on with the others', async () => {
  const asReader = (session: Session) => session.ask('set role reader');
  await asReader(old);
  try {
    const found = await search(['public.notes', 'public.secret', 'public.under_way']);
    expect(found.unrecoverable).toMatchObject([
      { kind: 'not readable', table: 'public.notes', what: expect.stringContaining('permission denied') },
      { kind: 'not readable', table: 'public.secret', what: expect.stringContaining('row-level security') },
    ]);
    expect(told(found)).toEqual(['unknown 1', 'unknown 3']);
  } finally {
    await old.ask('reset role');
  }
});
