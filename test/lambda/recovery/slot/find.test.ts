/** On two real servers: what is lost is known, as it is done here. */
import { Client } from 'pg';
import { compareLsn } from '../../../../lambda/failover/lsn';
import { SLOT_NAME } from '../../../../lambda/prepare-database/plan';
import { readTables, usableTables } from '../../../../lambda/recovery/catalog';
import type { Touched } from '../../../../lambda/recovery/finding';
import type { Fork } from '../../../../lambda/recovery/fork';
import type { Session } from '../../../../lambda/recovery/session';
import { type FoundBySlot, findBySlot } from '../../../../lambda/recovery/slot/find';
import type { Table } from '../../../../lambda/recovery/table';
import { type Pair, startPair } from '../../../support/fork';

const LONG_KEY = `(select string_agg(md5(i::text), '') from generate_series(1, 75) as i)`;

const SCHEMA = `
  create schema "Sch""ema";
  create type public."Mo]:od" as enum ('a''b', 'c ]: d');
  create domain yes as boolean;
  create table plain (id int primary key, v text);
  create table "Sch""ema"."Ta: INSERT: ble" (
    "col a" "Mo]:od", "old-key" text, flag boolean, really yes, bits bit(3), at timestamptz, n numeric, tail text,
    primary key ("old-key", "col a", flag, really, bits, at, n));
  create table full_identity (id int primary key, v text);
  alter table full_identity replica identity full;
  create table by_index (id int primary key, code text not null, v text);
  create unique index by_code on by_index (code);
  alter table by_index replica identity using index by_code;
  create table nothing (id int primary key, v text);
  alter table nothing replica identity nothing;
  create table untouched_nothing (id int primary key);
  alter table untouched_nothing replica identity nothing;
  create table late_key (id int primary key deferrable, v text);
  create table emptied (id int primary key, v text);
  create table emptied_child (id int primary key references emptied);
  create table redefined (id int primary key, v text);
  create table keyless (a text, b int, g int generated always as (b + 1) stored, i int generated always as identity);
  create table keyless_full (a text, b int);
  alter table keyless_full replica identity full;
  create table keyless_many (a int);
  create table parts (region text, id int, v text, primary key (region, id)) partition by list (region);
  create table parts_eu partition of parts for values in ('eu');
  create table "Parts us" partition of parts for values in ('us', 'ca') partition by range (id);
  create table "Sch""ema".us_low partition of "Parts us" for values from (0) to (100);
  create table blind_parts (id int primary key, v text) partition by range (id);
  create table blind_leaf partition of blind_parts for values from (0) to (100);
  alter table blind_leaf replica identity nothing;
  create table long_key (k text primary key, v text, n int);
  alter table long_key alter k set storage external, alter v set storage external;
  create table saved (id int primary key, v text);
  create table two_phase (id int primary key);
  create table under_way (id int primary key, v text);
  create table many (id int primary key, v text);
  create table merged (id int primary key, v text);
  create table dropped (id int primary key);
  create schema scale_from_zero;
  create table scale_from_zero.heartbeat (id int primary key, at timestamptz);
  insert into scale_from_zero.heartbeat values (1, now());
  insert into plain select i, 'before' from generate_series(1, 9) as i;
  insert into full_identity values (1, 'a'), (2, null), (3, 'c');
  insert into by_index values (1, 'one', 'a'), (2, 'two', 'b'), (3, 'three', 'c');
  insert into nothing values (1, 'a'), (2, 'b');
  insert into late_key values (1, 'a');
  insert into emptied values (1, 'a');
  insert into redefined values (1, 'a');
  insert into keyless values ('there', 1);
  insert into keyless_full values ('there', 1), (null, 2);
  insert into parts values ('eu', 1, 'a'), ('us', 1, 'b'), ('us', 2, 'c');
  insert into blind_parts values (1, 'a');
  insert into long_key values (${LONG_KEY}, repeat('abc', 3000), 1);
  insert into saved values (1, 'a');
  insert into merged values (1, 'a'), (2, 'b');
  insert into dropped values (1)`;

