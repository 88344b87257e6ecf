/** What a run comes to, whatever happens; servers and files stand for themselves in tests of their own. */
import type { Command, Stored } from '../../../lambda/failover/ports';
import { CallFailed } from '../../../lambda/failover/ports';
import type { Applied } from '../../../lambda/recovery/apply';
import type { Parts } from '../../../lambda/recovery/aws/parts';
import { work } from '../../../lambda/recovery/handler';
import { Problem } from '../../../lambda/recovery/problem';
import type { RunState } from '../../../lambda/recovery/run-state';
import { forkOf, retiredOf, stored, T0 } from './aws/stored';
import { HEAD, PLAN } from './made-plan';

const mocks = { apply: jest.fn(), makePlan: jest.fn(), closed: 0 };
jest.mock('../../../lambda/recovery/apply', () => ({
  apply: (...given: unknown[]) => mocks.apply(...given),
}));
jest.mock('../../../lambda/recovery/make-plan', () => ({
  makePlan: (...given: unknown[]) => mocks.makePlan(...given),
}));
jest.mock('../../../lambda/recovery/connect', () => ({
  connect: ({ name }: { name: string }) =>
    Promise.resolve({ name, close: () => Promise.resolve(void mocks.closed++) }),
}));

const SHA = 'a'.repeat(64);
const FORK = forkOf(3, { ...HEAD.fork });
const QUIET = { ...PLAN, head: { ...HEAD, unrecoverable: [], gaps: [] } };

const planRequest = { kind: 'plan', run: 'plan-1', by: 'anna@laptop', at: T0 };
const applyRequest = {
  ...{ kind: 'apply', run: 'apply-1', by: 'anna@laptop', at: T0 },
  ...{ plan: HEAD.id, sha256: SHA, conflicts: 'keep', triggers: 'skip', isDryRun: false },
};

const applied = (changes: Partial<Applied> = {}): Applied => ({
  plan: HEAD.id,
  isDryRun: false,
  total: PLAN.changes.length,
  done: PLAN.changes.length,
  counts: { applied: PLAN.changes.length },
  tables: [],
  refused: [],
  changed: [],
  isComplete: true,
  isPaused: false,
  seconds: 1,
  rowsPerSecond: 5,
  sequences: [],
  ...changes,
});

interface World {
  readonly parts: Parts;
  readonly written: RunState[];
  readonly commands: Command[];
  readonly told: string[];
  readonly logged: string[];
  readonly kept: Record<string, string>;
}

function world(
  journal: Stored = stored({ retired: [retiredOf(FORK)] }),
  changes: Partial<Parts> = {},
): World {
  const [written, commands, told, logged]: [RunState[], Command[], string[], string[]] = [[], [], [], []];
  const kept: Record<string, string> = {};
  const line = (message: string, fields: object = {}) =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);
  const source = {
    current: async () => ({ user: 'recovery', password: 'hidden' }),
    renew: async () => false,
  };
  const instances = [FORK.from, 'db-NEW-3'].map((DbiResourceId, index) => ({
    DbiResourceId,
    DBInstanceIdentifier: ['mysite-primary', 'mysite-replica-1'][index],
    DBInstanceStatus: 'available',
    Endpoint: { Address: `${DbiResourceId}.example`, Port: 5432 },
  }));
  const parts = {
    journal: () => Promise.resolve(journal),
    putCommand: (command: Command) => Promise.resolve(commands.push(command) > 0),
    rds: { call: () => Promise.resolve({ DBInstances: instances }) } as never,
    access: { database: 'site', ca: '', current: source, previous: source },
    files: {
      putPlan: () => Promise.resolve(SHA),
      getPlan: () => Promise.resolve({ plan: QUIET, sha256: SHA }),
      put: (key: string, text: string) => Promise.resolve(void (kept[key] = text)),
    },
    bucket: 'logs',
    runs: {
      begin: (request) =>
        Promise.resolve({
          state: { request, state: 'running', startedAt: T0, updatedAt: T0, starts: 1 },
          isDone: false,
        }),
      write: (state) => Promise.resolve(written.push(state) > 0),
      isStopped: () => Promise.resolve(false),
    },
    notify: ({ subject, text }) => Promise.resolve(void told.push(`${subject}\n${text}`)),
    log: { debug: line, info: line, warn: line, error: line },
    now: Date.now,
    sleep: () => Promise.resolve(),
    ...changes,
  } satisfies Parts;
  return { parts, written, commands, told, logged, kept };
}

const run = (event: unknown, { parts }: World) => work(event, parts, 'me', Date.now() + 900_000);

beforeEach(() => {
  mocks.apply.mockReset();
  mocks.makePlan.mockReset();
  mocks.closed = 0;
});

