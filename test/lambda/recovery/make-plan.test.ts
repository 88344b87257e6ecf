import { makePlan } from '../../../lambda/recovery/make-plan';
import { LEDGER_STATEMENTS, LEDGER_TABLE, forkName } from '../../../lambda/recovery/ledger';
import type { Fork } from '../../../lambda/recovery/fork';
import type { Plan } from '../../../lambda/recovery/plan';
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
    create table customers (id int generated always as identity primary key, email text unique, name text);
    create table orders (id int primary key, customer int references customers on delete cascade, note text);
    create table log (note text);
    insert into customers (email, name) select 'c' || g, 'name ' || g from generate_series(1, 20) g;
    insert into orders select g, g, 'order' from generate_series(1, 20) g`);
  await pair.makeSlot('old');
  fork = await pair.part();
  await pair.old.query(`
    update customers set name = 'lost' where id in (1, 2, 3);
    insert into customers (email, name) values ('new', 'parent'), ('taken', 'value');
    insert into orders values (100, 21, 'child of a lost one'), (101, 22, 'child of a conflict');
    delete from customers where id in (5, 6);
    insert into log values ('no key')`);
  await pair.promote();
  await pair.makeSlot('primary');
  await pair.primary.query(`
    insert into scale_from_zero.opening
      select 1, '${fork.lsn}', confirmed_flush_lsn from pg_replication_slots where slot_name = 'scale_from_zero_recovery'`);
  await pair.primary.query(`
    select setval('customers_id_seq', 1000);
    update customers set name = 'here' where id = 2;
    delete from customers where id = 3;
    insert into orders values (200, 6, 'refers to what is deleted there');
    insert into customers (email) values ('taken')`);
  old = await pair.session('old', { isReadOnly: true });
  primary = await pair.session('primary', { isReadOnly: true });
});
afterAll(async () => {
  await Promise.all([old?.close(), primary?.close()]);
  await pair?.stop();
});

const told = ({ changes }: Plan) =>
  Object.fromEntries(
    changes.map(({ table, key, operation, conflict }) => [`${table} ${key}`, conflict?.kind ?? operation]),
  );

it.each(['slot', 'rows'] as const)(
  'by %s: each lost change is in one class, in an order that can be made',
  async (method) => {
    const plan = await makePlan({ old, primary, fork, method, now: () => Date.UTC(2026, 10, 22, 19, 5, 1) });
    expect(told(plan)).toEqual({
      'public.customers 1': 'update',
      'public.customers 2': 'both changed',
      'public.customers 3': 'deleted here',
      'public.customers 5': 'delete',
      'public.customers 6': 'still referred to',
      'public.customers 21': 'insert',
      'public.customers 22': 'value taken',
      'public.orders 5': 'delete',
      'public.orders 6': 'delete',
      'public.orders 100': 'insert',
      'public.orders 101': 'parent missing',
    });
    const order = plan.changes.map(({ table, key }) => `${table} ${key}`);
    expect(order.indexOf('public.customers 21')).toBeLessThan(order.indexOf('public.orders 100'));
    expect(order.indexOf('public.orders 5')).toBeLessThan(order.indexOf('public.customers 5'));
    expect(plan.changes.map(({ number }) => number)).toEqual(plan.changes.map((_, index) => index + 1));
    expect(plan.head).toMatchObject({
      id: 'epoch-1-20261122T190501Z',
      method,
      timeline: 2,
      database: 'postgres',
    });
    expect(plan.head.unrecoverable).toMatchObject([{ kind: 'no key', table: 'public.log' }]);
    expect(plan.head.tables.map(({ name }) => name)).toEqual(['public.customers', 'public.orders']);
    expect(plan.head.transactions.length).toBeGreaterThan(0);
  },
);

it('attaches no child to a stranger whose key an earlier run has left to it', async () => {
  const [taken] = (await makePlan({ old, primary, fork, method: 'slot' })).changes.filter(
    ({ conflict }) => conflict?.kind === 'value taken',
  );
  expect(taken).toMatchObject({ table: 'public.customers', key: ['22'] });
  // An earlier run kept the parent and was cut off before the child; then somebody gave the parent's key out again.
  await pair.primary.query(
    `insert into customers (id, email) overriding system value values (22, 'stranger')`,
  );
  for (const statement of LEDGER_STATEMENTS) await pair.primary.query(statement);
  const kept = `insert into ${LEDGER_TABLE} (fork, relation, key, plan, number, outcome)
                values ('${forkName(fork)}', 'public.customers', '["22"]', 'earlier', 1, 'kept')`;
  await pair.primary.query(kept);
  const plan = await makePlan({ old, primary, fork, method: 'slot' });
  expect(told(plan)).not.toHaveProperty('public.customers 22');
  expect(told(plan)).toMatchObject({ 'public.orders 101': 'parent missing' });
});

it('goes by rows when there is no slot, and says so', async () => {
  await pair.old.query(`select pg_drop_replication_slot('scale_from_zero_recovery')`);
  const { head } = await makePlan({ old, primary, fork });
  expect(head.method).toBe('rows');
  expect(head.gaps[0]).toContain('There is no slot');
  await expect(makePlan({ old, primary, fork, method: 'slot' })).rejects.toThrow('There is no slot');
});
