import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackedArtifact } from '../../../trial/servers/artifact';
import { zipOf } from './zip';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'artifact-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const asked = { bucket: 'assets', key: 'abc.zip' };

test('an artifact is unpacked once, its programs still executable', async () => {
  let fetched = 0;
  const fetch = async () => {
    fetched += 1;
    return zipOf([
      { name: 'site.js', content: 'hello' },
      { name: 'bin/run', content: '#!/bin/sh', mode: 0o755 },
      { name: 'empty/', content: '' },
    ]);
  };
  const places = await Promise.all([1, 2, 3].map(() => unpackedArtifact(asked, folder, fetch)));
  expect(new Set(places).size).toBe(1);
  expect(await unpackedArtifact(asked, folder, fetch)).toBe(places[0]);
  expect(fetched).toBeLessThanOrEqual(3);
  expect(readFileSync(join(places[0]!, 'site.js'), 'utf8')).toBe('hello');
  expect(statSync(join(places[0]!, 'bin/run')).mode & 0o777).toBe(0o755);
  expect(readdirSync(join(places[0]!, 'empty'))).toEqual([]);
  expect(readdirSync(folder)).toHaveLength(1); // nothing half done is left
  expect(await unpackedArtifact({ ...asked, key: 'new.zip' }, folder, fetch)).not.toBe(places[0]);
});

test.each([
  ['that is none', async () => Buffer.from('no zip file')],
  ['that leads out of its folder', async () => zipOf([{ name: '../evil', content: '' }])],
  ['that cannot be fetched', () => Promise.reject(new Error('NoSuchKey'))],
])('an artifact %s is refused, and nothing stays', async (_, fetch) => {
  await expect(unpackedArtifact(asked, folder, fetch)).rejects.toThrow(
    /NoSuchKey|zip|relative|End of central/i,
  );
  expect(readdirSync(folder)).toEqual([]);
});
