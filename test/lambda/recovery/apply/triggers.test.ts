import { apply } from '../../../../lambda/recovery/apply';
import { type Site, type Stand, startStand } from './stand';

let stand: Stand;
beforeAll(async () => (stand = await startStand()));
afterAll(() => stand?.stop());

/** Triggers as sites have them: an audit, a counter, a time of change, one that is always on, one that is off. */
const AUDITED = `
  create table audit (id int generated always as identity primary key, what text);
  create table total (id int primary key, rows int); insert into total values (1, 0);
  create table notes (id int primary key, v text, changed int default 0);
  create function audited() returns trigger language plpgsql as
    $$ begin insert into audit (what) values (tg_op); return null; end $$;
  create function counted() returns trigger language plpgsql as
    $$ begin update total set rows = rows + 1; return null; end $$;
  create function touched() returns trigger language plpgsql as $$ begin new.changed = old.changed + 1; return new; end $$;
  create function vetoed() returns trigger language plpgsql as
    $$ begin if new.v = 'veto' then raise exception 'no %', new.v using hint = 'never'; end if;
             if new.v = 'silent' then return null; end if; return new; end $$;
  insert into notes select i, 'at' from generate_series(1, 4) i;
  create trigger audited after insert or update or delete on notes for each row execute function audited();
  create trigger "Zähler ""1""" after insert on notes for each statement execute function counted();
  create trigger touched before update on notes for each row execute function touched();
  create constraint trigger late after insert on notes deferrable initially deferred for each row execute function audited();
  create trigger off after insert on notes for each row execute function audited(); alter table notes disable trigger off;
  create trigger vetoed before insert on notes for each row execute function vetoed();
  alter table notes enable always trigger vetoed;`;

const LOST = `update notes set v = 'old' where id = 1; delete from notes where id = 2; insert into notes values (7, 'old'), (8, 'old');`;
const NOTES = ['public.notes'];

const states = (site: Site) =>
  site.admin.ask(
    `select tgrelid::regclass::text as relation, tgname as name, tgenabled as state from pg_trigger where not tgisinternal order by 1, 2`,
  );
const audits = async (site: Site) => (await site.rows('primary', 'public.audit')).length;

test('skip: what triggers did there is among the lost writes itself', async () => {
  const site = await stand.site(AUDITED, LOST);
  const before = await states(site);
  expect((await apply({ plan: await site.plan(), primary: site.primary })).isComplete).toBe(true);
  for (const table of ['public.notes', 'public.audit', 'public.total']) {
    expect(await site.rows('primary', table)).toEqual(await site.rows('old', table));
  }
  expect(await states(site)).toEqual(before);
  // The site's own writes fire them again.
  const count = await audits(site);
  await (
    await site.session('app_writer')
  )
    .ask(`insert into public.notes values (20, 'user')`)
    .catch(() => undefined);
  await site.admin.ask(`set search_path to public; insert into notes values (21, 'user')`);
  expect(await audits(site)).toBe(count + 2);
});

test('fire: they do it again, and find their functions', async () => {
  const site = await stand.site(AUDITED, LOST);
  const applied = await apply({ plan: await site.plan(NOTES), primary: site.primary, triggers: 'fire' });
  expect(applied).toMatchObject({ counts: { applied: 4 }, isComplete: true });
  // Of each insert two: one is deferred.
  expect(await audits(site)).toBe(6);
  expect(await site.rows('primary', 'public.total')).toEqual(['(1,1)']);
  expect(await site.rows('primary', 'public.notes')).toEqual([
    '(1,old,1)',
    '(3,at,0)',
    '(4,at,0)',
    '(7,old,0)',
    '(8,old,0)',
  ]);
});

