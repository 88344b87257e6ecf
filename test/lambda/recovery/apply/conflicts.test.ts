import { apply } from '../../../../lambda/recovery/apply';
import { ledgerStatus, readLedger } from '../../../../lambda/recovery/ledger';
import type { Change, ConflictKind } from '../../../../lambda/recovery/plan';
import { type Site, type Stand, startStand } from './stand';

let stand: Stand;
beforeAll(async () => (stand = await startStand()));
afterAll(() => stand?.stop());

/** What the new primary has written itself is a conflict, by the row's number. */
const KINDS: Readonly<Record<string, ConflictKind>> = {
  '1': 'both changed',
  '2': 'deleted here',
  '3': 'changed here',
  '4': 'key taken',
  '5': 'cannot be told',
};

const conflictOf = ({ key }: Change): Partial<Change> =>
  KINDS[key[0]!] ? { conflict: { kind: KINDS[key[0]!]!, why: 'Because.' } } : {};

const conflicting = () =>
  stand.site(
    `create table notes (id int primary key, v text); insert into notes values (1, 'at'), (2, 'at'), (3, 'at'), (6, 'at');`,
    `update notes set v = 'old' where id in (1, 2, 6); delete from notes where id = 3;
     insert into notes values (4, 'old'), (5, 'old'), (7, 'old');`,
    `update notes set v = 'new' where id in (1, 3); delete from notes where id = 2; insert into notes values (4, 'new');`,
  );

const notes = (site: Site) => site.rows('primary', 'public.notes');

const HERE = ['(1,new)', '(3,new)', '(4,new)', '(6,old)', '(7,old)'];
const THERE = ['(1,old)', '(2,old)', '(4,old)', '(5,old)', '(6,old)', '(7,old)'];

test('keep: the version of the new primary stays, and the ledger has the lost one', async () => {
  const site = await conflicting();
  const plan = await site.plan(undefined, conflictOf);
  const applied = await apply({ plan, primary: site.primary });
  expect(applied).toMatchObject({ counts: { applied: 2, kept: 5 }, isComplete: true, done: 7, total: 7 });
  expect(await notes(site)).toEqual(HERE);
  const kept = await site.admin.ask(
    `select key, lost, present, why from scale_from_zero.recovery_ledger where outcome = 'kept' order by key`,
  );
  expect(kept).toEqual([
    { key: '["1"]', lost: '(1,old)', present: '(1,new)', why: 'both changed: Because.' },
    { key: '["2"]', lost: '(2,old)', present: null, why: 'deleted here: Because.' },
    { key: '["3"]', lost: null, present: '(3,new)', why: 'changed here: Because.' },
    { key: '["4"]', lost: '(4,old)', present: '(4,new)', why: 'key taken: Because.' },
    { key: '["5"]', lost: '(5,old)', present: null, why: 'cannot be told: Because.' },
  ]);
  // Who changes their mind may say so; and then it is done.
  const replaced = await apply({ plan, primary: site.primary, conflicts: 'replace' });
  expect(replaced.counts).toEqual({ replaced: 5, 'done before': 2 });
  expect(await notes(site)).toEqual(THERE);
  const again = await apply({ plan, primary: site.primary, conflicts: 'replace' });
  expect(again).toMatchObject({ counts: { 'done before': 7 }, isComplete: true });
});

test('replace: the lost version is written over it', async () => {
  const site = await conflicting();
  const plan = await site.plan(undefined, conflictOf);
  const applied = await apply({ plan, primary: site.primary, conflicts: 'replace' });
  expect(applied).toMatchObject({ counts: { applied: 2, replaced: 5 }, isComplete: true });
  expect(await notes(site)).toEqual(THERE);
});

test('skip: conflicts are left open, and nothing is told of them', async () => {
  const site = await conflicting();
  const plan = await site.plan(undefined, conflictOf);
  const applied = await apply({ plan, primary: site.primary, conflicts: 'skip' });
  expect(applied).toMatchObject({ counts: { applied: 2, skipped: 5 }, isComplete: false });
  expect(await notes(site)).toEqual(HERE);
  expect((await readLedger(site.primary, plan.head.fork)).size).toBe(2);
  expect((await apply({ plan, primary: site.primary })).counts).toEqual({ 'done before': 2, kept: 5 });
});

