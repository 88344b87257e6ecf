import { statementOf } from '../support/policy';
import { unknownIn } from './reference';

const statement = (more: object = {}) =>
  statementOf({
    Effect: 'Allow',
    Action: ['rds:Modify*', 'rds:RebootDBInstance'],
    Resource: 'arn:aws:rds:*:1:db:mysite-*',
    ...more,
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
