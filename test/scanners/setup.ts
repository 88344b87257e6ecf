import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join, resolve } from 'node:path';
import { venvProgram } from '../support/venv';

const FOLDER = resolve(__dirname, '../../.scanners');
const STAMP = join(FOLDER, 'stamp');
const WHEELS = join(FOLDER, 'wheels');
const BUNDLE = join(FOLDER, 'cfnguard/package');
const PINS = ['requirements.txt', 'rules.txt'].map((name) => join(__dirname, name));

export interface Programs {
  readonly checkov: string;
  readonly cfnGuard: string;
  /** Files or folders of rules. */
  readonly controlTower: string;
  readonly registry: string;
}

/**
 * The scanners, in `.scanners/`: made when the pins have changed (about a minute). Rules of the Guard registry are those
 * of a package, or all of them when GUARD_RULES names the folder `rules` of a clone of
 * https://github.com/aws-cloudformation/aws-guard-rules-registry (last seen at commit 7f7340c).
 *
 * @throws Error when a package cannot be had, in pip's words
 */
export function scanners(): Programs {
  const pins = createHash('sha256')
    .update(PINS.map((file) => readFileSync(file, 'utf8')).join())
    .digest('hex');
  if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== pins) {
    install();
    writeFileSync(STAMP, pins);
  }
  return {
    checkov: join(FOLDER, 'venv/bin/checkov'),
    cfnGuard: join(BUNDLE, 'bin', guardPlatform(), 'cfn-guard'),
    controlTower: join(BUNDLE, 'rules/control-tower/cfn-guard'),
    registry:
      process.env.GUARD_RULES ?? join(FOLDER, 'awslabs/aws_iac_mcp_server/data/default_guard_rules.guard'),
  };
}

function install(): void {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(WHEELS, { recursive: true });
  const python = join(FOLDER, 'venv/bin/python');
  const [requirements, rules] = PINS as [string, string];
  run(venvProgram('python3'), '-m', 'venv', join(FOLDER, 'venv'));
  run(python, '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '-r', requirements);
  run(python, '-m', 'pip', 'download', '--disable-pip-version-check', '--no-deps', '-d', WHEELS, '-r', rules);
  for (const wheel of readdirSync(WHEELS)) run(python, '-m', 'zipfile', '-e', join(WHEELS, wheel), FOLDER);
  const bundles = join(FOLDER, 'cdklabs/cdk_validator_cfnguard/_jsii');
  const bundle = readdirSync(bundles).find((name) => name.endsWith('.tgz'))!;
  run(python, '-m', 'tarfile', '-e', join(bundles, bundle), join(FOLDER, 'cfnguard'));
}

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
}

/** As the package calls it. */
function guardPlatform(): string {
  const system = { linux: 'ubuntu', darwin: 'macos' }[platform() as string];
  const processor = { x64: 'x86_64', arm64: 'aarch64' }[arch() as string];
  if (system && processor) return join(system, processor);
  throw new Error(
    `cfn-guard is not there for ${platform()} on ${arch()}; it is for Linux and macOS on x64 and arm64`,
  );
}
