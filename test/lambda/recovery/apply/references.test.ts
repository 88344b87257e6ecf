import { apply } from '../../../../lambda/recovery/apply';
import { type Stand, startStand } from './stand';

let stand: Stand;
beforeAll(async () => (stand = await startStand()));
afterAll(() => stand?.stop());

const TREE = `
  create table tree (id int primary key, parent int references tree on delete cascade, v text);
  insert into tree values (1, null, 'root'), (2, 1, 'a'), (3, 2, 'b'), (4, 2, 'c');`;

test('rows that refer to their like are deleted and inserted together, whatever their order', async () => {
  const site = await stand.site(
    TREE,
    `delete from tree where id = 2; insert into tree values (9, 10, 'child'), (10, 1, 'parent');`.replace(
      `(9, 10, 'child'), (10, 1, 'parent')`,
      `(10, 1, 'parent'), (9, 10, 'child')`,
    ),
  );
  const plan = await site.plan();
  expect(plan.changes.map(({ key }) => key[0])).toEqual(['10', '9', '2', '3', '4']);
  const backwards = { ...plan, changes: [...plan.changes.slice(0, 2).reverse(), ...plan.changes.slice(2)] };
  expect((await apply({ plan: backwards, primary: site.primary })).counts).toEqual({ applied: 5 });
  expect(await site.rows('primary', 'public.tree')).toEqual(await site.rows('old', 'public.tree'));
});

test.each(['cascade', 'set null', 'set default'])(
  'ON DELETE %s reaches no row that the new primary has',
  async (action) => {
    const site = await stand.site(
      `create table parent (id int primary key); insert into parent values (0), (1), (2);
       create table child (id int primary key, parent int default 0 references parent on delete ${action});
       insert into child values (1, 1);`,
      `delete from child; delete from parent where id > 0;`,
    );
    const plan = await site.plan(['public.parent', 'public.child']);
    await site.admin.ask('insert into public.child values (7, 2)');
    const dry = await apply({ plan, primary: site.primary, isDryRun: true });
    const applied = await apply({ plan, primary: site.primary });
    for (const { counts, refused } of [dry, applied]) {
      expect(counts).toEqual({ applied: 2, refused: 1 });
      expect(refused[0]).toMatchObject({ key: ['2'], operation: 'delete' });
      expect(refused[0]!.why).toMatch(/^Rows of public.child refer to it/);
    }
    expect(await site.rows('primary', 'public.child')).toEqual(['(7,2)']);
    expect(await site.rows('primary', 'public.parent')).toEqual(['(0)', '(2)']);
  },
);

test('children in a table that is not in the plan, in a partition, and of a partition', async () => {
  const site = await stand.site(
    `create table parent (id int primary key) partition by range (id);
     create table parent_1 partition of parent for values from (0) to (10);
     create table parent_2 partition of parent default;
     insert into parent values (1), (2), (3), (11);
     create table one (parent int references parent_1 on delete cascade);
     create table many (id int, parent int references parent on delete set null) partition by range (id);
     create table many_1 partition of many default;`,
    'delete from parent',
  );
  const plan = await site.plan(['public.parent']);
  await site.admin.ask('insert into public.one values (1); insert into public.many values (1, 2), (2, 11)');
  const applied = await apply({ plan, primary: site.primary });
  expect(applied.counts).toEqual({ applied: 1, refused: 3 });
  expect(await site.rows('primary', 'public.many')).toEqual(['(1,2)', '(2,11)']);
  expect(await site.rows('primary', 'public.one')).toEqual(['(1)']);
});