let pair: Pair;
let fork: Fork;
let old: Session;
let tables: readonly Table[];
let found: FoundBySlot;
const clients: Client[] = [];
const client = async () => {
  const { host, port } = pair.old;
  const made = new Client({ host, port, user: 'postgres', database: 'postgres' });
  await made.connect();
  clients.push(made);
  return made;
};
const run = (text: string) => pair.old.query(text);
const find = async (options: Partial<Parameters<typeof findBySlot>[0]> = {}) =>
  await findBySlot({ old, fork, tables, report: () => {}, ...options });
const mustFind = async (options: Partial<Parameters<typeof findBySlot>[0]> = {}): Promise<FoundBySlot> => {
  const result = await find(options);
  if ('unusable' in result) throw new Error(result.unusable);
  return result;
};
/** Of one table: its keys, as `1,x` → base. */
const touched = (table: string, { finding } = found): Record<string, Touched['base']> =>
  Object.fromEntries(
    finding.touched.filter((row) => row.table === table).map(({ key, base }) => [key.join(), base]),
  );
const unrecoverable = (table: string, { finding } = found) =>
  finding.unrecoverable.find((one) => one.table === table);

beforeAll(async () => {
  pair = await startPair({ settings: { max_prepared_transactions: '5' } });
  await run(SCHEMA);
  await pair.makeSlot('old');
  await run(`insert into plain values (100, 'after the slot, before the fork')`);

  const [commits, rollsBack, began, prepares] = [
    await client(),
    await client(),
    await client(),
    await client(),
  ];
  await commits.query(
    `begin; insert into under_way values (1, 'in before the fork'); update plain set v = 'open' where id = 1`,
  );
  await rollsBack.query(`begin; insert into under_way values (2, 'never')`);
  await began.query(`begin; insert into under_way values (3, 'kept')`);
  await began.query('commit');
  await prepares.query(`begin; insert into two_phase values (1); prepare transaction 'lost'`);
  await prepares.query(`begin; insert into two_phase values (2); prepare transaction 'undone'`);
  await prepares.query(`begin; insert into two_phase values (3); prepare transaction 'kept'`);
  await prepares.query(`commit prepared 'kept'`);
  await run(`update plain set v = 'also before' where id = 9`);

  fork = await pair.part();

  await run(`insert into plain values (10, 'new'); update plain set v = 'x' where id = 2`);
  await run(`delete from plain where id = 3; update plain set id = 11 where id = 4`);
  await commits.query(`insert into under_way values (4, 'in after the fork'); commit`);
  await rollsBack.query('rollback');
  await prepares.query(`commit prepared 'lost'`);
  await prepares.query(`rollback prepared 'undone'`);
  await run(`insert into "Sch""ema"."Ta: INSERT: ble" values
      ('c ]: d', E'it''s\\n "new-tuple:\\\\', true, false, '101', '2026-01-02 03:04:05.120000+02', 1.10, 'unchanged-toast-datum')`);
  await run(`update full_identity set v = 'z' where id = 1; update full_identity set id = 22 where id = 2;
             delete from full_identity where id = 3`);
  await run(`update by_index set v = 'z' where id = 1; update by_index set id = 22 where id = 2;
             delete from by_index where id = 3`);
  await run(`update nothing set v = 'z' where id = 1`);
  await run(`delete from nothing where id = 2`);
  await run(`update late_key set v = 'z'`);
  await run(
    `insert into emptied values (2, 'b'); truncate emptied cascade; insert into emptied values (3, 'c')`,
  );
  await run(
    `alter table redefined replica identity nothing; update redefined set id = 5; alter table redefined replica identity default`,
  );
  await run(`insert into keyless values (E'it''s\\n\\\\ ', 7), (null, 8)`);
  await run(`update keyless set b = 3 where a = 'there'; delete from keyless`);
  await run(`update keyless_full set b = 9, a = E'two\\r\\nlines; drop table plain' where a is null;
             delete from keyless_full where b = 1`);
  await run(`insert into keyless_many select generate_series(1, 250)`);
  await run(`update parts set v = 'z' where id = 1; update parts set region = 'us', id = 3 where region = 'eu';
             delete from parts where id = 2; insert into parts values ('ca', 5, 'n')`);
  await run(`update blind_parts set id = 5`);
  await run(`update long_key set n = 2`);
  await run(`begin; update saved set v = 'kept'; savepoint a; insert into saved values (2, 'undone'); rollback to a;
             savepoint b; insert into saved values (3, 'kept'); savepoint c; insert into saved values (4, 'undone');
             rollback to c; release b; commit`);
  await run(`insert into many select i, repeat('x', 50) from generate_series(1, 100000) as i`);
  await run(`insert into merged values (3, 'new'); update merged set v = 'z' where id = 1`);
  await run(`delete from merged where id = 1; update merged set id = 4 where id = 3`);
  await run(
    `insert into merged values (1, 'again'), (3, 'again'); update merged set v = 'twice' where id = 1`,
  );
  await run(`insert into dropped values (2)`);
  await run(`drop table dropped`);
  await run(`update scale_from_zero.heartbeat set at = now()`);
  await run(`select pg_logical_emit_message(true, 'COMMIT 5', 'table public.plain: INSERT: id[integer]:77'),
                    pg_logical_emit_message(false, 'x', 'table public.plain: INSERT: id[integer]:78')`);
  await run(`begin; insert into plain values (12, 'never'); rollback`);
  await pair.promote();
  old = await pair.session('old', { isReadOnly: true });
  const primary = await pair.session('primary');
  ({ tables } = usableTables(await readTables(old), await readTables(primary)));
  await primary.close();
  found = await mustFind();
});
afterAll(async () => {
  for (const one of clients) await one.end();
  await old.close();
  await pair.stop();
});

