import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtinModules } from 'node:module';
import { bundleSite } from '../../app/bundle';

const folder = mkdtempSync(join(tmpdir(), 'scale-from-zero-bundle-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('is one file that needs nothing but Node, and the same from anywhere', async () => {
  const [here, elsewhere] = [join(folder, 'a'), join(folder, 'b', 'c')];
  bundleSite(here);
  const before = process.cwd();
  try {
    process.chdir(folder);
    // Loaded anew: esbuild remembers where it was loaded from.
    await jest.isolateModulesAsync(async () => (await import('../../app/bundle')).bundleSite(elsewhere));
  } finally {
    process.chdir(before);
  }
  expect(readdirSync(here)).toEqual(['site.js']);

  const text = readFileSync(join(here, 'site.js'), 'utf8');
  const hash = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
  expect(hash(join(here, 'site.js'))).toBe(hash(join(elsewhere, 'site.js')));
  expect(text).not.toContain(join(__dirname, '../..'));

  // The SDK's error texts speak of [require(…)], in brackets: that loads nothing.
  const required = new Set(
    [...text.matchAll(/(?<!\[)\brequire\("([^".][^"]*)"\)/g)].map(([, name = '']) => name),
  );
  const foreign = [...required].filter((name) => !name.startsWith('node:') && !builtinModules.includes(name));
  expect(foreign).toEqual(['pg-native']);
});
