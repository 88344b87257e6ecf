/** What the new primary has done is known, as it is done here. */
import { SLOT_NAME } from '../../../../lambda/prepare-database/plan';
import { readTables } from '../../../../lambda/recovery/catalog';
import type { History } from '../../../../lambda/recovery/finding';
import type { Fork } from '../../../../lambda/recovery/fork';
import type { Session } from '../../../../lambda/recovery/session';
import { readHistory } from '../../../../lambda/recovery/slot/history';
import type { Table } from '../../../../lambda/recovery/table';
import { type Pair, startPair } from '../../../support/fork';

let pair: Pair;
let fork: Fork;
let slotFrom: string;
let primary: Session;
let tables: readonly Table[];
let history: History;
const read = (options: Partial<Parameters<typeof readHistory>[0]> = {}) =>
  readHistory({ primary, fork, slotFrom, tables, report: () => {}, ...options });

beforeAll(async () => {
  pair = await startPair();
  await pair.old.query(`
    create table rows (a int, "B b" text, v text, primary key ("B b", a));
    create table parts (id int primary key) partition by range (id);
    create table low partition of parts for values from (0) to (10);
    create table emptied (id int primary key);
    create table rewritten (id int primary key, v text);
    create table nothing (id int primary key);
    alter table nothing replica identity nothing;
    create table quiet (id int primary key);
    create table keyless (id int);
    insert into rows values (1, 'x', ''), (2, 'x', ''), (3, 'x', ''), (4, 'x', '');
    insert into parts values (1);
    insert into rewritten values (1, 'a')`);
  const under = await pair.session('old');
  await under.ask('begin');
  await under.ask(`insert into public.rows values (9, 'under way at the fork')`);
  fork = await pair.part();
  await under.ask('commit');
  await under.close();
  await pair.promote();
  await pair.makeSlot('primary');
  const run = (text: string) => pair.primary.query(text);
  const [slot] = await run(
    `select confirmed_flush_lsn::text as lsn from pg_replication_slots where slot_name = '${SLOT_NAME}'`,
  );
  slotFrom = String(slot!['lsn']);
  await run(`update rows set v = 'z' where a = 1; insert into rows values (5, E'q''\\n', '')`);
  await run(`delete from rows where a in (2, 5); update rows set a = 33 where a = 3`);
  await run(`insert into rows values (2, 'x', 'again'), (3, 'x', 'again')`);
  await run(`update parts set id = 2; insert into keyless values (1)`);
  await run(`insert into emptied values (1); truncate emptied`);
  await run(`alter table rewritten alter v type text using upper(v)`);
  await run(`insert into nothing values (1)`);
  primary = await pair.session('primary', { isReadOnly: true });
  tables = [...(await readTables(primary)).values()];
  history = (await read())!;
});
afterAll(async () => {
  await primary.close();
  await pair.stop();
});

it('tells by what was first done with a row whether it was there at the fork', () => {
  const base = (a: string, b = 'x') => history.base('public.rows', [b, a]);
  expect(['1', '2', '3', '33', '4', '9'].map((a) => base(a))).toEqual([
    'present',
    'present',
    'present',
    'absent',
    undefined,
    undefined,
  ]);
  expect(base('5', "q'\n")).toBe('absent');
  expect([...history.touched('public.rows')].sort()).toEqual([
    ['x', '1'],
    ['x', '2'],
    ['x', '3'],
  ]);
  expect([...history.touched('public.parts')]).toEqual([['1']]);
});

it('answers only for tables of which it knows all', () => {
  expect(
    tables.map(({ name }) => name).filter((name) => name !== 'public.keyless' && history.covers(name)),
  ).toEqual(['public.parts', 'public.quiet', 'public.rows']);
  expect(history.covers('public.keyless')).toBe(false);
  expect([...history.touched('public.emptied')]).toEqual([]);
});

it('reads the same of one moment', async () => {
  const again = await primary.snapshot(() => read());
  expect([...again!.touched('public.rows')]).toEqual([...history.touched('public.rows')]);
});

it('is asked for some tables, and reads no others', async () => {
  const done: number[] = [];
  const some = await read({
    tables: tables.filter(({ name }) => name === 'public.parts'),
    report: (progress) => done.push(progress.done),
  });
  expect(some!.base('public.parts', ['1'])).toBe('present');
  expect(some!.covers('public.rows')).toBe(false);
  // The update of a partition's row, and TRUNCATE, which may be of any table.
  expect(done.at(-1)).toBe(2);
});

it('knows what is committed and has not reached the disk yet', async () => {
  await pair.primary.query('set synchronous_commit = off; insert into quiet values (7)');
  expect((await read())!.base('public.quiet', ['7'])).toBe('absent');
});

it('is not there when nobody wrote down where the slot began, or when it has gone on since', async () => {
  expect(await read({ slotFrom: undefined })).toBeUndefined();
  await pair.primary.query(`select pg_replication_slot_advance('${SLOT_NAME}', pg_current_wal_lsn())`);
  expect(await read()).toBeUndefined();
  await pair.primary.query(`select pg_drop_replication_slot('${SLOT_NAME}')`);
  expect(await read()).toBeUndefined();
});
