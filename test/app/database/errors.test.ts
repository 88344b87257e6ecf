import { DatabaseUnavailable, isPassing, reason } from '../../../app/database/errors';

test.each([
  ['08006', true],
  ['53300', true],
  ['57P01', true],
  ['57P03', true],
  ['28P01', true],
  ['25006', true],
  ['40001', true],
  ['42P01', true],
  ['EPIPE', true],
  ['ECONNREFUSED', true],
  [undefined, true],
  ['23505', false],
  ['42601', false],
  ['22021', false],
  ['25001', false],
])('%s passes by itself: %s', (code, passing) => {
  expect(isPassing(Object.assign(new Error(), { code }))).toBe(passing);
});

test('a reason is a code, never a message: messages hold names and addresses', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7'), { code: 'ECONNREFUSED' });
  expect(reason(new DatabaseUnavailable(cause))).toBe('ECONNREFUSED');
  expect(reason(new DatabaseUnavailable(new Error('Connection to 10.0.0.7 timed out')))).toBe('no answer');
});
