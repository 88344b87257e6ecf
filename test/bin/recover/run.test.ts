import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMANDS, HELP } from '../../../bin/recover/run';
import type { Applied } from '../../../lambda/recovery/apply/applied';
import { readPlanFile, writePlanFile } from '../../../lambda/recovery/plan-file';
import { PLAN } from '../../lambda/recovery/made-plan';
import { FakeJournal, HEALTHY, answers } from '../failover/stand';
import { AFTER_FAILOVER, FORK, FakeCloud, NOW, type Step, failing, nothing, said, working } from './stand';

let home: string;
let path: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'recover-'));
  path = join(home, 'plan.jsonl');
  await writePlanFile(path, PLAN);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

let folders = 0;
const folder = () => join(home, `out-${++folders}`);
const { id } = PLAN.head;

/** The function has made this plan. */
const made =
  (cloud: FakeCloud, sha256 = cloud.keep(PLAN)): Step =>
  () => ({
    state: 'done',
    plan: {
      ...{ id, sha256, fork: PLAN.head.fork, from: 'a', to: 'b' },
      ...{ apply: 3, conflicts: 2, unrecoverable: 1, alreadyHere: 2 },
    },
  });

const APPLIED: Applied = {
  ...{ plan: id, isDryRun: false, total: 5, done: 5, counts: { applied: 3, kept: 2 } },
  tables: [{ table: 'public.notes', counts: { applied: 3, kept: 2 } }],
  ...{ refused: [], changed: [], isComplete: true, isPaused: false, seconds: 1, rowsPerSecond: 5 },
  sequences: [],
};
const applied =
  (changes: Partial<Applied> = {}, state: 'done' | 'paused' = 'done'): Step =>
  () => ({ state, applied: { ...APPLIED, ...changes }, sentence: 'The controller is told.' });

describe('words', () => {
  test.each(['--help', ...[...COMMANDS.keys()].map((name) => `${name} --help`)])('%s', async (command) => {
    const { code, out, err } = await said(command);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^npm run recover -- /);
  });

  test('all help fits into 80 columns', () => {
    for (const help of [HELP, ...[...COMMANDS.values()].map((command) => command.help)]) {
      expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
  });

  test.each([
    ['plna', '"plna" is no command: did you mean plan?'],
    ['promote', '"promote" is no command here: it is npm run failover -- promote'],
    ['plan --epohc 3', '--epohc is not known to plan: did you mean --epoch?'],
    ['plan --epoch x', '--epoch x is not a whole number from 0 to 999999999.'],
    [
      'plan --old postgres://a@localhost/b',
      'plan without AWS needs --old, --new and --fork; --new is missing.',
    ],
    ['plan now', '"now" means nothing to plan: see npm run recover -- plan --help.'],
    ['apply', 'apply needs a PLAN: its file, as npm run recover -- plan has named it.'],
    ['apply a b', 'apply takes one PLAN; "b" is one too many.'],
    ['apply a --conflicts kepe', '--conflicts kepe is not known: did you mean keep?'],
    ['apply a --triggers x', '--triggers x is not known: it is skip or fire.'],
    ['apply a --batch 0', '--batch 0 is not a whole number from 1 to 100000.'],
    ['report', 'report needs a PLAN: its file, as npm run recover -- plan has named it.'],
    ['waive', 'waive needs --why "TEXT": the reason stands in the journal for whoever looks later.'],
  ])('%s', async (command, sentence) => {
    const cloud = new FakeCloud();
    expect(await said(command, cloud)).toMatchObject({ code: 2, out: '', err: `${sentence}\n` });
    expect([cloud.started, cloud.journal.puts]).toEqual([[], []]);
  });
});