it('finds what each lost change did to keys, with or without such a row at the fork', () => {
  expect(touched('public.plain')).toEqual({
    1: 'present',
    2: 'present',
    3: 'present',
    4: 'present',
    10: 'absent',
    11: 'absent',
  });
});

it('takes transactions by their COMMIT: open at the fork they are lost with all that they did, over before it they are not', () => {
  expect(touched('public.under_way')).toEqual({ 1: 'absent', 4: 'absent' });
  expect(touched('public.two_phase')).toEqual({ 1: 'absent' });
});

it('writes keys as their types do, whatever the names', () => {
  expect(touched('"Sch""ema"."Ta: INSERT: ble"')).toEqual({
    [`it's\n "new-tuple:\\,c ]: d,t,f,101,2026-01-02 01:04:05.12+00,1.10`]: 'absent',
  });
});

it('reads REPLICA IDENTITY FULL', () =>
  expect(touched('public.full_identity')).toEqual({
    1: 'present',
    2: 'present',
    22: 'absent',
    3: 'present',
  }));

it('reads REPLICA IDENTITY USING INDEX: its columns are the key', () => {
  expect(touched('public.by_index')).toEqual({ one: 'present', two: 'present', three: 'present' });
});

it('leaves tables of which the WAL tells too little to the other way, and says nothing of their rows', () => {
  expect([...found.byRows].sort()).toEqual([
    'public.blind_parts',
    'public.emptied',
    'public.emptied_child',
    'public.late_key',
    'public.nothing',
    'public.redefined',
  ]);
  for (const table of found.byRows) expect(touched(table)).toEqual({});
});

it('tells rows of partitions as the root’s', () => {
  expect(touched('public.parts')).toEqual({
    'eu,1': 'present',
    'us,1': 'present',
    'us,2': 'present',
    'us,3': 'absent',
    'ca,5': 'absent',
  });
});

it('knows a key that lies outside of its row', () => {
  const [key] = Object.keys(touched('public.long_key'));
  expect(key).toHaveLength(75 * 32);
});

it('leaves out what a savepoint has undone', () => {
  expect(touched('public.saved')).toEqual({ 1: 'present', 3: 'absent' });
});

it('merges what several transactions did to one key, by the first of them', () => {
  expect(touched('public.merged')).toEqual({ 1: 'present', 3: 'absent', 4: 'absent' });
  const rows = found.finding.touched.filter(({ table }) => table === 'public.merged');
  const order = found.finding.transactions.map(({ id }) => id);
  for (const { key, transactions } of rows) {
    expect(transactions).toHaveLength(key[0] === '4' ? 1 : 3);
    expect([...transactions].sort((one, other) => order.indexOf(one) - order.indexOf(other))).toEqual(
      transactions,
    );
  }
});

