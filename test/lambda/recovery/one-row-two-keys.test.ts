/** Keys that are equal and not written alike: one row, found under both. */
import { makePlan } from '../../../lambda/recovery/make-plan';
import type { Fork } from '../../../lambda/recovery/fork';
import type { Session } from '../../../lambda/recovery/session';
import { type Pair, startPair } from '../../support/fork';

let pair: Pair;
let fork: Fork;
let old: Session;
let primary: Session;

beforeAll(async () => {
  pair = await startPair();
  await pair.old.query(`
    create schema scale_from_zero;
    create table scale_from_zero.opening (epoch bigint primary key, forked_at pg_lsn, slot_from pg_lsn);
    create collation ignoring (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    create table people (email text collate ignoring primary key, v text);
    create table prices (m money primary key, v text);
    create table quiet_prices (m money primary key);
    insert into prices select i, 'v' from generate_series(1, 3) as i;
    create table amounts (n numeric primary key, v text);
    insert into people select name || i, 'v' from generate_series(1, 3) as i, unnest('{ann,bob,cid,dan}'::text[]) as name;
    insert into amounts select i, 'v' from generate_series(1, 9) as i`);
  await pair.makeSlot('old');
  fork = await pair.part();
  // Written otherwise; and more; and deleted afterwards.
  await pair.old.query(`update people set email = initcap(email) where email <> 'cid1'`);
  await pair.old.query(
    `update people set v = 'lost' where email collate "C" like 'B%' or email collate "C" like 'D%'`,
  );
  await pair.old.query(`delete from people where email collate "C" like 'C%'`);
  await pair.old.query(
    `update prices set v = 'lost'; insert into prices values (5, 'lost'); insert into quiet_prices values (1)`,
  );
  await pair.old.query(`update amounts set n = n + 0.00`);
  await pair.promote();
  await pair.makeSlot('primary');
  await pair.primary.query(`
    insert into scale_from_zero.opening
      select 1, '${fork.lsn}', confirmed_flush_lsn from pg_replication_slots where slot_name = 'scale_from_zero_recovery'`);
  await pair.primary.query(`update people set v = 'here' where email collate "C" like '%2'`);
  await pair.primary.query(`delete from people where email collate "C" like '%3'`);
  await pair.primary.query(
    `update prices set v = 'here' where m = 2::money; delete from prices where m = 3::money`,
  );
  await pair.primary.query(`update amounts set v = 'here' where n = 2`);
  await pair.primary.query(`delete from amounts where n = 3`);
  old = await pair.session('old', { isReadOnly: true });
  primary = await pair.session('primary', { isReadOnly: true });
});
afterAll(async () => {
  await Promise.all([old?.close(), primary?.close()]);
  await pair?.stop();
});

it.each(['slot', 'rows'] as const)('by %s: each row is one change', async (method) => {
  const { changes, head } = await makePlan({ old, primary, fork, method });
  const told = changes.map(
    ({ key, operation, conflict, table }) =>
      `${table} ${key[0]!.toLowerCase().replace(/^\$|\.0+$/g, '')}: ${conflict?.kind ?? operation}`,
  );
  expect(told.sort()).toEqual(
    [
      ...['ann1', 'bob1', 'dan1'].map((name) => `public.people ${name}: update`),
      ...['ann2', 'bob2', 'dan2'].map((name) => `public.people ${name}: both changed`),
      ...['ann3', 'bob3', 'dan3'].map((name) => `public.people ${name}: deleted here`),
      'public.people cid2: changed here',
      'public.quiet_prices 1: insert',
      'public.prices 1: update',
      'public.prices 2: both changed',
      // No type that can be hashed: equal keys are not known to the history, and nobody is sure.
      `public.prices 3: ${method === 'slot' ? 'deleted here' : 'cannot be told'}`,
      `public.prices 5: ${method === 'slot' ? 'insert' : 'cannot be told'}`,
      ...['1', '4', '5', '6', '7', '8', '9'].map((n) => `public.amounts ${n}: update`),
      'public.amounts 2: both changed',
      'public.amounts 3: deleted here',
    ].sort(),
  );
  expect(head.unrecoverable).toEqual([]);
});