describe('plan', () => {
  test('asks the function, shows how far it is, and brings the plan here', async () => {
    const cloud = new FakeCloud();
    cloud.steps = [nothing, working('comparing', 40, 100), made(cloud)];
    const out = folder();
    const ended = await said(['plan', '--epoch', '3', '--out', out, '-c', 'env=dev'], cloud);
    expect([ended.code, ended.err]).toEqual([0, '']);
    expect(cloud.started).toMatchObject([{ kind: 'plan', epoch: 3, by: 'anna@laptop' }]);
    expect(ended.out).toContain('comparing: 40 of 100 rows (40%), 20 a second, 3.0 s left\n');
    expect(ended.out.replaceAll(out, 'OUT').replace(cloud.started[0]!.run, 'RUN')).toMatchSnapshot();
    expect((await readPlanFile(join(out, 'plan.jsonl'))).plan).toEqual(PLAN);
    expect(statSync(out).mode & 0o777).toBe(0o700);
    // The commands of the report are those that are typed here.
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('--dry-run -c env=dev\n');
    expect(cloud.closed).toBe(1);
  });

  test('for programs', async () => {
    const cloud = new FakeCloud();
    cloud.steps = [made(cloud)];
    const { out } = await said(['plan', '--json', '--out', folder()], cloud);
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'done',
      plan: id,
      method: 'slot',
      summary: { conflicts: 2 },
    });
  });

  test('what the function cannot do is one sentence', async () => {
    const cloud = new FakeCloud();
    cloud.steps = [failing('No old primary waits for recovery.')];
    expect(await said('plan --json', cloud)).toMatchObject({
      code: 1,
      err: 'No old primary waits for recovery.\n',
    });
  });

  test('another plan in the bucket than the one that was made is refused', async () => {
    const cloud = new FakeCloud();
    cloud.keep(PLAN);
    cloud.steps = [made(cloud, 'f'.repeat(64))];
    const { code, err } = await said(['plan', '--out', folder()], cloud);
    expect([code, err]).toEqual([1, expect.stringMatching(/is not the one that the run plan-\S+ has made/)]);
  });

  test('Ctrl-C: the run goes on, and can be followed', async () => {
    const cloud = new FakeCloud();
    cloud.steps = [working('comparing', 1, 2)];
    const { code, err } = await said('plan --trial', cloud, {
      interruptAt: 3,
      changes: { trial: trialIn(home) },
    });
    expect(code).toBe(130);
    const [, run] =
      /^The run goes on in AWS\. To follow it: npm run recover -- plan --follow (\S+) --trial\n$/.exec(err)!;
    expect(run).toBe(cloud.started[0]!.run);

    cloud.steps = [working('comparing', 2, 2), made(cloud)];
    const followed = await said(['plan', '--follow', run!, '--out', folder()], cloud);
    expect([followed.code, followed.err, cloud.started.length]).toEqual([0, '', 1]);
    const strange = await said('plan --follow plan-x', cloud);
    expect(strange.err).toBe(`There is no run plan-x of a plan: the latest are ${run}.\n`);
  });

  test('killed, it is begun again; and not for ever', async () => {
    const cloud = new FakeCloud();
    const silent: Step[] = Array.from({ length: 62 }, () => nothing);
    cloud.steps = [working('comparing', 1, 2), ...silent, working('comparing', 2, 2), made(cloud)];
    const { code, out } = await said(['plan', '--out', folder()], cloud);
    expect([code, cloud.started.length]).toEqual([0, 2]);
    expect(cloud.started[1]).toEqual(cloud.started[0]);
    expect(out).toContain('It has fallen silent, and is begun again');

    const dead = new FakeCloud();
    dead.steps = [working('comparing', 1, 2)];
    const given = await said('plan', dead);
    expect([given.code, given.err]).toEqual([
      1,
      expect.stringMatching(/does not come further: look at its log/),
    ]);
  });

  test('a function that never begins', async () => {
    const { code, out, err } = await said('plan');
    expect(code).toBe(1);
    expect(out).toContain('The function has not begun yet. Another run may be before it');
    expect(err).toMatch(/^The function has not begun in 21 min/);
  });
});

