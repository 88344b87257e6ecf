import { advanceSequences, planSequences, readSequences } from '../../../lambda/recovery/sequences';
import { apply } from '../../../lambda/recovery/apply';
import { type Stand, startStand } from './apply/stand';

let stand: Stand;
beforeAll(async () => (stand = await startStand()));
afterAll(() => stand?.stop());

const state = (name: string, last: string | null, increment = '1') => ({ name, last, increment });

test.each([
  ['further there', '20', '10', '1', true],
  ['further here', '10', '20', '1', false],
  ['the same', '10', '10', '1', false],
  ['past what a double can tell apart', '9007199254740993', '9007199254740992', '1', true],
  ['more digits', '100', '99', '1', true],
  ['descending, further there', '-20', '-10', '-1', true],
  ['descending, further here', '-10', '-20', '-5', false],
  ['never asked here', '1', null, '1', true],
  ['never asked there', null, '5', '1', false],
])('%s', (_, old, present, increment, isPlanned) => {
  const planned = planSequences([state('public.a', old, increment)], [state('public.a', present, increment)]);
  expect(planned).toEqual(isPlanned ? [{ name: 'public.a', old, present, increment }] : []);
});

test('by the new primary, in whatever direction it counts there', () => {
  expect(planSequences([state('a', '5', '1')], [state('a', '9', '-1')])).toEqual([
    { name: 'a', old: '5', present: '9', increment: '-1' },
  ]);
});

const SCHEMA = `
  create sequence up; create sequence down increment -2 maxvalue 100 start 100; create sequence "Round and" maxvalue 50 cycle;
  create sequence wide cache 20; create sequence small as smallint; create sequence far start 1000; create sequence idle;
  create table owned (id serial primary key, n int generated always as identity);`;
const USE = `select nextval('up') from generate_series(1, 30); select nextval('down') from generate_series(1, 10);
  select nextval('"Round and"') from generate_series(1, 40); select nextval('wide') from generate_series(1, 30);
  select setval('small', 32767); select nextval('far'); insert into owned select from generate_series(1, 7);`;

test('all kinds end above both sides, and never go back', async () => {
  const site = await stand.site(
    SCHEMA,
    USE,
    `select nextval('up'); select setval('far', 5000); select nextval('down') from generate_series(1, 20)`,
  );
  const plan = await site.plan();
  expect(plan.head.sequences.map(({ name }) => name)).toEqual([
    'public."Round and"',
    'public.owned_id_seq',
    'public.owned_n_seq',
    'public.small',
    'public.up',
    'public.wide',
  ]);
  const dry = await apply({ plan, primary: site.primary, isDryRun: true });
  const applied = await apply({ plan, primary: site.primary });
  const outcomes = plan.head.sequences.map(({ name, old }) => ({ name, outcome: 'advanced', last: old }));
  expect([dry.sequences, applied.sequences]).toEqual([outcomes, outcomes]);
  const next = async (name: string) =>
    (await site.admin.ask<{ next: string }>('select nextval($1)::text as next', [name]))[0]!.next;
  expect(await next('public.up')).toBe('31');
  expect(await next('public.wide')).toBe('41');
  expect(await next('public."Round and"')).toBe('41');
  expect(await next('public.owned_id_seq')).toBe('8');
  expect(await next('public.down')).toBe('60');
  await expect(next('public.small')).rejects.toThrow('reached maximum value');
  const again = await apply({ plan, primary: site.primary });
  expect(again.sequences.every(({ outcome }) => outcome === 'further already')).toBe(true);
  expect(await next('public.up')).toBe('32');
});

test('a start that was never asked for a value does not go back either', async () => {
  const site = await stand.site(
    'create sequence s',
    `select nextval('s')`,
    'alter sequence s restart with 500',
  );
  const outcomes = await advanceSequences(
    site.primary,
    planSequences(await readSequences(site.old), await readSequences(site.primary)),
  );
  expect(outcomes).toEqual([{ name: 'public.s', outcome: 'further already', last: '499' }]);
});

test('what may not or cannot be set is told, with what can be done', async () => {
  const site = await stand.site(
    `create sequence s; create sequence gone; create sequence low maxvalue 10`,
    `
    select setval('s', 20); select setval('gone', 3); alter sequence low maxvalue 100; select setval('low', 20)`,
  );
  const plan = await site.plan();
  await site.admin.ask(
    'alter sequence public.s owner to postgres; grant all on public.s to app_writer; drop sequence public.gone',
  );
  const applied = await apply({ plan, primary: site.primary });
  expect(applied.sequences).toEqual([
    { name: 'public.gone', outcome: 'refused', why: 'it is not on the new primary' },
    {
      name: 'public.low',
      outcome: 'refused',
      why: expect.stringContaining('out of bounds'),
      sql: `select setval('public.low', 20);`,
    },
    {
      name: 'public.s',
      outcome: 'refused',
      why: 'it belongs to postgres, who can set it',
      sql: `select setval('public.s', 20);`,
    },
  ]);
});

test('live traffic meanwhile never gets a value twice', async () => {
  const site = await stand.site('create sequence s', `select setval('s', 3000)`);
  const user = await site.session('app_writer');
  const given: number[] = [];
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const rows = await user.ask<{ n: number }>(
        `select nextval('public.s')::int as n from generate_series(1, 50)`,
      );
      given.push(...rows.map(({ n }) => n));
    }
  })();
  const plan = planSequences(await readSequences(site.old), await readSequences(site.primary));
  // Again and again with what is just ahead, so that the two meet.
  for (let round = 0; round < 30; round++) {
    const [row] = await site.admin.ask<{ last: number }>('select last_value::int as last from public.s');
    await advanceSequences(site.primary, [{ ...plan[0]!, old: String(row!.last + 60) }]);
  }
  isOver = true;
  await asking;
  expect(new Set(given).size).toBe(given.length);
});

test('a transaction that holds a sequence is waited for, and then told', async () => {
  const site = await stand.site('create sequence s', `select setval('s', 30)`);
  const user = await site.session('app_writer');
  await user.ask('begin');
  await user.ask(`select nextval('public.s')`);
  const plan = planSequences(await readSequences(site.old), await readSequences(site.primary));
  let pauses = 0;
  const pause = () => (pauses++, Promise.resolve());
  const [outcome] = await advanceSequences(site.primary, plan, { pause });
  expect(outcome).toEqual({
    name: 'public.s',
    outcome: 'refused',
    why: 'transactions that are open have used it',
    sql: `select setval('public.s', 30);`,
  });
  expect(pauses).toBe(4);
  await user.ask('rollback');
  expect(await advanceSequences(site.primary, plan)).toMatchObject([{ outcome: 'advanced', last: '30' }]);
});