test.each([
  ['nothing', undefined],
  ['something else', { kind: 'plan', run: 'another thing', by: 'x', at: 1 }],
  ['an apply without a plan', { ...applyRequest, plan: undefined }],
  ['a folder outside', { ...applyRequest, plan: '../x' }],
  ['conflicts that nobody knows', { ...applyRequest, conflicts: 'overwrite' }],
])('%s is no request: one sentence, and no run', async (_, event) => {
  const there = world();
  const failure = await run(event, there).catch((error: Error) => error);
  expect(failure).toBeInstanceOf(Problem);
  expect((failure as Problem).message).toMatch(/^The request is none that recovery knows: .*npm run recover/);
  expect((failure as Problem).message).not.toContain('\n');
  expect(there.written).toEqual([]);
});

describe('a plan', () => {
  test('is put into the bucket with its report, and people are told its counts', async () => {
    mocks.makePlan.mockImplementation(async ({ report, old, primary, isRestore }) => {
      report({ step: 'comparing', done: 1, total: 2, unit: 'rows' });
      return { ...PLAN, head: { ...HEAD, from: old.name, to: primary.name, gaps: [`${isRestore}`] } };
    });
    const there = world();
    const state = await run(planRequest, there);
    expect(state).toMatchObject({
      state: 'done',
      progress: { step: 'comparing' },
      plan: { id: HEAD.id, sha256: SHA, from: 'mysite-primary', to: 'mysite-replica-1', gaps: 1 },
      files: { html: `recovery/${HEAD.id}/report.html` },
    });
    expect(there.written.at(-1)).toEqual(state);
    expect(Object.keys(there.kept)).toEqual([
      `recovery/${HEAD.id}/report.md`,
      `recovery/${HEAD.id}/report.html`,
    ]);
    expect(there.told).toEqual([
      expect.stringContaining(`Report: s3://logs/recovery/${HEAD.id}/report.html`),
    ]);
    expect(mocks.makePlan.mock.calls[0][0]).toMatchObject({ fork: HEAD.fork, isRestore: false });
    expect(mocks.closed).toBe(2);
  });

  test('of a restore, whose own fork is known although the old primary is gone', async () => {
    mocks.makePlan.mockResolvedValue(PLAN);
    const gone = forkOf(3, { from: 'db-GONE' });
    const journal = stored({ forks: [gone], primary: 'db-NEW-3' });
    await run({ ...planRequest, epoch: 3, from: 'mysite-primary' }, world(journal));
    expect(mocks.makePlan.mock.calls[0][0]).toMatchObject({
      isRestore: true,
      old: { name: 'mysite-primary' },
    });
  });

  test('of the primary itself is refused', async () => {
    const state = await run({ ...planRequest, from: 'mysite-replica-1' }, world());
    expect(state).toMatchObject({
      state: 'failed',
      problem: expect.stringMatching(/^mysite-replica-1 is the primary itself/),
    });
  });

  test('that takes longer than there is time says so before it is ended', async () => {
    mocks.makePlan.mockReturnValue(new Promise(() => undefined));
    const there = world();
    const state = await work(planRequest, there.parts, 'me', Date.now() + 30_050);
    expect(state.problem).toMatch(/^The plan takes longer than the function may run \(15 minutes\)/);
    expect(mocks.closed).toBe(2);
  });

  test('no row of the site is in what is told of it', async () => {
    mocks.makePlan.mockResolvedValue(PLAN);
    const there = world();
    await run(planRequest, there);
    const everywhere = JSON.stringify([there.written, there.told, there.logged]);
    for (const { lost } of PLAN.changes)
      if (lost) expect(everywhere).not.toContain(JSON.stringify(lost).slice(1, -1));
  });
});