describe('apply', () => {
  test('sends what was read, follows, and tells what was done', async () => {
    const cloud = new FakeCloud();
    cloud.steps = [working('applying', 2, 5), applied()];
    const { code, out, err } = await said(['apply', path, '--conflicts', 'replace', '--batch', '10'], cloud);
    expect([code, err]).toEqual([0, '']);
    const { sha256 } = await readPlanFile(path);
    expect(cloud.started).toMatchObject([
      {
        kind: 'apply',
        plan: id,
        sha256,
        conflicts: 'replace',
        triggers: 'skip',
        isDryRun: false,
        batchRows: 10,
      },
    ]);
    expect(out).toMatch(/Done: 5 of 5 changes of [^]*The controller is told\.\n$/);
  });

  test('where its time was over it goes on by itself', async () => {
    const cloud = new FakeCloud();
    cloud.steps = [
      working('applying', 2, 5),
      applied({ isPaused: true, done: 2 }, 'paused'),
      working('applying', 3, 5),
      applied(),
    ];
    const { code, out } = await said(['apply', path], cloud);
    expect([code, cloud.started.length]).toEqual([0, 2]);
    expect(out).toContain('It goes on where its time was over.');
  });

  test('Ctrl-C: it is asked to pause, and says how to go on', async () => {
    const cloud = new FakeCloud();
    cloud.steps = [
      working('applying', 2, 5),
      working('applying', 3, 5),
      working('applying', 4, 5),
      applied({ isPaused: true, done: 4, isComplete: false }, 'paused'),
    ];
    const { code, out } = await said(['apply', path, '-c', 'env=dev'], cloud, { interruptAt: 2 });
    expect([code, cloud.stopped]).toEqual([130, [cloud.started[0]!.run]]);
    expect(out).toContain(
      `It goes on where it was with the same command:\n  npm run recover -- apply ${path} -c env=dev\n`,
    );
  });

  test.each<[string, Partial<Applied>, number]>([
    ['what was left open on demand', { isComplete: false, counts: { skipped: 2 } }, 0],
    ['what was refused', { isComplete: false, counts: { skipped: 2, refused: 1 } }, 1],
    ['a dry run', { isDryRun: true, isComplete: false, counts: { refused: 1 } }, 0],
  ])('exit code of %s: %j is %i', async (_, changes, expected) => {
    const cloud = new FakeCloud();
    cloud.steps = [applied(changes)];
    expect((await said(['apply', path], cloud)).code).toBe(expected);
  });

  test('a plan by its id is taken from the bucket; what was refused as well', async () => {
    const cloud = new FakeCloud();
    cloud.keep(PLAN);
    const refused = [{ number: 1, table: 'public.notes', key: ['1'], operation: 'insert', why: 'no' }];
    cloud.files.set(
      'x.json',
      JSON.stringify({ ...APPLIED, refused, isComplete: false, counts: { refused: 1 } }),
    );
    cloud.steps = [() => ({ ...applied()({} as never, 0), files: { applied: 'x.json' } })];
    const { code, out } = await said(['apply', id], cloud);
    expect(code).toBe(1);
    expect(out).toContain('  1. insert public.notes (1): no\n');
  });
});

