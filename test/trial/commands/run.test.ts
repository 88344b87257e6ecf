import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HELP, run } from '../../../trial/commands/run';
import { FAULT_HELP } from '../../../trial/commands/fault';
import { LOAD_HELP, parseLoad } from '../../../trial/commands/load';
import { RESET_HELP } from '../../../trial/commands/reset';
import { STATUS_HELP } from '../../../trial/commands/status';
import type { Surroundings } from '../../../trial/commands/surroundings';
import { NO_TRIAL, RUNNING_FILE } from '../../../trial/view/source';
import { type FakeSite, fakeSite } from '../load/fake-site';
import { DEAD_PID, type SeemingTrial, seemingTrial } from '../view/control';
import { WELL } from '../view/facts';

let trial: SeemingTrial;
let site: FakeSite | undefined;
let ending: AbortController;
beforeEach(async () => {
  site = await fakeSite();
  trial = await seemingTrial(WELL, site.url);
  ending = new AbortController();
});
afterEach(async () => {
  await trial.close();
  await site?.close();
});

/** Runs a command as the terminal would. */
async function said(command: string, changes: Partial<Surroundings> = {}) {
  const written = { out: '', err: '' };
  const code = await run(command.split(' ').filter(Boolean), {
    folder: trial.folder,
    out: { write: (text) => void (written.out += text) },
    err: { write: (text) => void (written.err += text) },
    env: {},
    signal: ending.signal,
    ...changes,
  });
  return { code, ...written };
}

const stop = () => rmSync(join(trial.folder, RUNNING_FILE));

test.each([
  '--help',
  '-h',
  'help',
  'status --help',
  'fault --help',
  'fault kill --help',
  'load -h',
  'reset --help',
])('%s helps', async (command) => {
  const { code, out, err } = await said(command);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^npm run trial -- /);
});

test('all help fits into 80 columns', () => {
  for (const help of [HELP, STATUS_HELP, FAULT_HELP, LOAD_HELP, RESET_HELP]) {
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
  }
});

test.each([
  ['statsu', '"statsu" is no command: did you mean status?\n'],
  ['frobnicate', '"frobnicate" is no command: it is status, fault, load, drill or reset.\n'],
  ['status --wach', '--wach is not known to status: did you mean --watch?\n'],
  ['status now', '"now" means nothing to status: see npm run trial -- status --help.\n'],
  ['status --json=yes', '--json takes no value, but "yes" was given.\n'],
  ['fault kil server 1', '"kil" is not known after "fault": did you mean kill?\n'],
  [
    'fault kill server 7',
    'There is no server "7": there is 1 (i-0123456789abcdef0), 2 (i-0123456789abcdef1).\n',
  ],
  ['load --rate', '--rate needs a value: see npm run trial -- load --help.\n'],
  ['load --rate 5000', '--rate 5000 is not a number from 0.1 to 2000.\n'],
  ['load --clients 1.5', '--clients 1.5 is not a whole number from 1 to 1000.\n'],
  ['load --for 0', '--for 0 is no load: write a time such as 30s.\n'],
  ['load --writes 101%', '--writes 101 is not a number from 0 to 100.\n'],
  ['reset', 'Nothing was removed: without a terminal, reset needs --yes.\n'],
])('%s: one sentence, exit code 2', async (command, sentence) => {
  if (command === 'reset') stop();
  if (command === 'reset') writeFileSync(join(trial.folder, 'load.jsonl'), '');
  expect(await said(command)).toEqual({ code: 2, out: '', err: sentence });
});

test('without a command there is help, and it is no success', async () => {
  expect(await said('')).toMatchObject({ code: 2, out: `${HELP}\n` });
});