test('ON UPDATE CASCADE reaches no row either; what PostgreSQL refuses by itself has its own words', async () => {
  const site = await stand.site(
    `create table parent (id int primary key, code text unique, name text unique);
     insert into parent values (1, 'a', 'x'), (2, 'b', 'y'), (3, 'c', 'z');
     create table child (id int primary key, code text references parent (code) on update cascade);
     create table other (id int primary key, name text references parent (name));
     insert into child values (1, 'a'), (2, 'c'); insert into other values (1, 'y');`,
    `update parent set name = 'zz' where id = 3;`,
  );
  const plan = await site.plan(['public.parent']);
  const [change] = plan.changes;
  const changes = [
    change!,
    { ...change!, number: 2, key: ['1'], present: '(1,a,x)', lost: '(1,aa,x)' },
    { ...change!, number: 3, key: ['2'], present: '(2,b,y)', lost: '(2,b,yy)' },
  ];
  const applied = await apply({ plan: { ...plan, changes }, primary: site.primary });
  expect(applied.counts).toEqual({ applied: 1, refused: 2 });
  expect(applied.refused).toMatchObject([
    { key: ['1'], why: expect.stringMatching(/^Rows of public.child refer to it/) },
    {
      key: ['2'],
      sqlState: '23503',
      why: expect.stringMatching(/violates foreign key constraint .* still referenced/),
    },
  ]);
  expect(await site.rows('primary', 'public.child')).toEqual(['(1,a)', '(2,c)']);
});

test.each(['', 'deferrable', 'deferrable initially deferred'])(
  'tables that refer to each other (%s), in batches that cut between them',
  async (how) => {
    const site = await stand.site(
      `create table a (id int primary key, b int); create table b (id int primary key, a int references a ${how});
       alter table a add foreign key (b) references b ${how};`,
      `insert into a select i, null from generate_series(1, 5) i; insert into b select i, i from generate_series(1, 5) i;
       update a set b = id; insert into a values (6, null);`,
    );
    const plan = await site.plan();
    // One whose parent never comes must not keep the others back.
    const orphan = { ...plan.changes[0]!, number: 12, key: ['7'], lost: '(7,99)' };
    const changes = [...plan.changes, orphan];
    const applied = await apply({ plan: { ...plan, changes }, primary: site.primary, batchRows: 2 });
    expect(applied.counts).toEqual({ applied: 11, refused: 1 });
    expect(applied.refused).toMatchObject([{ number: 12, sqlState: '23503' }]);
    for (const table of ['public.a', 'public.b']) {
      expect(await site.rows('primary', table)).toEqual(await site.rows('old', table));
    }
  },
);

test('rows that the database refuses stand alone, with its own words; the rest is done', async () => {
  const site = await stand.site(
    `create table parent (id int primary key);
     create table strict (id int primary key, code text unique, parent int references parent, n int, must text);
     insert into strict values (1, 'taken', null, 1, 'x'), (2, 'two', null, 2, 'x');`,
    `insert into strict select i, 'code ' || i, null, i, 'x' from generate_series(3, 40) i; update strict set n = 20 where id = 2;
     insert into strict values (50, 'taken here', null, 5, 'x'), (51, 'negative', null, -5, 'x'), (52, 'null', null, 5, null);
     insert into parent values (1); insert into strict values (53, 'no parent', 1, 5, 'x');`,
    `update strict set code = 'taken here' where id = 1; alter table strict add check (n >= 0), alter must set not null;`,
  );
  const plan = await site.plan(['public.strict']);
  const changes = plan.changes.filter(({ key }) => key[0] !== '1');
  const applied = await apply({ plan: { ...plan, changes }, primary: site.primary, batchRows: 10 });
  expect(applied.counts).toEqual({ applied: 39, refused: 4 });
  expect(applied.isComplete).toBe(false);
  expect(applied.refused.map(({ key, sqlState, why }) => [key[0], sqlState, why])).toEqual([
    ['50', '23505', expect.stringContaining('Key (code)=(taken here) already exists')],
    ['51', '23514', expect.stringContaining('violates check constraint')],
    ['52', '23502', expect.stringContaining('null value in column "must"')],
    ['53', '23503', expect.stringContaining('Key (parent)=(1) is not present')],
  ]);
  // They are tried again by the next run, and the rest is not.
  await site.admin.ask(
    'insert into public.parent values (1); update public.strict set code = null where id = 1',
  );
  const again = await apply({ plan: { ...plan, changes }, primary: site.primary });
  expect(again.counts).toEqual({ applied: 2, refused: 2, 'done before': 39 });
  expect(
    await site.admin.ask(
      `select key, outcome from scale_from_zero.recovery_ledger where key in ('["50"]', '["51"]') order by 1`,
    ),
  ).toEqual([
    { key: '["50"]', outcome: 'applied' },
    { key: '["51"]', outcome: 'refused' },
  ]);
});

