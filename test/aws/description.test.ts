import { describeService } from './botocore';
import { callsOfCli } from './cli';
import { problemsOf } from './description';

const rds = (operation: string, input: object) => problemsOf(describeService('RDS'), operation, input);

test.each<[string, string, object, string[]]>([
  ['what is right', 'RebootDBInstance', { DBInstanceIdentifier: 'a', ForceFailover: false }, []],
  ['what is missing', 'RebootDBInstance', {}, ['RebootDBInstance lacks DBInstanceIdentifier']],
  [
    'a name',
    'RebootDBInstance',
    { DBInstanceIdentifier: 'a', Force: true },
    ['RebootDBInstance has no member Force'],
  ],
  [
    'a type',
    'RebootDBInstance',
    { DBInstanceIdentifier: 1 },
    ['RebootDBInstance.DBInstanceIdentifier must be a text, not 1'],
  ],
  [
    'an enum',
    'ModifyDBInstance',
    { DBInstanceIdentifier: 'a', DatabaseInsightsMode: 'some' },
    ['ModifyDBInstance.DatabaseInsightsMode is "some", none of standard, advanced'],
  ],
  [
    'deep',
    'AddTagsToResource',
    { ResourceName: 'a', Tags: [{ Key: 'k', Worth: 'v' }] },
    ['AddTagsToResource.Tags[0] has no member Worth'],
  ],
  ['an operation', 'Reboot', {}, ['Reboot is no operation of RDS']],
])('%s', (_, operation, input, problems) => {
  expect(rds(operation, input)).toEqual(problems);
});

test('lengths, bounds and patterns', () => {
  const secrets = describeService('Secrets Manager');
  expect(problemsOf(secrets, 'GetSecretValue', { SecretId: '' })).toEqual([
    'GetSecretValue.SecretId has 0 characters, at least 1 are needed',
  ]);
  const lambda = describeService('Lambda');
  expect(problemsOf(lambda, 'Invoke', { FunctionName: 'a b' })).toEqual([
    expect.stringContaining('Invoke.FunctionName is "a b", not as '),
  ]);
  const table = { TableName: 'table', KeyConditionExpression: 'a', Limit: 0 };
  expect(problemsOf(describeService('DynamoDB'), 'Query', table)).toEqual([
    'Query.Limit is 0, at least 1 are needed',
  ]);
});

test('a service that is not there', () => {
  expect(() => describeService('Nothing')).toThrow('botocore has no nothing');
});

test('commands of the CLI are the calls that they make', () => {
  expect(
    callsOfCli(
      'server',
      'aws ec2 associate-address --allocation-id a --instance-id i --allow-reassociation --query x --output text',
    ),
  ).toEqual([
    {
      caller: 'server',
      serviceId: 'EC2',
      operation: 'AssociateAddress',
      input: { AllocationId: 'a', InstanceId: 'i', AllowReassociation: true },
    },
  ]);
  expect(
    callsOfCli('server', 'aws s3 cp --only-show-errors s3://bucket/a/b.zip /tmp/b.zip').map(
      ({ operation, input }) => [operation, input],
    ),
  ).toEqual(
    ['HeadObject', 'GetObject'].map((operation) => [operation, { Bucket: 'bucket', Key: 'a/b.zip' }]),
  );
  expect(() => callsOfCli('server', 'aws ec2 attach-volume --volumes v')).toThrow(
    'AttachVolume has no parameter --volumes',
  );
  expect(() => callsOfCli('server', 'aws s4 cp')).toThrow('does not know s4');
});