describe('an apply', () => {
  test('that has decided everything tells the controller that this old primary is done', async () => {
    mocks.apply.mockResolvedValue(applied());
    const there = world();
    const state = await run(applyRequest, there);
    expect(state).toMatchObject({ state: 'done', applied: { isComplete: true } });
    expect(there.commands).toEqual([
      expect.objectContaining({
        kind: 'waive',
        recovered: true,
        of: FORK.from,
        by: 'recovery for anna@laptop',
      }),
    ]);
    expect(there.told).toEqual([expect.stringContaining('the controller is told')]);
    expect(mocks.apply.mock.calls[0][0]).toMatchObject({
      conflicts: 'keep',
      triggers: 'skip',
      isDryRun: false,
    });
  });

  test.each([
    ['something is left open', applied({ isComplete: false }), QUIET, /as some changes are left open/],
    [
      'something is unrecoverable',
      applied(),
      { ...QUIET, head: { ...QUIET.head, unrecoverable: HEAD.unrecoverable } },
      /findings are unrecoverable/,
    ],
    [
      'not everything was seen',
      applied(),
      { ...QUIET, head: { ...QUIET.head, gaps: ['?'] } },
      /not everything could be seen/,
    ],
  ])('when %s, a person ends the quarantine', async (_, result, plan, why) => {
    mocks.apply.mockResolvedValue(result);
    const there = world();
    const files = { ...there.parts.files, getPlan: () => Promise.resolve({ plan, sha256: SHA }) };
    const state = await run(applyRequest, { ...there, parts: { ...there.parts, files } });
    expect(there.commands).toEqual([]);
    expect(state['sentence']).toMatch(why);
    expect(state['sentence']).toContain('npm run recover -- waive');
  });

  test('a controller that is busy with another command is asked again, and not for ever', async () => {
    mocks.apply.mockResolvedValue(applied());
    let asked = 0;
    const there = world(undefined, { putCommand: async () => ++asked > 3 });
    expect((await run(applyRequest, there))['sentence']).toMatch(/the controller is told/);
    const busy = world(undefined, { putCommand: async () => false });
    expect((await run(applyRequest, busy))['sentence']).toMatch(
      /is busy with another command. A person ends it/,
    );
  });

  test('that paused tells why, and nothing to the controller', async () => {
    mocks.apply.mockImplementation(async ({ mayGoOn }) => {
      expect(await mayGoOn()).toBe(false);
      return applied({ isPaused: true, isComplete: false, done: 2 });
    });
    const there = world();
    const state = await work(applyRequest, there.parts, 'me', Date.now() + 59_000);
    expect(state).toMatchObject({ state: 'paused', sentence: expect.stringMatching(/^Its time is over/) });
    expect([there.commands, there.told]).toEqual([[], []]);
  });

  test('what was refused is in the bucket, and not in the journal', async () => {
    const told = {
      number: 1,
      table: 'public.notes',
      key: ['secret@example.org'],
      operation: 'insert' as const,
      why: 'x',
    };
    mocks.apply.mockResolvedValue(applied({ refused: [told], isComplete: false }));
    const there = world();
    await run(applyRequest, there);
    expect(there.kept[`recovery/${HEAD.id}/apply-1.json`]).toContain('secret@example.org');
    expect(JSON.stringify([there.written, there.told, there.logged])).not.toContain('secret@example.org');
  });

  test.each([
    [
      'another plan than the one that was read',
      { sha256: 'b'.repeat(64) },
      stored(),
      /is not the one that was read/,
    ],
    ['a hold', {}, stored({}, { hold: { by: 'otto', at: T0, why: 'x' } }), /^On hold since .* by otto/],
    ['a failover', {}, stored({ phase: 'opening' }), /^A failover is under way/],
  ])('refused: %s', async (_, changes, journal, problem) => {
    const state = await run({ ...applyRequest, ...changes }, world(journal));
    expect(state).toMatchObject({ state: 'failed', problem: expect.stringMatching(problem) });
    expect(mocks.apply).not.toHaveBeenCalled();
  });

  test('a dry run changes nothing, on hold as well', async () => {
    mocks.apply.mockResolvedValue(applied({ isDryRun: true }));
    const hold = { by: 'otto', at: T0, why: 'x' };
    const there = world(stored({ retired: [retiredOf(FORK)] }, { hold }));
    const state = await run({ ...applyRequest, isDryRun: true }, there);
    expect(state).toMatchObject({ state: 'done', sentence: 'Nothing was written: it was a dry run.' });
    expect(there.commands).toEqual([]);
  });
});

describe('what fails is told', () => {
  const fail = async (error: Error) => {
    mocks.apply.mockRejectedValue(error);
    const there = world();
    return { ...there, state: await run(applyRequest, there) };
  };

  test.each([
    [new Problem('The disk is full.'), 'The disk is full.'],
    [new CallFailed('denied', 's3 PutObject: denied'), 's3 PutObject: denied'],
  ])('%s', async (error, problem) => {
    const { state, written } = await fail(error);
    expect(state).toMatchObject({ state: 'failed', problem });
    expect(written.at(-1)).toMatchObject({ state: 'failed', problem });
  });

  test('a mistake of ours, with where it happened', async () => {
    const { state, logged } = await fail(new TypeError('x is not a function'));
    expect(state.problem).toMatch(/^TypeError: x is not a function\. That was not foreseen/);
    expect(logged.join()).toMatch(/run failed .*handler\.test/);
  });

  test('a value that PostgreSQL quotes is told nowhere', async () => {
    const quoting = Object.assign(new Error('invalid input syntax for type integer: "a secret"'), {
      code: '22P02',
      severity: 'ERROR',
    });
    const { state, logged, told } = await fail(quoting);
    expect(state.problem).toMatch(/^PostgreSQL refuses \(SQLSTATE 22P02\)\. That was not foreseen/);
    expect(JSON.stringify([state, logged, told])).not.toContain('a secret');
  });

  test('a run that is done already is answered, and not done again', async () => {
    const there = world();
    const done = {
      request: applyRequest,
      state: 'done',
      startedAt: T0,
      updatedAt: T0,
      starts: 1,
    } as RunState;
    const runs = { ...there.parts.runs, begin: () => Promise.resolve({ state: done, isDone: true }) };
    expect(await work(applyRequest, { ...there.parts, runs }, 'me', Date.now() + 900_000)).toBe(done);
    expect(mocks.apply).not.toHaveBeenCalled();
  });
});