describe('status', () => {
  test('what waits, and what was done', async () => {
    const cloud = new FakeCloud();
    cloud.steps = [working('comparing', 5, 10), made(cloud)];
    await said(['plan', '--out', folder()], cloud);
    cloud.steps = [failing('The role may not write.')];
    await said(['apply', path], cloud);
    const { code, out } = await said('status -c env=dev', cloud);
    expect(code).toBe(0);
    expect(out.replace(/(plan|apply)-\d+t\d+z-\w+/g, '$1-RUN')).toMatchSnapshot();
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('with --json it has the fork as plan --fork takes it', async () => {
    const { epoch, lsn, snapshot, timeline, system, heartbeatAt } = FORK;
    const fork = { epoch, lsn, snapshot, timeline, system, heartbeatAt };
    const { out } = await said('status --json');
    expect(JSON.parse(out)).toMatchObject({
      site: 'mysite',
      waiting: [{ identifier: 'mysite-old', epoch: 3, fork }],
    });
    expect(JSON.parse(out).waiting[0].fork).toEqual(fork);
  });

  test('nothing waits', async () => {
    const cloud = new FakeCloud(new FakeJournal(HEALTHY));
    expect((await said('status', cloud)).out).toBe('mysite: no old primary waits for recovery\n');
  });
});

describe('waive', () => {
  const done = [answers('accepted', 'recovery of mysite-old is waived; it is deleted')];

  test('asks, says what is given up, and waits for the controller', async () => {
    const cloud = new FakeCloud();
    const { code, out, asked } = await said(['waive', '--why', 'nobody  misses it'], cloud, {
      answer: 'yes',
      rounds: done,
    });
    expect([code, asked]).toEqual([0, ['waive? Type yes to go on: ']]);
    expect(cloud.journal.puts).toMatchObject([
      { kind: 'waive', of: 'db-OLD', recovered: false, why: 'nobody misses it', by: 'anna@laptop' },
    ]);
    expect(out).toContain('Given up is what mysite-old had committed after 0/3000148');
    expect(out).toContain('Recovery of mysite-old is waived; it is deleted.');
  });

  test('no is no', async () => {
    const cloud = new FakeCloud();
    const { code, err } = await said('waive --why x', cloud, { answer: 'n' });
    expect([code, err, cloud.journal.puts]).toEqual([1, 'Nothing was done.\n', []]);
  });

  test('recovered without AWS', async () => {
    const cloud = new FakeCloud();
    await said('waive --why x --recovered --yes', cloud, { rounds: done });
    expect(cloud.journal.puts).toMatchObject([{ recovered: true }]);
  });

  const [one] = AFTER_FAILOVER.retired;
  const two = { ...AFTER_FAILOVER, retired: [one!, { ...one!, resourceId: 'db-X', epoch: 2 }] };
  test.each([
    [
      'waive --why x',
      AFTER_FAILOVER,
      'waive gives up lost writes, and there is no terminal to ask at: give --yes if it is meant.',
    ],
    ['waive --why x --yes', HEALTHY, 'No old primary waits for recovery: nothing is to be given up.'],
    ['waive --why x --yes', two, '2 old primaries wait, of epochs 3, 2: say which one is meant, by --epoch.'],
    ['waive --why x --yes --epoch 7', two, 'No old primary of epoch 7 waits for recovery, but of 3, 2.'],
    [
      'waive --why x --yes',
      { ...AFTER_FAILOVER, roundAt: NOW - 600_000 },
      'The controller has given no sign of life for 10 min: nobody would act on this. Look at its alarms and its log first.',
    ],
  ])('%s: refused', async (command, memory, sentence) => {
    const cloud = new FakeCloud(new FakeJournal(memory));
    expect(await said(command, cloud)).toMatchObject({ code: 1, out: '', err: `${sentence}\n` });
    expect(cloud.journal.puts).toEqual([]);
  });

  test('of several, the one that is named', async () => {
    const cloud = new FakeCloud(new FakeJournal(two));
    await said('waive --why x --yes --epoch 2', cloud, { rounds: done });
    expect(cloud.journal.puts).toMatchObject([{ of: 'db-X' }]);
  });
});

function trialIn(parent: string): string {
  const found = join(parent, 'trial');
  mkdirSync(found, { recursive: true });
  const running = {
    pid: process.pid,
    endpoint: 'http://localhost:1',
    region: 'eu-central-1',
    account: '123456789012',
  };
  writeFileSync(join(found, 'running.json'), JSON.stringify(running));
  return found;
}
