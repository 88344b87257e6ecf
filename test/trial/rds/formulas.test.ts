import { memoryOf, processorsOf } from '../../../trial/rds/model/class-sizes';
import { computed } from '../../../trial/rds/model/formulas';
import { DATABASE_CLASSES } from '../../../lib/settings/instance-types';

const subject = { instanceClass: 'db.t4g.micro', allocatedStorage: 20, port: 5432 };

test.each([
  ['120', '120'],
  ['{EndPointPort}', '5432'],
  ['{DBInstanceVCPU*2}', '4'],
  ['{DBInstanceClassMemory/32768}', '32768'],
  // RDS's default of max_connections; 112.65 is truncated.
  ['LEAST({DBInstanceClassMemory/9531392},5000)', '112'],
  ['LEAST({DBInstanceClassMemory/9531392}, 100)', '100'],
  ['GREATEST({DBInstanceClassMemory/1073741824},{AllocatedStorage/1073741824},3)', '20'],
  ['SUM({AllocatedStorage/1073741824},1,2)', '23'],
  ['{DBInstanceClassMemory*3/4}', '805306368'],
])('%s is %s', (formula, value) => {
  expect(computed(formula, subject)).toBe(value);
});

test.each([
  '{Memory/2}',
  '{DBInstanceClassMemory/}',
  '{DBInstanceClassMemory',
  'LEAST({EndPointPort},',
  'least({EndPointPort},5)',
  '{EndPointPort} 5',
  '{EndPointPort-5}',
])('%s cannot be read', (formula) => {
  expect(() => computed(formula, subject)).toThrow(`Invalid parameter formula: ${formula}`);
});

// Guide, "Hardware specifications for DB instance classes".
test.each([
  ['db.t4g.micro', 1, 2],
  ['db.t3.2xlarge', 32, 8],
  ['db.m7g.large', 8, 2],
  ['db.m8g.48xlarge', 768, 192],
  ['db.r7g.large', 16, 2],
  ['db.r6i.4xlarge', 128, 16],
  ['db.x2g.large', 32, 2],
  ['db.x2iedn.xlarge', 128, 4],
])('%s has %d GiB and %d processors', (instanceClass, memory, processors) => {
  expect([memoryOf(instanceClass), processorsOf(instanceClass)]).toEqual([memory, processors]);
});

test('every class that is offered has a size', () => {
  expect(DATABASE_CLASSES.filter((name) => !(memoryOf(name) >= 1 && processorsOf(name) >= 2))).toEqual([]);
});
