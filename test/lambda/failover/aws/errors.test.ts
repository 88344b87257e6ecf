/** Every error that RDS names for what the controller asks has an outcome, and none is left to its HTTP status. */
import { isNamed, outcomeOf } from '../../../../lambda/failover/aws/errors';
import { RDS_OPERATIONS } from '../../../../lambda/failover/aws/rds';
import { botocoreDescription } from '../../../trial/rds/botocore';

const { operations, shapes } = botocoreDescription();
const errors = [
  ...new Set(RDS_OPERATIONS.flatMap((name) => (operations[name]!.errors ?? []).map(({ shape }) => shape))),
].sort();

test('the description names errors of each operation', () => {
  for (const name of RDS_OPERATIONS) expect(operations[name]!.errors?.length).toBeGreaterThan(0);
});

test.each(errors)('%s', (shape) => {
  const { code, httpStatusCode } = shapes[shape]!.error!;
  // The SDK calls it by its shape, others by its code.
  for (const name of [shape, code]) {
    expect([name, isNamed(name)]).toEqual([name, true]);
    const error = Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } });
    expect(outcomeOf(error)).not.toBe('failed');
  }
});

test('an error without a name here is told as that', () => {
  expect(isNamed('SomethingNewFault')).toBe(false);
});
