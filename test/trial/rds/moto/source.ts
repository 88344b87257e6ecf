import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { venvProgram } from '../../../support/venv';

/** The source distribution on PyPI, which holds the tests; Apache-2.0. Nothing of moto is kept in this project. */
const VERSION = '5.2.5';
const SHA256 = '391857257d5dac144334013c2c10e599def5f0562f553e979160140bd7bd9cf6';

/**
 * The folder with moto's tests of RDS; downloaded once, and kept among the temporary files.
 *
 * @throws Error when PyPI cannot be reached, or has something else under this version
 */
export function motoTests(): string {
  const kept = join(tmpdir(), `scale-from-zero-moto-${VERSION}`);
  if (!existsSync(kept)) {
    const folder = mkdtempSync(join(tmpdir(), 'scale-from-zero-moto-'));
    try {
      renameSync(download(folder), kept);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return kept;
}

function download(folder: string): string {
  const options = [
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--no-binary',
    ':all:',
    '--dest',
    folder,
  ];
  const pip = ['-m', 'pip', 'download', ...options, `moto==${VERSION}`];
  try {
    execFileSync(venvProgram('python'), pip, { encoding: 'utf8', stdio: 'pipe', timeout: 180_000 });
  } catch (error) {
    throw new Error(
      `moto ${VERSION} cannot be had from PyPI, whose tests this test runs. It needs the network once. pip says: ` +
        (error as { stderr?: string }).stderr?.trim().split('\n').at(-1),
      { cause: error },
    );
  }
  const archive = join(folder, `moto-${VERSION}.tar.gz`);
  const found = createHash('sha256').update(readFileSync(archive)).digest('hex');
  if (found !== SHA256) throw new Error(`moto ${VERSION} on PyPI has the SHA-256 ${found}, not ${SHA256}.`);
  const inside = `moto-${VERSION}/tests/test_rds`;
  mkdirSync(join(folder, 'unpacked'));
  execFileSync('tar', ['-xzf', archive, '-C', join(folder, 'unpacked'), inside], { timeout: 60_000 });
  return join(folder, 'unpacked', inside);
}