test.each(['status', 'status --watch', 'fault heal', 'fault kill server 1', 'load'])(
  '%s: no trial is running, whether none was or it was killed',
  async (command) => {
    writeFileSync(join(trial.folder, RUNNING_FILE), JSON.stringify({ ...trial.running, pid: DEAD_PID }));
    expect(await said(command)).toEqual({ code: 1, out: '', err: `${NO_TRIAL}\n` });
    stop();
    expect(await said(command)).toEqual({ code: 1, out: '', err: `${NO_TRIAL}\n` });
  },
);

describe('status', () => {
  test('as text, and in colour on a terminal that wants it', async () => {
    const { code, out } = await said('status');
    expect([code, out]).toEqual([0, expect.stringMatching(/✓ All is well\.[^]*└ mysite-replica-2/)]);
    expect(out).not.toContain('\x1b');
    const terminal = (env: NodeJS.ProcessEnv) => {
      let text = '';
      const out = { isTTY: true, write: (more: string) => void (text += more) };
      return said('status', { out, env }).then(() => text);
    };
    expect(await terminal({})).toContain('\x1b[');
    expect(await terminal({ NO_COLOR: '1' })).not.toContain('\x1b');
  });

  test('as JSON', async () => {
    expect(JSON.parse((await said('status --json')).out)).toEqual(WELL);
  });

  test('again and again, until Ctrl-C', async () => {
    setTimeout(() => ending.abort(), 300);
    const { code, out } = await said('status --watch --json');
    expect(code).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([WELL]);
  });
});

describe('fault', () => {
  test('reaches the trial with whole names, and its sentence is shown', async () => {
    expect(await said('fault kill database replica-1 --stays')).toEqual({
      code: 0,
      out: 'Done: kill-database.\n',
      err: '',
    });
    expect(await said('fault kill server 2')).toMatchObject({ code: 0 });
    expect(await said('fault heal')).toMatchObject({ code: 0 });
    expect(trial.faults).toEqual([
      { kind: 'kill-database', database: 'mysite-replica-1', stays: true },
      { kind: 'kill-server', server: 'i-0123456789abcdef1' },
      { kind: 'heal' },
    ]);
  });

  test('what the trial refuses is told', async () => {
    trial.refusal = 'mysite-primary is frozen already.';
    expect(await said('fault freeze primary')).toEqual({
      code: 1,
      out: '',
      err: 'mysite-primary is frozen already.\n',
    });
  });
});

describe('load', () => {
  test('on the site of the trial that runs; its ledger is in the folder, and can be compared again', async () => {
    const { code, out } = await said('load --for 1.2s --rate 100 --writes 50% --clients 2 --seed 65');
    expect(code).toBe(0);
    expect(out).toMatch(/^ {3}1 s .* answers\/s .* 0 failed {3}0 stale\n/);
    expect(out).toMatch(/\n120 requests in 1\.2 s to http:\/\/127\.0\.0\.1:\d+ \(seed 65\)\n/);
    expect(out).toMatch(/Acknowledged writes +(\d+), \1 there, 0 missing\n/);
    const [ledger] = readdirSync(trial.folder).filter((name) => name.startsWith('load-'));
    const path = join(trial.folder, ledger!);
    expect(await said(`load --check ${path}`)).toMatchObject({ code: 0, err: '' });
    site!.notes.clear();
    site!.wrongs.lagMillis = 1e6; // so that the primary is asked
    expect(await said(`load --check ${path} --url ${site!.url}`)).toMatchObject({ code: 1 });
  });

  test('exit code 1 when a write is missing; as JSON for programs, which Ctrl-C ends with the report', async () => {
    site!.wrongs.loseEvery = 5;
    setTimeout(() => ending.abort(), 400);
    const { code, out } = await said('load --rate 100 --writes 50 --json');
    const report = JSON.parse(out) as { audit: { missing: unknown[] } };
    expect(code).toBe(1);
    expect(report.audit.missing.length).toBeGreaterThan(0);
  });

  test('only to this machine', async () => {
    expect(await said('load --url http://example.com')).toEqual({
      code: 1,
      out: '',
      err: 'example.com is not on this machine: load is sent to localhost and 127.0.0.0/8 only.\n',
    });
  });

  test('what is not asked for is as the help says', () => {
    expect(parseLoad([])).toEqual({
      ...{ isJson: false, seconds: 30, rate: 50, writes: 0.2, clients: 10 },
      ...{ url: undefined, check: undefined, seed: undefined },
    });
  });
});