it('takes 100,000 rows of one transaction', () => {
  expect(Object.keys(touched('public.many'))).toHaveLength(100_000);
});

describe('without a key', () => {
  it('gives statements that make the same rows', async () => {
    const { kind, what, sql } = unrecoverable('public.keyless')!;
    expect([kind, what]).toEqual([
      'no key',
      'public.keyless has no primary key, nor a unique index without nulls, so that its rows cannot be told apart: 2 inserts, 1 update, 3 deletes on it were lost.',
    ]);
    await pair.primary.query(sql!);
    expect(await pair.primary.query('select * from keyless order by i')).toEqual([
      { a: 'there', b: 1, g: 2, i: 1 },
      { a: "it's\n\\ ", b: 7, g: 8, i: 2 },
      { a: null, b: 8, g: 9, i: 3 },
    ]);
  });

  it('tells updates and deletes in comments, which nothing in a value can end', async () => {
    const { sql } = unrecoverable('public.keyless_full')!;
    expect(sql!.split('\n').every((line) => line.startsWith('-- '))).toBe(true);
    expect(sql).not.toContain('\r');
    expect(sql).toContain(`-- delete from public.keyless_full, of the row ("a" = 'there', "b" = '1')`);
    await pair.primary.query(sql!);
    expect(await pair.primary.query('select count(*)::int from plain')).toEqual([{ count: 10 }]);
  });

  it('writes out a hundred, and says how many more there are', () => {
    const { what, remedy, sql, transactions } = unrecoverable('public.keyless_many')!;
    expect(what).toContain('250 inserts on it were lost');
    expect(remedy).toContain('150 more changes are not written out');
    expect(sql!.split('\n')).toHaveLength(101);
    expect(sql!.split('\n').at(-1)).toBe('-- and 150 more');
    expect(transactions).toHaveLength(1);
  });
});

it('names a table that is in no plan once, and its own schema never', () => {
  expect(unrecoverable('public.dropped')).toMatchObject({
    kind: 'other',
    transactions: [expect.any(String)],
  });
  expect(JSON.stringify(found.finding)).not.toContain('heartbeat');
});

