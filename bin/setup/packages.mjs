import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, inFolder, textOf } from './folder.mjs';
import { failed, run } from './programs.mjs';
import { Failure, step } from './terminal.mjs';

const MODULES = inFolder('node_modules');
const STAMP = join(MODULES, '.setup-stamp');

const packageStamp = () => digestOf(inFolder('package-lock.json'));
export const packagesReady = () => textOf(STAMP) === packageStamp() && existsSync(hiddenLock);

/** npm writes this last, with what it has really installed; packages of other platforms are missing in it. */
const hiddenLock = join(MODULES, '.package-lock.json');

function installedByHand() {
  const installed = JSON.parse(textOf(hiddenLock) ?? '{}').packages;
  if (!installed) return false;
  const wanted = Object.entries(JSON.parse(textOf(inFolder('package-lock.json'))).packages);
  return wanted.every(
    ([path, { version, optional }]) =>
      path === '' || installed[path]?.version === version || (optional && !installed[path]),
  );
}

export async function installPackages() {
  if (!installedByHand()) {
    rmSync(STAMP, { force: true });
    await step('installing the npm packages of package-lock.json', async () => {
      const { code, output } = await run('npm', ['ci', '--no-audit', '--no-fund']);
      if (code === 'ENOENT')
        throw new Failure('npm was not found. Install it (it comes with Node) and run this again.');
      if (code !== 0) failed('The npm packages', output);
    });
  }
  writeFileSync(STAMP, packageStamp());
}