test('a value that is freed and taken by the same plan', async () => {
  const site = await stand.site(
    `create table slots (id int primary key, code text unique); insert into slots values (1, 'a'), (2, 'b');`,
    `delete from slots where id = 1; update slots set code = 'a' where id = 2; insert into slots values (3, 'b');`,
  );
  const plan = await site.plan();
  // In an order that cannot be made: it is made in the end.
  expect(plan.changes.map(({ operation }) => operation)).toEqual(['insert', 'update', 'delete']);
  expect((await apply({ plan, primary: site.primary })).counts).toEqual({ applied: 3 });
  expect(await site.rows('primary', 'public.slots')).toEqual(['(2,a)', '(3,b)']);
});

test('rows that refer to each other in a circle go together as well', async () => {
  const site = await stand.site(
    `create table a (id int primary key, b int); create table b (id int primary key, a int references a);
     insert into a select i, i from generate_series(1, 5) i; insert into b select i, i from generate_series(1, 5) i;
     alter table a add foreign key (b) references b;`,
    `update a set b = null where id < 5; delete from b where id < 5; delete from a where id < 5;`,
  );
  const plan = await site.plan();
  const applied = await apply({ plan, primary: site.primary, batchRows: 3 });
  expect(applied.counts).toEqual({ applied: 8 });
  expect(await site.rows('primary', 'public.a')).toEqual(['(5,5)']);
});

describe('a key that is given out between plan and apply', () => {
  const FAMILY = `
    create table parents (id int primary key, name text);
    create table children (id int primary key, parent int references parents, v text);
    create table grandchildren (id int primary key, child int references children);
    insert into children values (50, null, 'v')`;
  const LOST = `
    insert into parents values (7, 'lost'), (8, 'lost');
    insert into children values (1, 7, 'a'), (2, 8, 'b');
    update children set parent = 7 where id = 50;
    insert into grandchildren values (1, 1), (2, 2)`;
  const all = ['public.parents', 'public.children', 'public.grandchildren'];
  const state = async (site: Awaited<ReturnType<Stand['site']>>) => ({
    parents: await site.rows('primary', 'public.parents'),
    children: await site.rows('primary', 'public.children'),
    grandchildren: await site.rows('primary', 'public.grandchildren'),
  });

  test.each([1, 2000])('takes no lost child, in batches of %d', async (batchRows) => {
    const site = await stand.site(FAMILY, LOST);
    const plan = await site.plan(all);
    await site.admin.ask(`insert into public.parents values (7, 'stranger')`);
    const dry = await apply({ plan, primary: site.primary, isDryRun: true, batchRows });
    const applied = await apply({ plan, primary: site.primary, batchRows });
    for (const { counts } of [dry, applied]) expect(counts).toEqual({ applied: 3, 'changed since': 4 });
    expect(applied.changed.find(({ table }) => table === 'public.children')!.why).toContain('a stranger');
    expect(await state(site)).toEqual({
      parents: ['(7,stranger)', '(8,lost)'],
      children: ['(2,8,b)', '(50,,v)'],
      grandchildren: ['(2,2)'],
    });
  });

  test('takes none either when the apply was cut off before the child', async () => {
    const site = await stand.site(FAMILY, LOST);
    const plan = await site.plan(all);
    await site.admin.ask(`insert into public.parents values (7, 'stranger')`);
    let batches = 0;
    const cut = await apply({ plan, primary: site.primary, batchRows: 1, mayGoOn: () => batches++ < 2 });
    expect(cut).toMatchObject({ isPaused: true, counts: { applied: 1, 'changed since': 1 } });
    await apply({ plan, primary: site.primary });
    expect((await state(site)).children).toEqual(['(2,8,b)', '(50,,v)']);
  });
});
