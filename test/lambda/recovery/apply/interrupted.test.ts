import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type ApplyOptions, type Verdict, apply } from '../../../../lambda/recovery/apply';
import { ledgerStatus } from '../../../../lambda/recovery/ledger';
import type { Plan } from '../../../../lambda/recovery/plan';
import { Problem } from '../../../../lambda/recovery/problem';
import type { Session } from '../../../../lambda/recovery/session';
import { until } from '../../../support/replica';
import { type Site, type Stand, startStand } from './stand';

let stand: Stand;
const folder = mkdtempSync(join(tmpdir(), 'scale-from-zero-apply-'));
beforeAll(async () => (stand = await startStand()));
afterAll(async () => {
  await stand?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ROWS = 300;
const many = () =>
  stand.site(
    `create table notes (id int primary key, v text);
     create table lines (note int references notes, n int, v text, primary key (note, n));
     insert into notes select i, 'at' from generate_series(1, ${ROWS}) i;`,
    `update notes set v = 'old' where id % 3 = 0; delete from notes where id % 3 = 1;
     insert into notes select i, 'old' from generate_series(1001, 1000 + ${ROWS}) i;
     insert into lines select i, n, 'old' from generate_series(1001, 1000 + ${ROWS}) i, generate_series(1, 2) n;`,
  );
const TABLES = ['public.notes', 'public.lines'];

async function isWhole(site: Site): Promise<void> {
  for (const table of TABLES)
    expect(await site.rows('primary', table)).toEqual(await site.rows('old', table));
}

const problem = (options: ApplyOptions): Promise<string> =>
  apply(options).then(
    () => 'none',
    (error: unknown) => {
      if (error instanceof Problem) return error.message;
      throw error;
    },
  );

const sum = (counts: Readonly<Partial<Record<Verdict['outcome'], number>>>) =>
  Object.values(counts).reduce((total, count) => total + count, 0);

/** @returns how far it said to have come when it was killed */
async function killed(site: Site, plan: Plan, after: number): Promise<number> {
  const file = join(folder, 'plan.json');
  writeFileSync(file, JSON.stringify(plan));
  const script = join(__dirname, 'child.ts');
  const args = ['-r', 'ts-node/register', script, file, String(stand.server.port), site.database, '20'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let done = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    done = Number(line) || done;
    // Not always at the same place between two batches.
    if (done >= after) setTimeout(() => child.kill('SIGKILL'), after % 17);
  }
  // Its server process has noticed.
  await until(async () => {
    const others = `select from pg_stat_activity where datname = '${site.database}' and usename = 'recovery'`;
    return (await stand.server.query(others)).length === 1;
  });
  return done;
}

test('killed at several points and run again: nothing twice, nothing missing', async () => {
  const site = await many();
  const plan = await site.plan(TABLES);
  expect(plan.changes).toHaveLength(ROWS * 3 + (ROWS * 2) / 3);
  let before = 0;
  for (const after of [1, 150, 300, 455, 600, 750, 900]) {
    await killed(site, plan, after);
    const [{ rows }] = (await site.admin.ask<{ rows: number }>(
      'select count(*)::int as rows from scale_from_zero.recovery_ledger',
    )) as [{ rows: number }];
    expect(rows).toBeGreaterThanOrEqual(Math.max(before, after));
    before = rows;
    // What is told is done, and what is done is told.
    expect((await site.plan(TABLES)).changes).toHaveLength(plan.changes.length - rows);
  }
  expect(before).toBeLessThan(plan.changes.length);
  const [status] = await ledgerStatus(site.primary);
  expect(status).toMatchObject({ changes: plan.changes.length, outcomes: { applied: before } });
  expect(status).not.toHaveProperty('finishedAt');
  const applied = await apply({ plan, primary: site.primary });
  expect(applied.counts).toEqual({ 'done before': before, applied: plan.changes.length - before });
  expect(applied.isComplete).toBe(true);
  await isWhole(site);
  const again = await apply({ plan, primary: site.primary });
  expect(again).toMatchObject({ counts: { 'done before': plan.changes.length }, isComplete: true });
  await isWhole(site);
});

test('its end is asked for, or its time is over: it says that it goes on', async () => {
  const site = await many();
  const plan = await site.plan(TABLES);
  const stopping = new AbortController();
  const first = await apply({
    plan,
    primary: site.primary,
    batchRows: 50,
    signal: stopping.signal,
    report: ({ done }) => done >= 100 && stopping.abort(),
  });
  expect(first).toMatchObject({ isPaused: true, isComplete: false, done: 100, counts: { applied: 100 } });
  let asked = 0;
  const second = await apply({ plan, primary: site.primary, batchRows: 50, mayGoOn: () => ++asked <= 3 });
  expect(second).toMatchObject({ isPaused: true, done: 250, counts: { 'done before': 100, applied: 150 } });
  expect((await ledgerStatus(site.primary))[0]).not.toHaveProperty('finishedAt');
  const demoted = () => Promise.reject(new Problem('It is the primary no more.'));
  expect(await problem({ plan, primary: site.primary, mayGoOn: demoted })).toBe('It is the primary no more.');
  const last = await apply({ plan, primary: site.primary });
  expect(last).toMatchObject({ isPaused: false, isComplete: true });
  expect((await ledgerStatus(site.primary))[0]).toHaveProperty('finishedAt');
  await isWhole(site);
});

test('a connection that is lost: a sentence, and the same goes on', async () => {
  const site = await many();
  const plan = await site.plan(TABLES);
  const other = await site.session();
  const [{ pid }] = (await other.ask<{ pid: number }>('select pg_backend_pid() as pid')) as [{ pid: number }];
  let batches = 0;
  const mayGoOn = async () => {
    if (++batches === 3) {
      await stand.server.query(`select pg_terminate_backend(${pid})`);
      await until(
        async () => !(await stand.server.query(`select from pg_stat_activity where pid = ${pid}`)).length,
      );
    }
    return true;
  };
  expect(await problem({ plan, primary: other, batchRows: 50, mayGoOn })).toMatch(
    /^The connection was lost \(new: .*\)\. What was done before is in the ledger: the same command goes on/,
  );
  const applied = await apply({ plan, primary: site.primary });
  expect(applied.counts).toEqual({ 'done before': 100, applied: plan.changes.length - 100 });
  await isWhole(site);
});

/** Fails one statement as the database would, with nothing but its code. */
function failing(session: Session, text: RegExp, code: string, times: number): Session {
  let left = times;
  return {
    ...session,
    ask: (statement, values) =>
      text.test(statement) && left-- > 0
        ? Promise.reject(Object.assign(new Error(`said ${code}`), { code }))
        : session.ask(statement, values),
  };
}

test.each([
  ['53100', /^The disk of new is full \(said 53100\)\. Make space there\. .*the same command goes on/],
  ['25006', /^new takes no writes \(said 25006\)/],
  ['57014', /^new cannot go on \(57014: said 57014\)/],
])('%s ends it with a sentence, everything before it kept', async (code, sentence) => {
  const site = await many();
  const plan = await site.plan(TABLES);
  const done: number[] = [];
  const primary: Session = {
    ...site.primary,
    ask: (text, values) =>
      /insert into public.lines/.test(text)
        ? Promise.reject(Object.assign(new Error(`said ${code}`), { code }))
        : site.primary.ask(text, values),
  };
  expect(await problem({ plan, primary, batchRows: 100, report: (seen) => done.push(seen.done) })).toMatch(
    sentence,
  );
  expect(done.at(-1)).toBeGreaterThan(0);
  const applied = await apply({ plan, primary: site.primary });
  expect(applied.counts['done before']).toBe(done.at(-1));
  await isWhole(site);
});

test('what passes by itself is tried again, with a pause', async () => {
  const site = await many();
  const plan = await site.plan(TABLES);
  const pauses: number[] = [];
  const pause = (millis: number) => (pauses.push(millis), Promise.resolve());
  const primary = failing(site.primary, /insert into public.notes/, '40P01', 3);
  expect(await apply({ plan, primary, pause })).toMatchObject({ isComplete: true });
  expect(pauses).toEqual([250, 500, 1000]);
  await isWhole(site);
});

test('somebody who does not let go of a row is told, and so is a second apply', async () => {
  const site = await many();
  const plan = await site.plan(TABLES);
  const pause = () => Promise.resolve();
  const user = await site.session('app_writer');
  await user.ask('begin');
  await user.ask('select from public.notes where id = 3 for update');
  const quick: Session = {
    ...site.primary,
    ask: (text, values) => site.primary.ask(text.replace('lock_timeout = 3000', 'lock_timeout = 50'), values),
  };
  expect(await problem({ plan, primary: quick, pause })).toMatch(
    /^Other transactions on new hold rows .* of public\.\w+.* for longer than recovery waits \(canceling statement due to lock timeout\)/,
  );
  await user.ask('rollback');

  const other = await site.session();
  const [{ pid }] = (await site.primary.ask<{ pid: number }>('select pg_backend_pid() as pid')) as [
    { pid: number },
  ];
  let said = '';
  const applied = await apply({
    plan,
    primary: site.primary,
    batchRows: 500,
    mayGoOn: async () => ((said ||= await problem({ plan, primary: other, pause })), true),
  });
  expect(said).toMatch(
    new RegExp(`^Another apply is at work on new: process ${pid} of the server, recovery from 127`),
  );
  expect(said).toContain(`pg_terminate_backend(${pid})`);
  expect(applied.isComplete).toBe(true);
  // It has let go.
  expect((await apply({ plan, primary: other })).isComplete).toBe(true);
});

test('writers meanwhile: none of their writes is lost, and every change has one outcome', async () => {
  const site = await many();
  const plan = await site.plan(TABLES);
  const user = await site.session('app_writer');
  let isOver = false;
  const written = new Map<number, string>();
  const writing = (async () => {
    for (let i = 1; !isOver; i++) {
      const id = (i * 7) % 1_300;
      const [row] = await user.ask<{ id: number }>(
        `insert into public.notes values ($1, 'user') on conflict (id) do update set v = 'user' returning id`,
        [id],
      );
      written.set(row!.id, 'user');
    }
  })();
  const applied = await apply({ plan, primary: site.primary, batchRows: 25 });
  isOver = true;
  await writing;
  expect(sum(applied.counts)).toBe(plan.changes.length);
  expect(Object.keys(applied.counts).every((outcome) => /applied|changed since|refused/.test(outcome))).toBe(
    true,
  );
  // Whoever wrote last has the row: where the plan was applied it was before the user, or the user's write stands.
  const rows = await site.admin.ask<{ id: number; v: string }>('select id, v from public.notes');
  const ledger = await site.admin.ask<{ id: number; outcome: string }>(
    `select (key::json ->> 0)::int as id, outcome from scale_from_zero.recovery_ledger where relation = 'public.notes'`,
  );
  const now = new Map(rows.map(({ id, v }) => [id, v]));
  const lost = new Map(plan.changes.map((change) => [Number(change.key[0]), change]));
  for (const { id, outcome } of ledger) {
    if (outcome === 'changed since') expect(now.get(id)).toBe('user');
    else if (!written.has(id)) expect(now.get(id)).toBe(lost.get(id)!.lost ? 'old' : undefined);
  }
  await until(() => written.size > 0);
});
