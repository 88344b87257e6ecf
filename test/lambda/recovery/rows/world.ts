/** Tables of all kinds, and what both servers do with them after the fork. */

/** Two values of each type that may be in a key: of a row that is deleted, and of one that is inserted. */
export const KEY_TYPES: readonly (readonly [type: string, deleted: string, inserted: string])[] = [
  ['smallint', '-1', '32767'],
  ['bigint', '-9223372036854775808', '9223372036854775807'],
  ['numeric', '1.10', '123456789012345678901234567890.000000001'],
  ['numeric(8,2)', '1.10', '-0.01'],
  ['real', '1.1', 'NaN'],
  ['double precision', '0.30000000000000004', '-Infinity'],
  ['boolean', 't', 'f'],
  ['text', '', 'a "quoted", \\ (text)'],
  ['varchar(40)', 'ä\nö', "it's"],
  ['char(3)', 'a  ', 'b  '],
  ['"char"', 'a', 'b'],
  ['name', 'A', 'b c'],
  ['bytea', '\\x00ff', '\\x'],
  ['uuid', '00000000-0000-0000-0000-000000000001', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  ['date', '2026-02-28', 'infinity'],
  ['time', '23:59:59.999999', '00:00:00'],
  ['timetz', '01:02:03+05:30', '01:02:03-08'],
  ['timestamp', '2026-01-01 00:00:00.000001', '0044-03-15 00:00:00 BC'],
  ['timestamptz', '2026-01-01 00:00:00.000001+00', '-infinity'],
  ['interval', '1 mon 1 day 00:00:00.1', '-1 days'],
  ['inet', '10.0.0.1/8', '::1'],
  ['cidr', '10.0.0.0/8', '::/0'],
  ['macaddr', '08:00:2b:01:02:03', 'ff:ff:ff:ff:ff:ff'],
  ['bit(3)', '101', '000'],
  ['varbit', '1', ''],
  ['money', '$1.00', '-$2,000.50'],
  ['int[]', '{1,NULL}', '{}'],
  ['text[]', '{"a b",NULL,"\\"{}"}', '{""}'],
  ['int4range', '[1,5)', 'empty'],
  ['int4multirange', '{[1,5),[7,9)}', '{}'],
  ['oid', '1', '4294967295'],
  ['pg_lsn', '0/1', 'FFFFFFFF/FFFFFFFF'],
  ['tsvector', "'a':1", "'b' 'c'"],
  ['jsonb', '{"a": 1}', '[1.0, null]'],
  ['public."Mood"', 'sad', 'O K'],
  ['public.positive', '1', '2'],
  ['public.place', '(1,"a b")', '(,)'],
  ['public.caseless', 'Abc', 'DEF'],
];

export const BULK = 30_000;

/** Rows of before the fork. `wide` has rows enough for several pieces. */
export const BEFORE = `
  create schema "My Shop";
  create type "Mood" as enum ('sad', 'O K');
  create domain positive as int check (value > 0);
  create type place as (x int, name text);
  create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
  create domain caseless as text collate nocase;
  create table notes (id int primary key, body text);
  insert into notes select g, 'n' || g from generate_series(1, 20) g;
  create table under_way (id int primary key, body text);
  insert into under_way values (1, 'a'), (2, 'b');
  ${['wide', 'frozen', 'fulled_old', 'fulled_new', 'fulled_both', 'clustered', 'truncated']
    .map(
      (name) => `create table ${name} (id int primary key, body text);
                 insert into ${name} select g, repeat('x', 100) from generate_series(1, ${BULK}) g;`,
    )
    .join('')}
  create table "My Shop"."Order Lines" ("Order" text, "No." int, body text, primary key ("No.", "Order"));
  insert into "My Shop"."Order Lines" select 'o"' || g, g % 3, 'x' from generate_series(1, 9) g;
  create table parted (region text, id int, body text, primary key (id, region)) partition by list (region);
  create table parted_a partition of parted for values in ('a');
  create table parted_b partition of parted for values in ('b') partition by range (id);
  create table parted_b1 partition of parted_b for values from (0) to (100);
  insert into parted select r, g, 'x' from generate_series(1, 9) g, unnest('{a,b}'::text[]) r;
  create table hot (id int primary key, n int) with (fillfactor = 50);
  insert into hot select g, 0 from generate_series(1, 9) g;
  create table parent_of (id int primary key);
  create table child_of () inherits (parent_of);
  insert into parent_of values (1), (2);
  insert into child_of values (3), (4);
  create table loose (a int, "B b" text, c int generated always as (a + 1) stored);
  insert into loose values (1, 'one'), (2, 'two'), (2, 'two'), (3, null);
  create table loose_fulled (a int); insert into loose_fulled values (1), (2);
  create table loose_quiet (a int); insert into loose_quiet values (1), (2);
  create table own_rows (id int primary key, n int); insert into own_rows select g, 0 from generate_series(1, 9) g;
  create table secret (id int primary key, owner text); insert into secret values (1, 'a'), (2, 'b');
  create table windowed (id int primary key, n int); insert into windowed select g, 0 from generate_series(1, 4) g;
  create unlogged table scratch (id int primary key);
  ${KEY_TYPES.map(
    ([type, deleted], at) => `create table type_${at} (k ${type} primary key, n int);
      insert into type_${at} values ('${deleted.replaceAll("'", "''")}', 0);`,
  ).join('')}
  create table moving (id int primary key); insert into moving select generate_series(1, 2000);
  create table twins (k numeric primary key, n int); insert into twins values (1.0, 0), (2.0, 0);
