/** `npm run recover` as a process, without AWS: against two real servers whose histories have parted. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fork } from '../../lambda/recovery/fork';
import { run as runHere } from '../../bin/recover/run';
import { type Ended, ROOT, eventually, killAll, start as startProgram } from '../support/command-line';
import { type Pair, startPair } from '../support/fork';
import { type TestPostgres, startPostgres } from '../support/postgres';

jest.setTimeout(120_000);

const PASSWORD = 'a:b\\c';
const ROWS = 20_000;

let pair: Pair;
let stranger: TestPostgres;
let home: string;
let fork: Fork;
let forkFile: string;

const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: home,
  AWS_EC2_METADATA_DISABLED: 'true',
  ...more,
});

const start = (args: readonly string[], env = environment()) =>
  startProgram('bin/recover.ts', args, env, home);
const run = (args: readonly string[], env?: NodeJS.ProcessEnv) => start(args, env).ended;

const urlOf = (side: 'old' | 'primary', database = 'postgres') => {
  const { host, port } = pair[side];
  return `postgres://postgres@/${database}?host=${encodeURIComponent(host)}&port=${port}`;
};
const strangerUrl = (user = 'postgres', database = 'postgres') =>
  `postgres://${user}@127.0.0.1:${stranger.port}/${database}`;

const planned = (...more: string[]) =>
  run(['plan', '--old', urlOf('old'), '--new', urlOf('primary'), '--fork', forkFile, ...more]);

/** The same without the time that a process takes to start; Ctrl-C and AWS are none of it. */
async function here(args: readonly string[], env = environment()): Promise<Ended> {
  const written = { out: '', err: '' };
  const code = await runHere(args, {
    out: { write: (text: string) => void (written.out += text) },
    err: { write: (text) => void (written.err += text) },
    env,
    signal: new AbortController().signal,
    sleep: async () => undefined,
    by: 'anna@laptop',
    project: ROOT,
    trial: '/nowhere',
    open: () => Promise.reject(new Error('AWS was asked')),
    cloud: () => Promise.reject(new Error('AWS was asked')),
  });
  return { code, signal: null, ...written };
}

let written = 0;
/** @returns where a new plan is */
async function madePlan(database = 'postgres'): Promise<string> {
  const out = join(home, `plan-${++written}`);
  const old = urlOf('old', database);
  const ended = await here([
    'plan',
    '--old',
    old,
    '--new',
    urlOf('primary', database),
    '--fork',
    forkFile,
    '--out',
    out,
  ]);
  expect(ended).toMatchObject({ code: 0, err: '' });
  return join(out, 'plan.jsonl');
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'recover-'));
  [pair, stranger] = await Promise.all([startPair(), startPostgres({ password: PASSWORD })]);
  await pair.old.query('create database many');
  await pair.old.query(`
    create table notes (id int primary key, body text);
    create table gone (id int primary key, body text);
    create table altered (id int primary key, body text);
    insert into notes select g, 'note ' || g from generate_series(1, 10) g`);
  await pair.makeSlot('old');
  const many = await pair.session('old', { database: 'many' });
  await many.ask('create table public.items (id int primary key, body text)');
  fork = await pair.part();
  await pair.old.query(`
    update notes set body = 'lost' where id in (1, 2);
    delete from notes where id = 3;
    insert into notes values (11, 'new');
    insert into gone values (1, 'x');
    insert into altered values (1, 'x')`);
  await many.ask(`insert into public.items select g, 'item ' || g from generate_series(1, ${ROWS}) g`);
  await many.close();
  await pair.promote();
  await pair.primary.query(`
    update notes set body = 'here' where id = 2;
    drop table gone;
    alter table altered add column more int`);
  forkFile = join(home, 'fork.json');
  writeFileSync(forkFile, JSON.stringify(fork));
});

afterAll(async () => {
  killAll();
  await Promise.all([pair?.stop(), stranger?.stop()]);
  rmSync(home, { recursive: true, force: true });
});

