import {
  architectureOf,
  classesLike,
  DATABASE_CLASSES,
  INSTANCE_TYPES,
  isClassOffered,
  isDatabaseClass,
  isInstanceType,
  isTypeOffered,
  typesLike,
} from '../../../lib/settings/instance-types';
import { REGIONS } from '../../../lib/settings/regions';

test.each([
  ['t4g.small', 'arm64'],
  ['m7g.large', 'arm64'],
  ['c8gn.metal-24xl', 'arm64'],
  ['r6gd.large', 'arm64'],
  ['t3a.small', 'x86_64'],
  ['m7i-flex.large', 'x86_64'],
  ['c5n.large', 'x86_64'],
])('%s is %s', (type, architecture) => {
  expect(isInstanceType(type)).toBe(true);
  expect(architectureOf(type)).toBe(architecture);
});

test.each([
  '',
  't4g',
  't4g.',
  '.small',
  't4g.small.x',
  'z9.large',
  'db.t4g.small',
  't4g.3xlarge',
  'T4G.small',
])('%j is no instance type', (type) => expect(isInstanceType(type)).toBe(false));

test.each(['', 'db.t4g', 't4g.medium', 'db.t4g.nano', 'db.t4g.medium.x', 'db.z9.large'])(
  '%j is no database class',
  (type) => expect(isDatabaseClass(type)).toBe(false),
);

test('no name stands twice', () => {
  expect(new Set(INSTANCE_TYPES).size).toBe(INSTANCE_TYPES.length);
  expect(new Set(DATABASE_CLASSES).size).toBe(DATABASE_CLASSES.length);
});

describe.each(REGIONS)('in %s', (region) => {
  test('there is a way out of every refusal for the sizes that cdk.json has: another of the same size', () => {
    for (const name of ['db.t4g.medium', 'db.r7g.large']) {
      if (!isClassOffered(name, region)) expect(classesLike(name, region)).not.toEqual([]);
      for (const other of classesLike(name, region)) expect(isClassOffered(other, region)).toBe(true);
    }
    for (const name of ['t4g.small', 'm7g.large']) {
      if (!isTypeOffered(name, region)) expect(typesLike(name, region)).not.toEqual([]);
      for (const other of typesLike(name, region)) expect(isTypeOffered(other, region)).toBe(true);
    }
  });
});
