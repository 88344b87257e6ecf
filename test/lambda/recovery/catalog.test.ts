import { type Catalog, readTables, usableTables } from '../../../lambda/recovery/catalog';
import { connect } from '../../../lambda/recovery/connect';
import { type TestPostgres, startPostgres } from '../../support/postgres';

let server: TestPostgres;
let catalog: Catalog;

beforeAll(async () => {
  server = await startPostgres();
  await server.query(`
    create schema "Shop";
    create type "Shop"."Mood" as enum ('sad', 'ok');
    create table customers (id bigint generated always as identity primary key, email text not null, name text,
      unique (email));
    create table "Shop"."Orders" ("Customer" bigint references customers on delete cascade, "No" int, dropped int,
      mood "Shop"."Mood", price numeric(10,2), twice numeric generated always as (price * 2) stored,
      primary key ("No", "Customer"));
    alter table "Shop"."Orders" drop column dropped;
    create unique index "Expressed" on "Shop"."Orders" (abs(price), mood) nulls not distinct where price > 0;
    create table lines (line int primary key, customer bigint, no int,
      foreign key (no, customer) references "Shop"."Orders" ("No", "Customer") deferrable);
    create table by_day (day date, id int, note text, primary key (day, id)) partition by range (day);
    create table by_day_1 partition of by_day for values from ('2026-01-01') to ('2026-02-01');
    create table by_day_2 partition of by_day for values from ('2026-02-01') to ('2026-03-01') partition by list (id);
    create table by_day_2_1 partition of by_day_2 for values in (1);
    create table keyless (a int);
    create table lone (a int not null unique, b int);
    create table full_identity (a int primary key); alter table full_identity replica identity full;
    create table silent (a int primary key); alter table silent replica identity nothing;
    create table late (a int primary key deferrable);
    create table by_index (a int primary key, b text not null unique);
    alter table by_index replica identity using index by_index_b_key;
    create unlogged table scratch (a int primary key);
    create table rooms (room int primary key, during tsrange, exclude using gist (during with &&));
    create function noop() returns trigger language plpgsql as 'begin return new; end';
    create trigger mine before insert on customers for each row execute function noop();
    create trigger off before insert on customers for each row execute function noop();
    alter table customers disable trigger off;
    create schema scale_from_zero; create table scale_from_zero.heartbeat (id int);
    insert into customers (email) select g::text from generate_series(1, 1000) g; analyze customers;
  `);
  const session = await connect(server, { isReadOnly: true });
  catalog = await readTables(session);
  await session.close();
});
afterAll(() => server.stop());

const table = (name: string) => catalog.get(name)!;

it('lists the tables of people, and partitions by their root', () => {
  expect([...catalog.keys()]).toEqual([
    '"Shop"."Orders"',
    'public.by_day',
    'public.by_index',
    'public.customers',
    'public.full_identity',
    'public.keyless',
    'public.late',
    'public.lines',
    'public.lone',
    'public.rooms',
    'public.scratch',
    'public.silent',
  ]);
  expect(table('public.by_day').leaves.map(({ name }) => name)).toEqual([
    'public.by_day_1',
    'public.by_day_2_1',
  ]);
});

it('knows columns in the order of a row, without dropped ones', () => {
  expect(table('"Shop"."Orders"').columns).toEqual([
    { name: 'Customer', quoted: '"Customer"', type: 'bigint', isGenerated: false },
    { name: 'No', quoted: '"No"', type: 'integer', isGenerated: false },
    { name: 'mood', quoted: 'mood', type: '"Shop"."Mood"', isGenerated: false },
    { name: 'price', quoted: 'price', type: 'numeric(10,2)', isGenerated: false },
    { name: 'twice', quoted: 'twice', type: 'numeric', isGenerated: true },
  ]);
  expect(table('public.customers').columns[0]).toMatchObject({ identity: 'always' });
});

