import { isAllowed, type Request, statementOf } from './policy';

const statement = (more: object = {}) =>
  statementOf({
    Effect: 'Allow',
    Action: ['rds:Modify*', 'rds:RebootDBInstance'],
    Resource: 'arn:aws:rds:*:1:db:mysite-*',
    ...more,
  });
const need = { action: 'rds:ModifyDBInstance', resource: 'arn:aws:rds:us-east-1:1:db:mysite-primary' };

test('what no statement allows is denied', () => {
  expect(isAllowed([], need)).toBe(false);
  expect(isAllowed([statement()], need)).toBe(true);
  expect(isAllowed([statement()], { ...need, action: 'RDS:rebootdbinstance' })).toBe(true);
  expect(isAllowed([statement()], { ...need, action: 'rds:DeleteDBInstance' })).toBe(false);
  expect(isAllowed([statement()], { ...need, resource: 'arn:aws:rds:us-east-1:1:db:other-primary' })).toBe(
    false,
  );
});

test('a denial is stronger', () => {
  const denial = statement({ Effect: 'Deny', Resource: '*' });
  expect(isAllowed([statement(), denial], need)).toBe(false);
});

test.each<[string, object, Request['context'], boolean]>([
  ['the value', { StringEquals: { 'kms:ViaService': 'rds' } }, { 'KMS:viaservice': ['rds'] }, true],
  ['another value', { StringEquals: { 'kms:ViaService': 'rds' } }, { 'kms:ViaService': ['ec2'] }, false],
  ['no value', { StringEquals: { 'kms:ViaService': 'rds' } }, undefined, false],
  [
    'one value, not in a list',
    { ArnLike: { 'aws:SourceArn': 'arn:*:1:*' } },
    { 'aws:SourceArn': 'arn:aws:sns:x:1:y' },
    true,
  ],
  ['one of several', { StringEquals: { a: ['b', 'c'] } }, { a: ['c'] }, true],
  [
    'both conditions, of which one is not met',
    { StringEquals: { a: 'b' }, ArnEquals: { c: 'd' } },
    { a: ['b'] },
    false,
  ],
  ['all values', { 'ForAllValues:StringEquals': { a: ['b', 'c'] } }, { a: ['b', 'c'] }, true],
  ['one value too many', { 'ForAllValues:StringEquals': { a: ['b'] } }, { a: ['b', 'c'] }, false],
  // As IAM has it: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
  ['no value for all', { 'ForAllValues:StringEquals': { a: ['b'] } }, undefined, true],
  ['any value', { 'ForAnyValue:StringLike': { a: ['b*'] } }, { a: ['c', 'bd'] }, true],
])('a condition: %s', (_, Condition, context, allowed) => {
  expect(isAllowed([statement({ Condition })], { ...need, context })).toBe(allowed);
});

test('what is not evaluated is refused', () => {
  expect(() => statement({ NotAction: 'rds:*' })).toThrow('A statement has NotAction');
  const unknown = statement({ Condition: { NumericLessThan: { a: '1' } } });
  expect(() => isAllowed([unknown], need)).toThrow('does not know the operator NumericLessThan');
});

test.each<[string, object, boolean]>([
  ['the service', { Principal: { Service: ['sns.amazonaws.com', 'rds.amazonaws.com'] } }, true],
  ['another service', { Principal: { Service: 'sns.amazonaws.com' } }, false],
  ['everybody', { Principal: '*' }, true],
  ['every account', { Principal: { AWS: '*' } }, true],
  ['nobody', {}, false],
])('a policy of a resource that is for %s', (_, more, allowed) => {
  expect(isAllowed([statement(more)], { ...need, principal: 'rds.amazonaws.com' })).toBe(allowed);
});

test('the trust of a role has no resource', () => {
  const trust = statementOf({
    Effect: 'Allow',
    Principal: { Service: 'rds.amazonaws.com' },
    Action: 'sts:AssumeRole',
  });
  expect(isAllowed([trust], { principal: 'rds.amazonaws.com', action: 'sts:AssumeRole' })).toBe(true);
});
