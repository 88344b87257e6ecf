import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

interface Package {
  readonly version: string;
  readonly engines?: { readonly node?: string };
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const read = (path: string) => JSON.parse(readFileSync(resolve(__dirname, '..', path), 'utf8'));

const locked: Record<string, Package> = read('package-lock.json').packages;

test('versions are pinned exactly', () => {
  const { dependencies, devDependencies } = read('package.json');
  const loose = Object.entries<string>({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
  );
  expect(loose).toEqual([]);
});

// npm leaves a package out of the lock file when the registry does not have it for another platform, and `npm ci`
// then refuses the whole file. The remedy is a version of which every platform's package can be had, and a lock file
// made from nothing: rm package-lock.json && npm install --package-lock-only
test('the lock file has the packages of every platform', () => {
  const missing = Object.entries(locked).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !locked[`${path}/node_modules/${name}`] && !locked[`node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
});

test('every package runs on the oldest Node that package.json allows', () => {
  expect(read('package.json').engines.node).toBe('>=20');
  const newer = Object.entries(locked).filter(([, { engines }]) =>
    /^\s*(>=|\^)?\s*v?2[1-9]/.test(engines?.node ?? ''),
  );
  expect(newer.map(([path, { engines }]) => `${path} ${engines!.node}`)).toEqual([]);
});

test('the lock file names no place that packages were fetched from', () => {
  expect(readFileSync(resolve(__dirname, '../package-lock.json'), 'utf8')).not.toContain('"resolved"');
});