`;

/** What is done on the old primary after the fork. */
export const LOST = `
  insert into notes values (21, 'new'), (22, 'new and gone');
  delete from notes where id = 22;
  update notes set body = 'changed' where id in (3, 4);
  delete from notes where id in (5, 6);
  update notes set id = 107 where id = 7;
  delete from notes where id = 8; insert into notes values (8, 'again');
  begin; insert into notes values (30, 'undone'); delete from notes where id = 9; rollback;
  begin; savepoint s; insert into notes values (31, 'of a subtransaction'); release s; commit;
  delete from wide where id in (1, ${BULK / 2}, ${BULK}); update wide set body = 'y' where id in (2, ${BULK - 1});
  insert into wide values (${BULK + 1}, 'z');
  delete from frozen where id in (10, 20); update frozen set body = 'y' where id = 30; insert into frozen values (-1, '');
  vacuum (freeze) frozen; insert into frozen values (-2, 'in a place that became free'); vacuum (freeze, analyze) frozen;
  delete from fulled_old where id in (10, 20); update fulled_old set body = 'y' where id = 30;
  insert into fulled_old values (-1, ''); vacuum (full, freeze) fulled_old;
  delete from fulled_new where id in (10, 20); update fulled_new set body = 'y' where id = 30;
  insert into fulled_new values (-1, '');
  delete from fulled_both where id in (10, 20); update fulled_both set body = 'y' where id = 30;
  insert into fulled_both values (-1, ''); vacuum full fulled_both;
  delete from clustered where id = 1; update clustered set body = 'y' where id = 2;
  create index by_id on clustered (id desc); cluster clustered using by_id;
  delete from moving where id = 10;
  truncate truncated; insert into truncated values (5, 'again');
  delete from "My Shop"."Order Lines" where "Order" = 'o"4';
  insert into "My Shop"."Order Lines" values ('o"4', 7, '');
  update parted set region = 'b' where (region, id) = ('a', 1); -- there is one: fails
  delete from parted where (region, id) = ('a', 2);
  update parted set region = 'b', id = 50 where (region, id) = ('a', 3);
  update parted set body = 'y' where (region, id) = ('b', 4);
  update hot set n = 1 where id = 1; update hot set n = 2 where id = 1; update hot set n = 1 where id = 2;
  delete from hot where id = 2; vacuum hot;
  delete from only parent_of where id = 1; delete from child_of where id = 3;
  insert into loose values (4, 'it''s'), (5, E'a\\\\b'); update loose set a = 6 where a = 1; delete from loose where a = 3;
  insert into loose_fulled values (3); delete from loose_fulled where a = 1; vacuum full loose_fulled;
  vacuum full loose_quiet;
  delete from own_rows where id in (1, 2, 3);
  insert into secret values (3, 'c');
  insert into scratch values (1);
  ${KEY_TYPES.map(
    ([, , inserted], at) => `delete from type_${at};
      insert into type_${at} values ('${inserted.replaceAll("'", "''")}', 1);`,
  ).join('')}
  update twins set k = 1.00 where k = 1; delete from twins where k = 2; insert into twins values (2.000, 1);
`;

/** What the new primary does itself. */
export const PRIMARYS_OWN = `
  insert into notes values (21, 'taken'), (40, 'own');
  update notes set body = 'own' where id in (4, 6, 10);
  delete from notes where id in (11);
  update wide set body = 'own' where id % 3 = 0; insert into wide select ${BULK} + g, '' from generate_series(5, 9) g;
  vacuum wide; vacuum (freeze) frozen;
  update fulled_new set body = 'own' where id = 40; delete from fulled_new where id < 5; vacuum full fulled_new;
  delete from fulled_both where id = 4; vacuum full fulled_both;
  update own_rows set n = 1 where id in (1, 4); insert into own_rows values (10, 0), (11, 0);
  delete from hot where id = 5; vacuum hot;
`;
