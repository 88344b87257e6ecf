import {
  architectureOf,
  INSTANCE_TYPES,
  isDatabaseClass,
  isInstanceType,
} from '../../../lib/settings/instance-types';

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

test('no family stands twice', () => {
  expect(new Set(INSTANCE_TYPES).size).toBe(INSTANCE_TYPES.length);
});