test('plan, report, dry run, apply, apply again, status', async () => {
  const made = await planned('--json');
  expect([made.code, made.err]).toEqual([0, '']);
  const document = JSON.parse(made.out);
  expect(document).toMatchObject({
    outcome: 'done',
    method: 'slot',
    folder: join('recovery', document.plan),
    summary: { apply: { insert: 1, update: 1, delete: 1, all: 3 }, conflicts: 1 },
  });
  for (const file of [document.path, document.markdown, document.html]) {
    expect(statSync(join(home, file)).mode & 0o777).toBe(0o600);
  }
  expect(statSync(join(home, document.folder)).mode & 0o777).toBe(0o700);

  const report = await run(['report', document.plan]);
  expect(report).toMatchObject({ code: 0, err: '' });
  expect(report.out).toContain('| public.notes | 1 | 1 | 1 | 1 | – |');
  // What a table that is missing, or has other columns, costs is said, with what to do.
  expect(report.out).toMatch(/### public\.gone: table missing\n\n.*public\.gone.*\*\*What to do:\*\* \S/);
  expect(report.out).toMatch(
    /### public\.altered: columns differ\n\n.*public\.altered.*\*\*What to do:\*\* \S/,
  );
  const page = await here(['report', join(home, document.path), '--html', join(home, 'again.html')]);
  expect(page.out).toBe(`The report is in ${join(home, 'again.html')}.\n`);
  expect(readFileSync(join(home, 'again.html'), 'utf8')).toMatch(/^<!doctype html>/);

  const args = ['apply', join(home, document.path), '--new', urlOf('primary')];
  const apply = (...more: string[]) => here([...args, ...more]);
  const notes = () => pair.primary.query('select id, body from notes where id in (1, 2, 3, 11) order by id');
  const before = await notes();
  const tried = await apply('--dry-run');
  expect(tried).toMatchObject({ code: 0, err: '' });
  expect(tried.out).toMatch(/Dry run, nothing was written: 4 of 4 changes/);
  expect(await notes()).toEqual(before);
  expect(await pair.primary.query(`select to_regclass('scale_from_zero.recovery_run') as ledger`)).toEqual([
    { ledger: null },
  ]);

  const done = await run(args);
  expect(done).toMatchObject({ code: 0, err: '' });
  expect(done.out).toMatch(/Done: 4 of 4 changes of epoch-1-/);
  expect(done.out).toContain(
    '           3  put back\n           1  conflicts: the new version stays, the lost one is in the ledger\n',
  );
  expect(done.out).toContain('waive --recovered');
  expect(done.out.split('\n').filter((line) => line.length > 80 && !line.startsWith('  npm run'))).toEqual(
    [],
  );
  const after = [
    { id: 1, body: 'lost' },
    { id: 2, body: 'here' },
    { id: 11, body: 'new' },
  ];
  expect(await notes()).toEqual(after);

  const again = await apply();
  expect(again).toMatchObject({ code: 0, err: '' });
  expect(again.out).toContain('4  done by an earlier run');
  const status = await here(['status', '--new', urlOf('primary')]);
  expect(status.out).toMatch(
    /Ledger of the new primary\n {2}epoch-1-\S+\n {6}begun .*, finished .*\n {6}(3 applied, 1 kept|1 kept, 3 applied), of 4 changes\n/,
  );

  const replaced = await apply('--conflicts', 'replace', '--json');
  expect(JSON.parse(replaced.out)).toMatchObject({
    outcome: 'complete',
    applied: { counts: { replaced: 1 } },
  });
  expect(await notes()).toEqual(after.map((note) => (note.id === 2 ? { id: 2, body: 'lost' } : note)));
});

describe('interrupted', () => {
  const there = async () => {
    const session = await pair.session('primary', { database: 'many' });
    const [row] = await session.ask<{ n: number }>('select count(*)::int as n from public.items');
    await session.close();
    return row!.n;
  };

  test('by Ctrl-C it finishes its batch and says how to go on; killed, it goes on all the same', async () => {
    const path = await madePlan('many');
    const args = [
      'apply',
      path,
      '--new',
      urlOf('primary', 'many'),
      '--conflicts',
      'replace',
      '--batch',
      '20',
    ];
    const first = start(args);
    await eventually(async () => (await there()) > 0);
    first.child.kill('SIGINT');
    const ended = await first.ended;
    expect([ended.code, ended.err]).toEqual([130, '']);
    expect(ended.out).toMatch(/Paused: [\d,]+ of 20,000 changes/);
    expect(ended.out).toContain(
      'It goes on where it was with the same command:\n  npm run recover -- apply ',
    );
    const some = await there();
    expect(some % 20).toBe(0);
    expect(some).toBeLessThan(ROWS);

    const second = start(args);
    await eventually(async () => (await there()) > some);
    second.child.kill('SIGKILL');
    await second.ended;
    const more = await there();
    expect(more).toBeLessThan(ROWS);

    const last = await run(args.slice(0, -2));
    expect([last.code, last.err]).toEqual([0, '']);
    expect(last.out).toMatch(/recovery of this plan is complete/);
    expect(await there()).toBe(ROWS);
  });
});

describe('refused in one sentence, and nothing is written', () => {
  const refused = async (
    args: readonly string[],
    sentence: RegExp,
    env?: NodeJS.ProcessEnv,
    program: typeof run = here,
  ) => {
    const { code, out, err } = await program(args, env);
    expect([code === 0, out]).toEqual([false, '']);
    expect(err).toMatch(sentence);
    expect(err.trimEnd()).not.toMatch(/\n|unforeseen/);
    expect(err).not.toContain(PASSWORD);
  };
  const plan = (old: string, primary: string, file = forkFile) => [
    'plan',
    ...['--old', old, '--new', primary, '--fork', file],
  ];

  test('wrong hosts', async () => {
    await refused(
      plan('postgres://postgres@127.0.0.1:1/x', urlOf('primary')),
      /^Nobody answers at 127\.0\.0\.1:1 \(--old\): connect ECONNREFUSED 127\.0\.0\.1:1\. Look at host and port/,
      undefined,
      run,
    );
    await refused(
      plan(urlOf('old'), 'postgres://postgres@no-such-host.invalid/x?sslmode=disable'),
      /^Nobody answers at no-such-host\.invalid:5432 \(--new\): /,
    );
    await refused(
      plan(urlOf('old'), strangerUrl().replace('127.0.0.1', 'localhost') + '?sslmode=verify-full'),
      /^localhost:\d+ \(--new\) has no TLS; add sslmode=disable/,
    );
  });

  test('wrong role, password, database', async () => {
    const known = environment({ PGPASSWORD: PASSWORD });
    await refused(
      plan(urlOf('old'), strangerUrl()),
      /^127\.0\.0\.1:\d+ \(--new\) asks postgres for a password: give it by PGPASSWORD/,
    );
    await refused(
      plan(urlOf('old'), strangerUrl()),
      /^127\.0\.0\.1:\d+ \(--new\) does not let postgres in: password authentication failed/,
      environment({ PGPASSWORD: 'wrong' }),
      run,
    );
    await refused(plan(urlOf('old'), strangerUrl('nobody')), /does not let nobody in: /, known);
    await refused(plan(urlOf('old'), strangerUrl('postgres', 'none')), /has no database "none"/, known);
    await refused(
      plan(urlOf('old').replace('postgres@', 'nobody@'), urlOf('primary')),
      /does not let nobody in: role "nobody" does not exist\. Take another role/,
    );
  });

  test('a role that may not read a table: that is said of it, and the rest is planned', async () => {
    await pair.old.query(`create role weak login`);
    const { code, out } = await here([
      ...plan(urlOf('old').replace('postgres@', 'weak@'), urlOf('primary')),
      ...['--out', join(home, 'weak')],
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(/public\.notes may not be read on the old primary/);
  });

  test('a wrong pair of servers', async () => {
    writeFileSync(
      join(home, '.pgpass'),
      `127.0.0.1:${stranger.port}:*:postgres:${PASSWORD.replace(/[:\\]/g, '\\$&')}\n`,
      { mode: 0o600 },
    );
    await refused(
      plan(strangerUrl(), urlOf('primary')),
      /never were one: their system identifiers are \d+ and \d+\./,
      undefined,
      run,
    );
    await refused(plan(urlOf('primary'), urlOf('old')), /the wrong way round|was not promoted at this fork/);
    await refused(plan(urlOf('old'), urlOf('old')), /it was not promoted at this fork/);
  });

  test('a fork that is none, or another one', async () => {
    const file = join(home, 'other.json');
    const other = async (content: unknown, sentence: RegExp) => {
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
      await refused(plan(urlOf('old'), urlOf('primary'), file), sentence);
    };
    await refused(
      plan(urlOf('old'), urlOf('primary'), 'none.json'),
      /^There is no file none\.json\. Have one written: /,
    );
    await other('{', /^\S+ is not JSON\. Have one written/);
    await other({ ...fork, lsn: 'here' }, /^\S+ is no fork: lsn: /);
    await other({ waiting: [] }, /has no fork: no old primary waits for recovery/);
    await other(
      { waiting: [{ fork }, { fork: { ...fork, epoch: 2 } }] },
      /has the forks of epochs 1, 2: say which one is meant, by --epoch/,
    );
    await other({ ...fork, system: '7' }, /^The fork is of system 7, and both servers are \d+/);
    await other({ ...fork, timeline: 9 }, /it was not promoted at this fork/);
    await other({ ...fork, lsn: 'FFFF/0' }, /it is not its fork/);
  });

  test('a plan file that was edited, cut off, is another, or is not there', async () => {
    const path = await madePlan();
    const text = readFileSync(path, 'utf8');
    const other = join(home, 'other.jsonl');
    const apply = (file: string) => ['apply', file, '--new', urlOf('primary')];
    const edited = async (content: string, sentence: RegExp) => {
      writeFileSync(other, content);
      await refused(apply(other), sentence);
      await refused(['report', other], sentence);
    };
    await edited(
      text.replace('"madeAt":"2', '"madeAt":"3'),
      /was edited, as the SHA-256 in line \d+ shows\. Make a new plan/,
    );
    await edited(text.slice(0, -20), /breaks off in line \d+: it was cut off\. Make a new plan/);
    await edited('{"a":1}\n', /is no recovery plan/);
    await edited('', /is empty/);
    await refused(apply('none.jsonl'), /^There is no file none\.jsonl\. Make a new plan/, undefined, run);
    await refused(apply(home), /is a folder: name the plan file in it\.$/m);
    const many = await madePlan('many');
    await refused(['apply', many, '--new', strangerUrl()], /\S/, environment({ PGPASSWORD: PASSWORD }));
  });

  test('a folder that has a plan, or cannot be made', async () => {
    const path = await madePlan();
    const out = (folder: string) => [...plan(urlOf('old'), urlOf('primary')), '--out', folder];
    await refused(out(join(path, '..')), /has a plan already: name another folder by --out/);
    await refused(out(path), /^The folder \S+ cannot be made: /);
  });
});

test('a password in a URL is refused, and not repeated', async () => {
  const url = strangerUrl('postgres:secret');
  const { code, out, err } = await run(['apply', 'x', '--new', url]);
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(
    /^--new: no password in the URL, as everybody on this machine can read command lines: give it by PGPASSWORD/,
  );
  expect(err).not.toContain('secret');
});

test('without AWS and without URLs: one sentence', async () => {
  const { code, out, err } = await run(
    ['status', '-c', 'region=eu-central-1'],
    environment({ AWS_ENDPOINT_URL: 'http://localhost:1' }),
  );
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/^There are no AWS credentials here/);
});

test('npm run recover', async () => {
  const { execFileSync } = await import('node:child_process');
  const text = execFileSync('npm', ['run', '--silent', 'recover', '--', '--help'], {
    cwd: ROOT,
    env: environment(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  expect(text).toMatch(/^npm run recover -- COMMAND/);
});
