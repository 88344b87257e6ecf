import { apply } from '../../../../lambda/recovery/apply';
import { HEARTBEAT_TABLE } from '../../../../lambda/prepare-database/plan';
import type { PlanHead } from '../../../../lambda/recovery/plan';
import { type Site, type Stand, startStand } from './stand';

let stand: Stand;
let site: Site;
beforeAll(async () => {
  stand = await startStand();
  site = await stand.site(
    `create table notes (id int primary key, v varchar(10)); create table logs (id int primary key) partition by range (id);`,
    `insert into notes values (1, 'a')`,
  );
});
afterAll(() => stand?.stop());

const withHead = async (change: (head: PlanHead) => Partial<PlanHead>) => {
  const plan = await site.plan();
  return apply({ plan: { ...plan, head: { ...plan.head, ...change(plan.head) } }, primary: site.primary });
};

test.each<[string, (head: PlanHead) => Partial<PlanHead>, RegExp]>([
  [
    'another system',
    ({ fork }) => ({ fork: { ...fork, system: '7' } }),
    /is for the system 7, and new is \d+: another database/,
  ],
  [
    'another database',
    () => ({ database: 'shop' }),
    /is for the database "shop", and new was asked for "new_1"/,
  ],
  [
    'the old primary, or an older plan of it',
    () => ({ timeline: 2 }),
    /new is on timeline 1 at .*: it is the old primary, or another server/,
  ],
  [
    'a server that was not promoted at the fork',
    ({ fork }) => ({ fork: { ...fork, timeline: 1 } }),
    /new is on timeline 1/,
  ],
  ['a fork in the future', ({ fork }) => ({ fork: { ...fork, lsn: 'FFFF/0' } }), /for a fork at FFFF\/0/],
])('%s is told, and nothing is begun', async (_, change, sentence) => {
  await expect(withHead(change)).rejects.toMatchObject({
    name: 'Problem',
    message: expect.stringMatching(sentence),
  });
  expect(await site.rows('primary', 'public.notes')).toEqual([]);
  expect(await site.admin.ask(`select to_regclass('scale_from_zero.recovery_run') as run`)).toEqual([
    { run: null },
  ]);
});

test('an epoch that the server has not come to', async () => {
  await site.admin.ask(`update ${HEARTBEAT_TABLE} set epoch = 4`);
  await expect(withHead(({ fork }) => ({ fork: { ...fork, epoch: 5 } }))).rejects.toThrow(
    /^new is in epoch 4, and the fork of the plan .* is of epoch 5/,
  );
  await site.admin.ask(`update ${HEARTBEAT_TABLE} set epoch = 0`);
});

test.each([
  [
    'alter table notes add more int',
    'alter table notes drop more',
    /^public.notes has changed since .*they are: id integer, v character varying\(10\), more integer/,
  ],
  [
    'alter table notes alter v type varchar(20)',
    'alter table notes alter v type varchar(10)',
    /v character varying\(20\)/,
  ],
  [
    'alter table notes rename to other',
    'alter table other rename to notes',
    /^public.notes is gone since the plan plan-of-new_1 was made\. Make a new plan/,
  ],
])('a table that has changed since: %s', async (change, back, sentence) => {
  const plan = await site.plan();
  await site.admin.ask(`set search_path to public; ${change}`);
  await expect(apply({ plan, primary: site.primary })).rejects.toThrow(sentence);
  await site.admin.ask(back);
});

test('a role that may not write: each row is refused with the words of PostgreSQL', async () => {
  const other = await stand.site(
    'create table notes (id int primary key)',
    'insert into notes values (1), (2), (3)',
  );
  const plan = await other.plan();
  await other.admin.ask(
    'alter table public.notes owner to postgres; grant select on public.notes to app_writer',
  );
  const applied = await apply({ plan, primary: other.primary });
  expect(applied.counts).toEqual({ refused: 3 });
  expect(applied.refused[0]).toMatchObject({ sqlState: '42501', why: 'permission denied for table notes' });
});

test('a ledger that belongs to another role', async () => {
  const other = await stand.site('create table notes (id int primary key)', 'insert into notes values (1)');
  const plan = await other.plan();
  await apply({ plan: { ...plan, changes: [] }, primary: other.primary });
  await other.admin.ask(
    'alter table scale_from_zero.recovery_run owner to postgres; alter table scale_from_zero.recovery_ledger owner to postgres',
  );
  await expect(apply({ plan, primary: other.primary })).rejects.toThrow(
    /^The ledger on new belongs to another role \(permission denied for table recovery_run\)/,
  );
});

test('whoever began it, the role recovery can go on with the ledger', async () => {
  const other = await stand.site(
    'create table notes (id int primary key)',
    'insert into notes values (1), (2)',
  );
  const plan = await other.plan();
  const master = await other.session('postgres');
  await apply({ plan: { ...plan, changes: plan.changes.slice(0, 1) }, primary: master });
  expect((await apply({ plan, primary: other.primary })).counts).toEqual({ 'done before': 1, applied: 1 });
});
