import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '..');

/** Runs the real CDK CLI on the real app, in an environment without credentials or a home. */
function synthesize(...options: string[]) {
  const home = mkdtempSync(join(tmpdir(), 'synth-'));
  const output = join(home, 'out');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [resolve(ROOT, 'node_modules/aws-cdk/bin/cdk'), 'synth', '--quiet', '--output', output, ...options],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: home, CI: 'true', CDK_DISABLE_VERSION_CHECK: '1' },
    },
  );
  const written = existsSync(join(output, 'manifest.json'));
  const result = { status, text: stdout + stderr, written };
  rmSync(home, { recursive: true });
  return result;
}

test('settings that fit are synthesized without credentials, and CDK itself has nothing to say of the templates', () => {
  const { status, text, written } = synthesize('-c', 'env=trial');
  expect([status, written]).toEqual([0, true]);
  expect(text).not.toMatch(/error|warning/i);
});

test('settings that do not fit are reported at once: exit code 1, no stack trace, nothing written', () => {
  const { status, text, written } = synthesize(
    '-c',
    'web.minCapacity=900',
    '-c',
    'stge=replicated',
    '-c',
    'env=prd',
  );
  expect([status, written]).toEqual([1, false]);
  expect(text).toContain('3 problems in the settings');
  expect(text).toContain('web.minCapacity: 900 (-c web.minCapacity)');
  expect(text).toContain('did you mean "stage"?');
  expect(text).toContain('did you mean "prod"?');
  expect(text).not.toMatch(/\n\s+at /);
});
