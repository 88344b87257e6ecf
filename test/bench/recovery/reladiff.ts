/** reladiff, https://github.com/erezsh/reladiff: in a Python environment of the benchmark's own. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import type { TestServer } from '../../support/replica';
import { PROJECT } from '../project';
import { TABLE } from './data';
import { type Repair, twoWay } from './judge';
import type { Tool } from './tool';

/** Goes with the project's own one, and is made again at the next use. */
const VENV = join(PROJECT, '.venv', 'bench-recovery');
const PINS = join(__dirname, 'requirements.txt');
const STAMP = join(VENV, 'installed');
const program = (name: string): string => join(VENV, process.platform === 'win32' ? 'Scripts' : 'bin', name);

const isReady = () => existsSync(STAMP) && readFileSync(STAMP, 'utf8') === readFileSync(PINS, 'utf8');

/** Far longer than it takes. */
const INSTALL_MILLIS = 300_000;

/** @returns why it could not be installed */
function install(): string | undefined {
  if (isReady()) return undefined;
  rmSync(VENV, { recursive: true, force: true });
  const own = join(PROJECT, '.venv', process.platform === 'win32' ? 'Scripts' : 'bin', 'python');
  const steps: [string, string[]][] = [
    [process.env['PYTHON'] ?? (existsSync(own) ? own : 'python3'), ['-m', 'venv', VENV]],
    [
      program('python'),
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '-r', PINS],
    ],
  ];
  for (const [command, args] of steps) {
    const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: INSTALL_MILLIS });
    if (status !== 0) return error?.message ?? stderr.trim().split('\n').at(-1);
  }
  writeFileSync(STAMP, readFileSync(PINS, 'utf8'));
  return undefined;
}

export const reladiff: Tool = {
  name: 'reladiff',
  async ready() {
    const why = install();
    return (
      why && `reladiff is missing: its installation failed (${why}). It needs Python 3.9 or newer and PyPI.`
    );
  },
  async find({ pair }, programs) {
    const folder = programs.folder();
    // A socket's folder cannot be said in its URLs.
    const database = (name: string, { host, port }: TestServer) =>
      `[database.${name}]\ndriver = "postgresql"\nhost = "${host}"\nport = ${port}\nuser = "postgres"\ndatabase = "postgres"\n`;
    const side = (number: number, name: string) =>
      `${number}.database = "${name}"\n${number}.table = "${TABLE}"\n`;
    const conf = [
      database('old', pair.old),
      database('new', pair.primary),
      `[run.default]\n${side(1, 'old')}${side(2, 'new')}columns = ["%"]\n`,
    ];
    writeFileSync(join(folder, 'reladiff.toml'), conf.join(''));
    const { seconds, peakMiB, output } = await programs.time({
      name: 'reladiff',
      program: program('reladiff'),
      args: ['--conf', 'reladiff.toml', '--key-columns', 'id', '--json'],
      cwd: folder,
      // Else it breaks its lines as for a terminal.
      env: { COLUMNS: '100000' },
    });
    return { seconds, peakMiB, repairs: differences(output) };
  },
};

/** `["-", ["7", …]]` is only in the first table, `+` only in the second; a row that differs is told as both. */
export function differences(output: string): Repair[] {
  const told = [...output.matchAll(/^\["([-+])", \["(\d+)"/gm)];
  const keys = (sign: string) => told.filter(([, which]) => which === sign).map(([, , key]) => Number(key));
  return twoWay(keys('-'), keys('+'));
}