describe('reset', () => {
  const fill = () => {
    mkdirSync(join(trial.folder, 'databases/deep'), { recursive: true });
    writeFileSync(join(trial.folder, 'databases/deep/file'), 'x');
    mkdirSync(join(trial.folder, `run-${DEAD_PID}`));
  };
  const left = () => readdirSync(trial.folder);

  test.each(['reset', 'reset --yes'])('%s: not while a trial runs', async (command) => {
    fill();
    const { code, err } = await said(command);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^A trial is running \(process \d+\): end it with Ctrl-C first/),
    ]);
    stop();
    mkdirSync(join(trial.folder, `run-${process.pid}`));
    expect((await said(command)).err).toContain(`run-${process.pid} if that process is none.`);
    expect(left()).toContain('databases');
  });

  test('asks, and takes nothing but yes for it', async () => {
    stop();
    fill();
    for (const answer of ['', 'n', 'yesterday']) {
      const { code, out } = await said('reset', { ask: async () => answer });
      expect([code, out]).toEqual([1, 'Nothing was removed.\n']);
    }
    expect(left()).toHaveLength(2);
    const questions: string[] = [];
    const ask = async (question: string) => (questions.push(question), ' Y ');
    expect(await said('reset', { ask })).toMatchObject({ code: 0, err: '' });
    expect(left()).toEqual([]);
    expect(questions).toEqual([
      expect.stringMatching(/^This removes all 2 entries of .* Go on\? \[y\/N\] $/),
    ]);
  });

  test('what lies elsewhere goes first, as the folder tells where it is', async () => {
    stop();
    fill();
    const seen: string[][] = [];
    await said('reset --yes', { removeElsewhere: (folder) => void seen.push(readdirSync(folder)) });
    expect(seen[0]).toContain('databases');
    expect(left()).toEqual([]);
    expect(await said('reset --yes')).toMatchObject({
      code: 0,
      out: expect.stringContaining('There is nothing in'),
    });
  });

  test('a link in the folder is removed, and not what it leads to', async () => {
    stop();
    const elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
    writeFileSync(join(elsewhere, 'kept'), 'x');
    const { symlinkSync } = await import('node:fs');
    symlinkSync(elsewhere, join(trial.folder, 'link'));
    expect((await said('reset --yes')).code).toBe(0);
    expect([left(), existsSync(join(elsewhere, 'kept'))]).toEqual([[], true]);
    rmSync(elsewhere, { recursive: true });
  });

  test('what cannot be removed is told', async () => {
    stop();
    fill();
    const removeElsewhere = () => Promise.reject(new Error('EACCES: permission denied'));
    expect(await said('reset --yes', { removeElsewhere })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^Not all of .* could be removed: EACCES: permission denied\.\n$/),
    });
  });
});

test('npm run trial is this, without a stack trace', async () => {
  const root = join(__dirname, '../../..');
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: { trial: string };
  };
  expect(scripts.trial).toMatch(/ts-node trial\/commands\/main\.ts$/);
  const args = [join(root, 'node_modules/ts-node/dist/bin.js'), 'trial/commands/main.ts', 'statsu'];
  const ended = await new Promise<{ code: unknown; err: string }>((resolve) => {
    execFile(process.execPath, args, { cwd: root, timeout: 20_000 }, (error, _, err) =>
      resolve({ code: error?.code, err }),
    );
  });
  expect(ended).toEqual({ code: 2, err: '"statsu" is no command: did you mean status?\n' });
});
