import { RdsError } from '../../../trial/rds/model/errors';
import * as errors from '../../../trial/rds/model/errors';
import { OPERATIONS } from '../../../trial/rds/model/operations';
import { EVENTS } from '../../../trial/rds/model/catalogue';
import { DURATIONS } from '../../../trial/rds/durations';
import { SHAPES } from '../../../trial/rds/protocol/shapes';
import { botocoreDescription, shapesOf } from './botocore';

const description = botocoreDescription();

test('requests, answers, enumerations and errors are those of the API description', () => {
  // Different after an update of botocore? npx ts-node test/trial/rds/write-shapes.ts
  expect(SHAPES).toEqual(shapesOf(description, Object.keys(OPERATIONS)));
});

test('the wire protocol is the one that is spoken here', () => {
  expect(description.metadata).toMatchObject({ protocol: 'query', apiVersion: '2014-10-31' });
});

const refusals = Object.values(errors)
  .filter((make): make is (text: string) => RdsError => make !== (RdsError as unknown))
  .map((make) => make('x'));

/** Of the protocol itself; the description of a service does not list them. */
const COMMON = ['InvalidParameterValue', 'InvalidParameterCombination'];

test.each(refusals.map((error) => [error.code, error] as const))(
  '%s has the status of the API',
  (code, error) => {
    if (COMMON.includes(code)) expect(error.status).toBe(400);
    else expect(SHAPES.errors).toMatchObject({ [code]: error.status });
  },
);

test('the numbers of events are unique, and there are as many as were looked up', () => {
  // What RDS says in the events of an instance alone has no number.
  const numbers = Object.values(EVENTS).flatMap(({ id }) => id ?? []);
  expect(new Set(numbers).size).toBe(numbers.length);
  for (const number of numbers) expect(number).toMatch(/^RDS-EVENT-0\d{3}$/);
});

test('each duration has a source, and says of an estimate that it is one', () => {
  for (const { milliseconds, source, estimate } of Object.values(DURATIONS)) {
    expect(milliseconds).toBeGreaterThan(0);
    expect(source.length).toBeGreaterThan(5);
    expect(typeof estimate).toBe('boolean');
  }
});