/** Each row is changed in some way after the plan was made, and one becomes what was lost by itself. */
const CHANGES = `
  insert into notes values (7, 'user'); update notes set v = 'user' where id = 6; update notes set v = 'user' where id = 4;
  delete from notes where id = 3; update notes set v = 'old' where id = 1; insert into notes values (2, 'user')`;

test.each([
  ['keep', { applied: 0, isComplete: true, ledger: 7 }],
  ['replace', { applied: 0, isComplete: false, ledger: 3 }],
  ['skip', { applied: 0, isComplete: false, ledger: 0 }],
] as const)('what has changed since the plan is never written over: %s', async (conflicts, expected) => {
  const site = await conflicting();
  const plan = await site.plan(undefined, conflictOf);
  await site.admin.ask(`set search_path to public; ${CHANGES}`);
  const before = await notes(site);
  const applied = await apply({ plan, primary: site.primary, conflicts });
  const { isComplete, ledger } = expected;
  expect(applied.isComplete).toBe(isComplete);
  if (conflicts === 'replace') {
    // 5 was as the plan had it; 1 and 3 are what they were to become.
    expect(applied.counts).toEqual({ replaced: 1, 'already here': 2, 'changed since': 4 });
    expect(await notes(site)).toEqual([...before, '(5,old)'].sort());
  } else {
    expect(applied.counts['changed since']).toBe(2);
    expect(await notes(site)).toEqual(before);
  }
  expect(applied.changed.map(({ why }) => why)).toEqual(
    applied.changed.map(() =>
      expect.stringMatching(/^The row was \w+ on the new primary since the plan was made/),
    ),
  );
  expect((await readLedger(site.primary, plan.head.fork)).size).toBe(ledger);
});

test('a second plan of the same fork finds in the ledger what was decided', async () => {
  const site = await conflicting();
  const plan = await site.plan(undefined, conflictOf);
  await apply({ plan, primary: site.primary });
  // What was put back belongs to the site again.
  await site.admin.ask('delete from public.notes where id = 7');
  const later = await site.plan(undefined, conflictOf);
  const ledger = await readLedger(site.primary, later.head.fork);
  const open = later.changes.filter(({ table, key }) => !ledger.has(JSON.stringify([table, ...key])));
  expect([later.changes.length, open]).toEqual([6, []]);
  const second = { ...later, head: { ...later.head, id: 'a second plan' } };
  expect((await apply({ plan: second, primary: site.primary })).counts).toEqual({ 'done before': 6 });
  expect(await notes(site)).not.toContain('(7,old)');
  // Another fork is another matter.
  const fork = { ...plan.head.fork, lsn: '0/2' };
  expect((await readLedger(site.primary, fork)).size).toBe(0);
  expect(await ledgerStatus(site.primary)).toMatchObject([
    { plan: 'a second plan', outcomes: {}, changes: 6, by: 'recovery', finishedAt: expect.any(String) },
    { plan: plan.head.id, outcomes: { applied: 2, kept: 5 }, conflicts: 'keep', triggers: 'skip' },
  ]);
});

test('a dry run says what would be done, and writes nothing', async () => {
  const site = await conflicting();
  const plan = await site.plan(undefined, conflictOf);
  await site.admin.ask(`insert into public.notes values (7, 'user')`);
  const before = await notes(site);
  await site.admin.ask('checkpoint');
  const position = () =>
    stand.server.query('select pg_current_wal_insert_lsn() as lsn, pg_current_snapshot() as ids');
  // Looking at rows may write hints, once.
  await apply({ plan, primary: site.primary, isDryRun: true, conflicts: 'replace' });
  const at = await position();
  const applied = await apply({ plan, primary: site.primary, isDryRun: true, conflicts: 'replace' });
  expect(applied).toMatchObject({
    isDryRun: true,
    counts: { applied: 1, replaced: 5, 'changed since': 1 },
    isComplete: false,
  });
  expect(await position()).toEqual(at);
  expect(await notes(site)).toEqual(before);
  expect(await site.admin.ask(`select to_regclass('scale_from_zero.recovery_ledger') as ledger`)).toEqual([
    { ledger: null },
  ]);
  expect(await ledgerStatus(site.primary)).toEqual([]);
});
