import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WINDOWS, digestOf, inFolder, textOf } from './folder.mjs';
import { failed, run } from './programs.mjs';
import { Failure, step } from './terminal.mjs';

const AT_LEAST = [3, 10];
const NAMES = [
  'python3',
  'python',
  'py',
  'python3.14',
  'python3.13',
  'python3.12',
  'python3.11',
  'python3.10',
];
const VENV = inFolder('.venv');
const STAMP = join(VENV, 'setup-stamp');
const PROGRAMS = join(VENV, WINDOWS ? 'Scripts' : 'bin');
const VENV_PYTHON = join(PROGRAMS, WINDOWS ? 'python.exe' : 'python');

const pythonStamp = () => digestOf(inFolder('requirements.txt'));
export const pythonReady = () => textOf(STAMP) === pythonStamp() && existsSync(VENV_PYTHON);

const pins = () =>
  [...readFileSync(inFolder('requirements.txt'), 'utf8').matchAll(/^([\w-]+)==(\S+)/gm)].map(
    ([, name, version]) => [name, version],
  );

const QUESTIONS = `
import json, sys
from importlib import metadata, util
def version(name):
    try: return metadata.version(name)
    except Exception: return None
print(json.dumps({"version": sys.version_info[:3], "venv": bool(util.find_spec("venv") and util.find_spec("ensurepip")),
  "scripts": __import__("sysconfig").get_path("scripts"), "installed": {n: version(n) for n in sys.argv[1:]}}))`;

function askPython(command) {
  const answer = spawnSync(command, ['-c', QUESTIONS, ...pins().map(([name]) => name)], { encoding: 'utf8' });
  return answer.status === 0 ? { command, ...JSON.parse(answer.stdout) } : undefined;
}

const isNewEnough = ({ version: [major, minor] }) =>
  major > AT_LEAST[0] || (major === AT_LEAST[0] && minor >= AT_LEAST[1]);

function findPython() {
  const wanted = AT_LEAST.join('.');
  const remedy = `Install Python ${wanted} or newer, or name one: PYTHON=/path/to/python3, and run this again.`;
  const named = process.env.PYTHON;
  const found = (named ? [named] : NAMES).map(askPython).filter(Boolean);
  const python = found.find(isNewEnough);
  if (python) return python;
  if (found.length > 0) {
    throw new Failure(
      `${found[0].command} is Python ${found[0].version.join('.')}, which is too old. ${remedy}`,
    );
  }
  throw new Failure(
    `${named ? `PYTHON=${named} is not a Python that runs` : 'Python was not found'}. ${remedy}`,
  );
}

/** Whether the programs of requirements.txt stand beside this Python in the pinned versions. */
const hasPins = ({ installed, scripts }) =>
  !WINDOWS &&
  pins().every(([name, version]) => installed[name] === version) &&
  ['cfn-lint', 'shellcheck'].every((program) => existsSync(join(scripts, program)));

export async function installPython() {
  const python = findPython();
  const taken = hasPins(python);
  if (!python.venv && !taken) {
    throw new Failure(
      `${python.command} cannot make virtual environments. Install its venv module ` +
        `(Debian and Ubuntu: apt install python3-venv) and run this again.`,
    );
  }
  rmSync(VENV, { recursive: true, force: true });
  await step(`making a Python environment in .venv${taken ? ' from what is installed' : ''}`, async () => {
    const how = taken ? ['--without-pip', '--system-site-packages'] : [];
    const made = await run(python.command, ['-m', 'venv', ...how, VENV]);
    if (made.code !== 0) failed('The Python environment', made.output);
    if (taken) {
      for (const program of ['cfn-lint', 'shellcheck'])
        symlinkSync(join(python.scripts, program), join(PROGRAMS, program));
    }
  });
  if (!taken) {
    await step('installing the emulator, cfn-lint and shellcheck (requirements.txt)', async () => {
      const pip = [
        '-m',
        'pip',
        'install',
        '--disable-pip-version-check',
        '--no-input',
        '-r',
        'requirements.txt',
      ];
      const { code, output } = await run(VENV_PYTHON, pip);
      if (code !== 0) failed('The Python packages', output);
    });
  }
  writeFileSync(STAMP, pythonStamp());
}