test('fire: what a trigger refuses, aloud or in silence, stands alone', async () => {
  const site = await stand.site(AUDITED, LOST);
  const plan = await site.plan(NOTES);
  const changes = plan.changes.map((change) => {
    const v = change.key[0] === '7' ? 'veto' : change.key[0] === '8' ? 'silent' : 'old';
    return { ...change, lost: change.lost && change.lost.replace('old', v) };
  });
  const before = await states(site);
  const applied = await apply({ plan: { ...plan, changes }, primary: site.primary, triggers: 'fire' });
  expect(applied.counts).toEqual({ applied: 2, refused: 2 });
  expect(applied.refused).toMatchObject([
    { key: ['7'], why: 'no veto', sqlState: 'P0001' },
    {
      key: ['8'],
      why: expect.stringMatching(/a trigger or a rule of the table keeps the row from being written/),
    },
  ]);
  expect(await audits(site)).toBe(2);
  expect(await states(site)).toEqual(before);
});

test('skip: the triggers are as they were also after an error', async () => {
  const site = await stand.site(AUDITED, LOST, 'alter table notes add check (id < 8)');
  const before = await states(site);
  const applied = await apply({ plan: await site.plan(NOTES), primary: site.primary });
  expect(applied.counts).toEqual({ applied: 3, refused: 1 });
  expect(await states(site)).toEqual(before);
});

test('skip: also those of partitions, each as it was', async () => {
  const site = await stand.site(
    `create table audit (what text, id int generated always as identity primary key);
     create function audited() returns trigger language plpgsql as
       $$ begin insert into public.audit values (tg_table_name || ' ' || tg_name); return null; end $$;
     create table logs (id int primary key, v text) partition by range (id);
     create table logs_1 partition of logs for values from (0) to (10); create table logs_2 partition of logs default;
     create trigger everywhere after insert on logs for each row execute function audited();
     create trigger here after insert on logs_2 for each row execute function audited();
     alter table logs_1 disable trigger everywhere; alter table logs_2 enable always trigger everywhere;`,
    'insert into logs values (1), (11)',
  );
  const before = await states(site);
  expect(before.map((row) => Object.values(row).join(' '))).toEqual([
    'public.logs everywhere O',
    'public.logs_1 everywhere D',
    'public.logs_2 everywhere A',
    'public.logs_2 here O',
  ]);
  const plan = await site.plan(['public.logs']);
  expect((await apply({ plan, primary: site.primary })).counts).toEqual({ applied: 2 });
  expect(await audits(site)).toBe(0);
  expect(await states(site)).toEqual(before);
});

test('what a regclass is called does not depend on whose search path a trigger has', async () => {
  const site = await stand.site(
    `create table things (id int primary key, what regclass, v text);
     insert into things values (1, 'things', 'a'), (2, 'pg_class', 'b'), (3, 'things', 'c');
     create function nothing() returns trigger language plpgsql as $$ begin return coalesce(new, old); end $$;
     create trigger nothing before insert or update or delete on things for each row execute function nothing();`,
    `update things set v = 'x' where id < 3; delete from things where id = 3; insert into things values (4, 'things', 'n');`,
  );
  for (const triggers of ['fire', 'skip'] as const) {
    const plan = await site.plan();
    const applied = await apply({ plan, primary: site.primary, triggers });
    expect(applied.counts).toEqual(triggers === 'fire' ? { applied: 4 } : {});
  }
  expect(await site.rows('primary', 'public.things')).toHaveLength(3);
});

test('triggers of a table that is not ours cannot be skipped, and that is said before anything is done', async () => {
  const site = await stand.site(AUDITED, LOST);
  await site.admin.ask('alter table public.notes owner to postgres; grant all on public.notes to app_writer');
  const plan = await site.plan(NOTES);
  await expect(apply({ plan, primary: site.primary })).rejects.toThrow(
    /^public.notes has triggers \(.*\), and belongs to postgres: .* --triggers fire/,
  );
  expect((await apply({ plan, primary: site.primary, triggers: 'fire' })).isComplete).toBe(true);
});
