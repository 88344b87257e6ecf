import { App, Stack } from 'aws-cdk-lib';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../../lib/data/node-function';

const FOLDERS: string[] = [];
afterAll(() => FOLDERS.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Bundles as a deployment does, into a folder of its own. */
function bundled(name: string): { folder: string; hash: string } {
  const outdir = mkdtempSync(join(tmpdir(), 'scale-from-zero-function-'));
  FOLDERS.push(outdir);
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Test');
  bundle(name).bind(stack);
  const asset = stack.node.findChild('Code') as Asset;
  return { folder: join(outdir, `asset.${asset.assetHash}`), hash: asset.assetHash };
}

describe.each(['failover', 'prepare-database', 'recovery'])('the bundle of %s', (name) => {
  const { folder, hash } = bundled(name);

  test('is one file of at most 1 MB', () => {
    expect(readdirSync(folder)).toEqual(['index.js']);
    expect(statSync(join(folder, 'index.js')).size).toBeLessThan(1_000_000);
  });

  test('has a handler and needs nothing but Node', () => {
    // Away from the repository, where no package could be found.
    const program = `console.log(typeof require(${JSON.stringify(join(folder, 'index.js'))}).handler)`;
    const run = spawnSync(process.execPath, ['-e', program], { cwd: folder, env: {}, encoding: 'utf8' });
    expect([run.stdout.trim(), run.stderr]).toEqual(['function', '']);
  });

  test('is the same asset when the sources are the same', () => {
    expect(bundled(name).hash).toBe(hash);
  });
});
