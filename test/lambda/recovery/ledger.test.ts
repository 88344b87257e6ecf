import { apply } from '../../../lambda/recovery/apply';
import { rowId } from '../../../lambda/recovery/finding';
import { forkName, isDecided, ledgerStatus, makeLedger, readLedger } from '../../../lambda/recovery/ledger';
import { type Stand, startStand } from './apply/stand';

let stand: Stand;
beforeAll(async () => (stand = await startStand()));
afterAll(() => stand?.stop());

const fork = { epoch: 3, lsn: '0/3000148', snapshot: '741:744:', timeline: 1, system: '7', heartbeatAt: 0 };

test('a fork has one name, in whatever epoch it is told', () => {
  expect(forkName(fork)).toBe('7/1/0/3000148');
  expect(forkName({ ...fork, epoch: 4, heartbeatAt: 5 })).toBe(forkName(fork));
});

test('before the first apply there is nothing, and reading makes nothing', async () => {
  const site = await stand.site('create table notes (id int primary key)');
  expect([await readLedger(site.primary, fork), await ledgerStatus(site.primary)]).toEqual([new Map(), []]);
  expect(
    await site.admin.ask(
      `select from pg_tables where schemaname = 'scale_from_zero' and tablename ~ 'recovery'`,
    ),
  ).toEqual([]);
});

test('it is made by the role recovery, once, and where its schema is not there yet by whoever may', async () => {
  const site = await stand.site('create table notes (id int primary key)');
  await makeLedger(site.primary);
  await makeLedger(site.primary);
  const owners = `select distinct tableowner as owner from pg_tables where schemaname = 'scale_from_zero' and tablename ~ '^recovery_'`;
  expect(await site.admin.ask(owners)).toEqual([{ owner: 'recovery' }]);

  const bare = await stand.site('create table notes (id int primary key)');
  await bare.admin.ask(
    `drop schema scale_from_zero cascade; revoke create on database ${bare.database} from app_writer`,
  );
  await expect(makeLedger(bare.primary)).rejects.toThrow('permission denied for database');
  await makeLedger(bare.admin);
  await makeLedger(bare.primary);
  expect(await readLedger(bare.primary, fork)).toEqual(new Map());
});

test('rows are found by table and key, of whatever plan; only what was refused is open', async () => {
  const site = await stand.site(
    `create table "Notes" (a text, "B" int, primary key ("B", a)); create table codes (id int primary key, code text unique);
     insert into codes values (1, 'a')`,
    `insert into "Notes" values ('x, "y"', 1), ('', 2); insert into codes values (2, 'b')`,
    `update codes set code = 'b'`,
  );
  const plan = await site.plan();
  const changes = plan.changes.filter(({ key }) => !(key.length === 1 && key[0] === '1'));
  await apply({ plan: { ...plan, changes }, primary: site.primary });
  const ledger = await readLedger(site.primary, plan.head.fork);
  expect([...ledger].map(([id, { outcome }]) => [id, outcome, isDecided(outcome)]).sort()).toEqual(
    [
      [rowId('public."Notes"', ['1', 'x, "y"']), 'applied', true],
      [rowId('public."Notes"', ['2', '']), 'applied', true],
      [rowId('public.codes', ['2']), 'refused', false],
    ].sort(),
  );
  expect(await ledgerStatus(site.primary)).toMatchObject([
    { plan: plan.head.id, fork: forkName(plan.head.fork), changes: 3, outcomes: { applied: 2, refused: 1 } },
  ]);
});

test('what is kept there can be put back by hand', async () => {
  const site = await stand.site(
    `create table notes (id int primary key, v text, at timestamptz); insert into notes values (1, 'at', '2026-01-01')`,
    `update notes set v = 'old, "lost"', at = '2026-01-01 00:00:00.000001+00'`,
    `update notes set v = 'new'`,
  );
  const plan = await site.plan(undefined, () => ({ conflict: { kind: 'both changed', why: 'Both.' } }));
  await apply({ plan, primary: site.primary });
  const rows = await site.admin.ask(
    `select (lost::public.notes).* from scale_from_zero.recovery_ledger where relation = 'public.notes'`,
  );
  expect(rows).toEqual([{ id: 1, v: 'old, "lost"', at: new Date('2026-01-01T00:00:00Z') }]);
});