it.each([
  ['"Shop"."Orders"', [1, 0], 'key'],
  ['public.customers', [0], 'key'],
  ['public.by_day', [0, 1], 'key'],
  ['public.by_index', [1], 'key'],
  ['public.full_identity', [0], 'all'],
  ['public.silent', [0], 'nothing'],
  ['public.late', [0], 'nothing'],
  ['public.lone', [0], 'nothing'],
  ['public.keyless', undefined, 'nothing'],
])('%s: its key, and what the WAL tells of it', (name, key, logged) => {
  expect(table(name)).toMatchObject({ logged, ...(key && { key }) });
  expect(table(name).key).toEqual(key);
  if (key) expect(table(name).keyEquals).toEqual(key.map(() => 'operator(pg_catalog.=)'));
});

it('knows what must not be there twice', () => {
  expect(table('"Shop"."Orders"').uniques).toEqual([
    {
      name: 'Expressed',
      definition: expect.stringContaining('CREATE UNIQUE INDEX "Expressed"'),
      predicate: '(price > (0)::numeric)',
      parts: [
        { sql: 'abs(price)', operator: 'operator(pg_catalog.=)' },
        { sql: 'mood', operator: 'operator(pg_catalog.=)' },
      ],
      nullsAreEqual: true,
    },
  ]);
  expect(table('public.rooms').uniques).toMatchObject([
    { columns: [1], parts: [{ sql: 'during', operator: 'operator(pg_catalog.&&)' }] },
  ]);
  expect(table('public.by_index').uniques).toMatchObject([{ columns: [0] }]);
});

it('knows what refers to what', () => {
  expect(table('public.lines').references).toEqual([
    {
      name: 'lines_no_customer_fkey',
      from: [2, 1],
      table: '"Shop"."Orders"',
      to: [1, 0],
      isDeferrable: true,
    },
  ]);
});

it('knows triggers that are on, unlogged tables, sizes', () => {
  expect(table('public.customers')).toMatchObject({
    triggers: [{ name: 'mine', enabled: 'O' }],
    rows: 1000,
    leaves: [{ blocks: expect.any(Number) }],
  });
  expect(table('public.customers').leaves[0]!.blocks).toBeGreaterThan(1);
  expect(table('public.scratch').isUnlogged).toBe(true);
});

describe('on both servers', () => {
  const without = (name: string) => new Map([...catalog].filter(([key]) => key !== name));
  const changed = (name: string, change: object) =>
    new Map([...catalog].map(([key, value]) => [key, key === name ? { ...value, ...change } : value]));

  it('takes what is the same', () => {
    const { tables, unrecoverable } = usableTables(catalog, catalog);
    expect(unrecoverable).toEqual([]);
    expect(tables.map(({ name }) => name)).toEqual([...catalog.keys()]);
  });

  it('says what is missing, and is not bothered by what is only on the new one', () => {
    expect(usableTables(catalog, without('public.lone')).unrecoverable).toMatchObject([
      { kind: 'table missing', table: 'public.lone', what: expect.stringContaining('not on the new one') },
    ]);
    expect(usableTables(without('public.lone'), catalog).unrecoverable).toEqual([]);
  });

  it('says which columns differ', () => {
    const columns = [
      { name: 'b', quoted: 'b', type: 'bigint', isGenerated: false },
      { name: 'c', quoted: 'c', type: 'text', isGenerated: false },
    ];
    const { unrecoverable, tables } = usableTables(catalog, changed('public.lone', { columns }));
    expect(unrecoverable).toMatchObject([{ kind: 'columns differ' }]);
    expect(unrecoverable[0]!.what).toContain(
      'a integer is only on the old one; c text is only on the new one; b is integer on the old one and bigint on the new one',
    );
    expect(tables.map(({ name }) => name)).not.toContain('public.lone');
    const reversed = [...table('public.lone').columns].reverse();
    expect(
      usableTables(catalog, changed('public.lone', { columns: reversed })).unrecoverable[0]!.what,
    ).toContain('in another order');
  });

  it('says what may not be read, and where', () => {
    const { unrecoverable } = usableTables(catalog, changed('public.lone', { isReadable: false }));
    expect(unrecoverable).toMatchObject([
      { kind: 'not readable', what: expect.stringContaining('the new primary') },
    ]);
  });

  it('does not trust the WAL for another key than the one here', () => {
    const { tables } = usableTables(catalog, changed('public.by_index', { key: [0] }));
    expect(tables.find(({ name }) => name === 'public.by_index')!.logged).toBe('nothing');
  });
});
