import { isAllowed, statementOf } from './policy';
import { unknownIn } from './reference';

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

test.each<[string, object, Record<string, string[]> | undefined, boolean]>([
  ['the value', { StringEquals: { 'kms:ViaService': 'rds' } }, { 'KMS:viaservice': ['rds'] }, true],
  ['another value', { StringEquals: { 'kms:ViaService': 'rds' } }, { 'kms:ViaService': ['ec2'] }, false],
  ['no value', { StringEquals: { 'kms:ViaService': 'rds' } }, undefined, false],
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

test.each<[object, string[]]>([
  [{ Action: 'rds:RebootDBInstance' }, []],
  [
    { Action: 'rds:RebootInstance' },
    ['there is no action rds:RebootInstance', 'no action takes the resource arn:aws:rds:*:1:db:mysite-*'],
  ],
  [
    {
      Action: ['rds:RebootDBInstance', 'rds:AddTagsToResource'],
      Resource: 'arn:aws:rds:us-east-1:1:snapshot:mysite-1',
    },
    ['rds:RebootDBInstance takes none of the resources arn:aws:rds:us-east-1:1:snapshot:mysite-1'],
  ],
  [
    {
      Action: 'rds:RebootDBInstance',
      Condition: { StringEquals: { 'rds:req-tag/team': 'web', 'aws:ResourceTag/team': 'web' } },
    },
    ['rds:RebootDBInstance has no condition key rds:req-tag/team'],
  ],
  [{ Action: 'rds:RebootDBInstance', Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, []],
])('against the reference: %j', async (more, problems) => {
  expect(await unknownIn(statement(more))).toEqual(problems);
});
