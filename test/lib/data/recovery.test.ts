import type { Template } from 'aws-cdk-lib/assertions';
import { recoveryEnvironment } from '../../../lambda/recovery/environment';
import { stageTemplates } from '../../support/synthesize';

/* eslint-disable @typescript-eslint/no-explicit-any -- templates are anything */

const data = stageTemplates('replicated').get('data')!;
const network = stageTemplates('replicated').get('network')!;

/** The one resource whose logical ID begins so. */
function one(template: Template, type: string, begin: string): readonly [string, any] {
  const found = Object.entries(template.findResources(type)).filter(([id]) => id.startsWith(begin));
  expect(found).toHaveLength(1);
  return found[0]!;
}

/** A value of a template as text: what is known at deployment only, in angle brackets. */
const text = (value: any): string =>
  typeof value === 'string'
    ? value
    : value['Fn::Join']
      ? value['Fn::Join'][1].map(text).join('')
      : `<${value.Ref ?? value['Fn::GetAtt']?.join('.') ?? value['Fn::GetStackOutput'].OutputName.replace(/\w{8}$/, '')}>`;

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

const [functionId, { Properties: recovery }] = one(data, 'AWS::Lambda::Function', 'RecoveryFunction');

describe('what recovery may do', () => {
  const statements: any[] = Object.values(data.findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes('RecoveryRole'))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);

  test('is this and no more, each on what it is meant for', () => {
    expect(statements.every(({ Effect }) => Effect === 'Allow')).toBe(true);
    const allowed = statements.flatMap(({ Action, Resource }) =>
      list<string>(Action).map((action) => [action, list(Resource).map(text)] as const),
    );
    const journal = ['<FailoverJournalF3F9578F.Arn>'];
    const queue = ['<FailoverUndelivered2C317DE7.Arn>'];
    const files = ['<PublishOutputFnGetAttLogBucketCC3B17E8Arn>/recovery/*'];
    expect(Object.fromEntries([...allowed].sort())).toEqual({
      'dynamodb:GetItem': journal,
      'dynamodb:PutItem': journal,
      'dynamodb:Query': journal,
      'dynamodb:UpdateItem': journal,
      'rds:DescribeDBInstances': ['*'],
      's3:GetObject': files,
      's3:PutObject': files,
      'secretsmanager:GetSecretValue': ['<RolesRecoveryAttachment3538F18C>'],
      'sns:Publish': ['<FailoverTopicCE82F59E>'],
      'sqs:GetQueueAttributes': queue,
      'sqs:GetQueueUrl': queue,
      'sqs:SendMessage': queue,
    });
  });

  test('in the journal: read what the controller knows, write its own runs, put a command', () => {
    const conditions = statements
      .filter(({ Condition }) => Condition)
      .map(({ Action, Condition }) => [list(Action).join(), Condition['ForAllValues:StringEquals']]);
    expect(conditions).toEqual([
      ['dynamodb:Query', { 'dynamodb:LeadingKeys': ['group'] }],
      ['dynamodb:GetItem,dynamodb:UpdateItem', { 'dynamodb:LeadingKeys': ['recovery'] }],
      [
        'dynamodb:PutItem',
        { 'dynamodb:LeadingKeys': ['group'], 'dynamodb:Attributes': ['part', 'key', 'id', 'command'] },
      ],
    ]);
  });
});

describe('the function', () => {
  test('has a processor, room for a plan, and all the time that Lambda gives', () => {
    expect(recovery).toMatchObject({
      FunctionName: 'mysite-recovery',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 2048,
      EphemeralStorage: { Size: 4096 },
      Timeout: 900,
    });
  });

  test('is in the web subnets and in a group of its own', () => {
    expect(JSON.stringify(recovery.VpcConfig.SubnetIds)).toMatch(/VpcwebSubnet1.*VpcwebSubnet2/);
    expect(recovery.VpcConfig.SecurityGroupIds.map(text)).toEqual([
      expect.stringMatching(/SecurityGroupsRecovery/),
    ]);
    const [, { Properties: group }] = one(network, 'AWS::EC2::SecurityGroup', 'SecurityGroupsRecovery');
    expect(group.SecurityGroupIngress).toBeUndefined();
  });

  test('what fails is not repeated; what died without a word is kept for people', () => {
    const [queueId] = one(data, 'AWS::SQS::Queue', 'Failover');
    const [, { Properties: config }] = one(data, 'AWS::Lambda::EventInvokeConfig', 'Recovery');
    expect(config).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 1200,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [queueId, 'Arn'] } } },
    });
  });

  test('has the role recovery when it is made', () => {
    const { DependsOn } = one(data, 'AWS::Lambda::Function', 'RecoveryFunction')[1];
    expect(DependsOn).toEqual(
      expect.arrayContaining(Object.keys(data.findResources('Custom::PrepareDatabase'))),
    );
  });

  test('understands what it is told', () => {
    /** What stands there once it is deployed. */
    const deployed: Record<string, string> = {
      RECOVERY_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:x-AbCdEf',
      JOURNAL_TABLE: 'mysite-data-FailoverJournal-X',
      REPORT_BUCKET: 'mysite-network-logbucketcc3b17e8-x',
      TOPIC_ARN: 'arn:aws:sns:us-east-1:123456789012:mysite-data-FailoverTopic-X',
    };
    const variables = Object.fromEntries(
      Object.entries<any>(recovery.Environment.Variables).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : deployed[name]!,
      ]),
    );
    expect(recoveryEnvironment({ ...variables, AWS_REGION: 'us-east-1' })).toEqual({
      group: 'mysite',
      database: 'site',
      caFile: '/var/runtime/ca-cert.pem',
      secretArn: deployed['RECOVERY_SECRET_ARN'],
      journalTable: deployed['JOURNAL_TABLE'],
      bucket: deployed['REPORT_BUCKET'],
      topicArn: deployed['TOPIC_ARN'],
      region: 'us-east-1',
    });
  });
});

test('npm run recover finds its function and the bucket', () => {
  const { Outputs } = data.toJSON();
  expect(Outputs.RecoveryFunction).toEqual({ Value: { Ref: functionId } });
  expect(text(Outputs.RecoveryBucket.Value)).toMatch(/^<PublishOutputRefLogBucketCC3B17E8/);
});