it('lists the lost transactions in the order of their commits, with their times', async () => {
  const { transactions } = found.finding;
  expect(transactions.every(({ lsn }) => compareLsn(lsn!, fork.lsn) > 0)).toBe(true);
  expect(transactions).toEqual([...transactions].sort((one, other) => compareLsn(one.lsn!, other.lsn!)));
  expect(transactions[0]!.committedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  expect(found.finding.gaps).toEqual([]);
  expect(found.windowed).toEqual([]);
});

it('leaves the slot as it was, and reads the same again, also all of one moment', async () => {
  // As text: jest takes seconds for 100,000 objects.
  expect(JSON.stringify(found.finding)).toBe(JSON.stringify((await mustFind()).finding));
  expect(JSON.stringify(found.finding)).toBe(JSON.stringify((await old.snapshot(() => mustFind())).finding));
});

describe('at the fork', () => {
  it('takes a transaction for lost that ends one byte past it, and for kept that ends at it', async () => {
    const [first, second] = found.finding.transactions;
    const before = await mustFind({ forkedAt: bytesBefore(first!.lsn!) });
    expect(before.finding.transactions).toEqual(found.finding.transactions);
    const at = await mustFind({ forkedAt: first!.lsn! });
    expect(at.finding.transactions[0]).toEqual(second);
    expect(at.finding.transactions).toHaveLength(found.finding.transactions.length - 1);
  });

  it('tells which transactions are past the stored fork and on the new primary, though they only wrote catalogs', async () => {
    const { transactions } = found.finding;
    const last = transactions.at(-1)!;
    const { windowed, finding } = await mustFind({ forkedAt: last.lsn! });
    expect(finding).toMatchObject({ touched: [], transactions: [], unrecoverable: [] });
    const ids = windowed.map(String);
    expect(ids).toEqual(expect.arrayContaining(transactions.map(({ id }) => id)));
    const [next] = await run(`select '${fork.snapshot}'::pg_snapshot as s`);
    expect(next).toBeDefined();
    expect(ids.length).toBeGreaterThan(transactions.length);
  });
});

/** The position one byte earlier. */
function bytesBefore(lsn: string): string {
  const [high, low] = lsn.split('/');
  return `${high}/${(parseInt(low!, 16) - 1).toString(16).toUpperCase()}`;
}

describe('a slot that cannot be used', () => {
  // In this order: each takes something from the slot.
  it('is one that somebody else reads: said with who it is', async () => {
    const { host, port } = pair.old;
    const reader = new Client({
      ...{ host, port, user: 'postgres', database: 'postgres', application_name: 'the reader' },
      ...{ replication: 'database' },
    });
    reader.on('error', () => {});
    await reader.connect();
    const reading = reader.query(`START_REPLICATION SLOT ${SLOT_NAME} LOGICAL 0/0`).catch(() => undefined);
    await expect(waitForActive().then(() => find())).rejects.toThrow(
      /is being read by its process \d+ \(the reader, user postgres\).*pg_terminate_backend\(\d+\)/s,
    );
    await run(
      `select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '${SLOT_NAME}'`,
    );
    await reading;
    // Its process says goodbye before it lets go of the slot.
    await waitForActive(false);
  });

  it('has gone past the fork', async () => {
    const [, , later] = found.finding.transactions;
    await run(`select pg_replication_slot_advance('${SLOT_NAME}', '${later!.lsn!}')`);
    expect(await find()).toEqual({ unusable: expect.stringContaining(`past the fork at ${fork.lsn}`) });
    // Nothing is missing when the new primary really began there.
    const { finding } = await mustFind({ forkedAt: later!.lsn! });
    expect(finding.transactions).toEqual(found.finding.transactions.slice(3));
  });

  it('is one that the role may not read', async () => {
    await run(`create role nobody; grant pg_read_all_data to nobody`);
    await old.ask('set role nobody');
    expect(await find({ forkedAt: found.finding.transactions[2]!.lsn! })).toEqual({
      unusable: expect.stringMatching(/cannot be read: permission denied/),
    });
    await old.ask('reset role');
  });

  it('is of another plugin, or decodes in two phases, or is not there', async () => {
    const drop = () => run(`select pg_drop_replication_slot('${SLOT_NAME}')`);
    await drop();
    expect(await find()).toEqual({ unusable: `There is no slot ${SLOT_NAME} on old.` });
    await run(`select pg_create_logical_replication_slot('${SLOT_NAME}', 'pgoutput')`);
    expect(await find()).toEqual({ unusable: expect.stringContaining('it is for pgoutput') });
    await drop();
    await run(`select pg_create_physical_replication_slot('${SLOT_NAME}')`);
    expect(await find()).toEqual({ unusable: expect.stringContaining('it is for replicas') });
    await drop();
    await run(`select pg_create_logical_replication_slot('${SLOT_NAME}', 'test_decoding', false, true)`);
    expect(await find()).toEqual({ unusable: expect.stringContaining('two-phase') });
    await drop();
    await run('create database other');
    const other = await pair.session('old', { database: 'other' });
    await other.ask(`select pg_create_logical_replication_slot('${SLOT_NAME}', 'test_decoding')`);
    await other.close();
    expect(await find()).toEqual({ unusable: expect.stringContaining('in the database "other"') });
    await drop();
  });

  it('is lost, as the WAL that it needs is gone', async () => {
    await pair.makeSlot('old');
    await run(`alter system set max_slot_wal_keep_size = '1MB'`);
    await run(`select pg_reload_conf()`);
    for (let at = 0; at < 4; at++)
      await run(`insert into plain values (${1000 + at}); select pg_switch_wal()`);
    await run('checkpoint');
    expect(await find()).toEqual({ unusable: expect.stringContaining('is lost') });
  });
});

async function waitForActive(isActive = true): Promise<void> {
  for (;;) {
    const [slot] = await run(`select active from pg_replication_slots where slot_name = '${SLOT_NAME}'`);
    if (slot!['active'] === isActive) return;
  }
}
