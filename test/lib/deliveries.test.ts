import { Account, type Resource, type TemplateJson, type Templates } from '../support/deliveries/account';
import { deliveries } from '../support/deliveries/deliveries';
import { unknownPlaces } from '../support/deliveries/places';
import { ENVIRONMENTS, environmentTemplates, STAGES } from '../support/synthesize';

/**
 * Whatever one resource sends to another arrives only if the receiver's policy, or the sender's role, says so by name.
 * CloudFormation checks nothing of it, and what does not arrive is silent.
 */

const REGION = 'us-east-1';

const problemsOf = (templates: Templates): string[] => {
  const account = new Account(templates, REGION);
  return [
    ...deliveries(account).flatMap(({ kind, from, problems }) =>
      problems.map((problem) => `${kind}, ${from}: ${problem}`),
    ),
    ...unknownPlaces(account),
  ];
};

const EVERY = STAGES.flatMap((stage) =>
  [undefined, ...ENVIRONMENTS].map((environment) => ({ stage, environment })),
);

test.each(EVERY)('every delivery is allowed by name: $stage, $environment', ({ stage, environment }) => {
  expect(problemsOf(environmentTemplates(stage, environment))).toEqual([]);
});

test('the kinds of delivery that there are', () => {
  const kinds = STAGES.flatMap((stage) =>
    deliveries(new Account(environmentTemplates(stage), REGION)).map(({ kind }) => kind),
  );
  expect([...new Set(kinds)].sort()).toEqual([
    'AWS::DLM::LifecyclePolicy → role',
    'AWS::IAM::InstanceProfile → role',
    'AWS::Lambda::Function → role',
    'AWS::RDS::DBInstance → role',
    'alarm → topic',
    'event rule → queue',
    'event rule → target',
    'flow log → bucket',
    'function → destination',
    'load balancer → bucket',
  ]);
});

/** A copy of the templates of `replicated` in which one thing is broken. */
function broken(breakIt: (of: (part: string) => TemplateJson) => void): Templates {
  const templates = structuredClone(new Map(environmentTemplates('replicated')));
  breakIt((part) => templates.get(`mysite-${part}`)!);
  return templates;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
const first = ({ Resources }: TemplateJson, type: string, id = ''): any =>
  Object.entries(Resources).find(([key, resource]) => resource.Type === type && key.startsWith(id))![1];

/** Takes out of a policy what its statements say of `who`. */
function withdraw(policy: { Statement: object[] }, who: string): void {
  policy.Statement = policy.Statement.filter((statement) => !JSON.stringify(statement).includes(who));
}

const policyOf = (resource: Resource): { Statement: object[] } =>
  (resource.Properties as { PolicyDocument: { Statement: object[] } }).PolicyDocument;

test.each<readonly [string, (of: (part: string) => TemplateJson) => void, RegExp]>([
  [
    'the topic does not know CloudWatch',
    (of) => withdraw(policyOf(first(of('operations'), 'AWS::SNS::TopicPolicy')), 'cloudwatch.amazonaws.com'),
    /^alarm → topic, mysite-operations\/NoServer\S*: no policy allows cloudwatch.amazonaws.com sns:Publish/,
  ],
  [
    'the topic knows alarms of another name only',
    (of) => {
      const { Statement } = policyOf(first(of('operations'), 'AWS::SNS::TopicPolicy'));
      const allow = Statement.find((each) => JSON.stringify(each).includes('ArnLike')) as {
        Condition: { ArnLike: object };
      };
      allow.Condition.ArnLike = { 'aws:SourceArn': 'arn:aws:cloudwatch:*:*:alarm:other-*' };
    },
    /^alarm → topic, .*: no policy allows cloudwatch.amazonaws.com sns:Publish/,
  ],
  [
    'the key does not know CloudWatch',
    (of) => withdraw(first(of('operations'), 'AWS::KMS::Key').Properties.KeyPolicy, 'cloudwatch'),
    /^alarm → topic, .*: no policy allows cloudwatch.amazonaws.com kms:Decrypt/,
  ],
  [
    'the key is the one that SNS manages',
    (of) => (first(of('operations'), 'AWS::SNS::Topic').Properties.KmsMasterKeyId = 'alias/aws/sns'),
    /^alarm → topic, .* under the key alias\/aws\/sns, which admits no service/,
  ],
  [
    'the function does not know EventBridge',
    (of) => (first(of('data'), 'AWS::Lambda::Permission').Properties.Principal = 's3.amazonaws.com'),
    /^event rule → target, .*: no permission lets events.amazonaws.com call/,
  ],
  [
    'the queue does not know EventBridge',
    (of) => withdraw(policyOf(first(of('data'), 'AWS::SQS::QueuePolicy')), 'events.amazonaws.com'),
    /^event rule → queue, .*: no policy allows events.amazonaws.com sqs:SendMessage/,
  ],
  [
    'the role of the controller may not send to the queue',
    (of) => withdraw(policyOf(first(of('data'), 'AWS::IAM::Policy', 'FailoverRole')), 'sqs:SendMessage'),
    /^function → destination, mysite-data\/FailoverFunction\S*: no policy allows the role sqs:SendMessage/,
  ],
  [
    'the bucket does not know the load balancer',
    (of) => withdraw(policyOf(first(of('network'), 'AWS::S3::BucketPolicy')), '127311923021'),
    /^load balancer → bucket, .*: no policy allows logdelivery\S+ or \S+ s3:PutObject/,
  ],
  [
    'the bucket does not know flow logs',
    (of) => withdraw(policyOf(first(of('network'), 'AWS::S3::BucketPolicy')), 'flow-logs'),
    /^flow log → bucket, .*: no policy allows delivery.logs.amazonaws.com s3:PutObject/,
  ],
  [
    'the flow log is made before the policy of its bucket',
    (of) => delete first(of('network'), 'AWS::EC2::FlowLog').DependsOn,
    /^flow log → bucket, .* does not wait for /,
  ],
  [
    'the bucket is under a key of our own',
    (of) => delete first(of('network'), 'AWS::S3::Bucket').Properties.BucketEncryption,
    /^load balancer → bucket, .* is not under keys of S3/,
  ],
  [
    "the role of RDS's monitoring trusts another service",
    (of) =>
      (first(
        of('data'),
        'AWS::IAM::Role',
        'DatabasesMonitoring',
      ).Properties.AssumeRolePolicyDocument.Statement[0].Principal = { Service: 'rds.amazonaws.com' }),
    /^AWS::RDS::DBInstance → role, .*: no policy allows monitoring.rds.amazonaws.com sts:AssumeRole/,
  ],
  [
    'the role of a function trusts another service',
    (of) =>
      (first(
        of('data'),
        'AWS::IAM::Role',
        'Recovery',
      ).Properties.AssumeRolePolicyDocument.Statement[0].Principal = {
        Service: 'ec2.amazonaws.com',
      }),
    /^AWS::Lambda::Function → role, .*: no policy allows lambda.amazonaws.com sts:AssumeRole/,
  ],
  [
    'a queue that listens to a topic does not know SNS',
    (of) => {
      const { Resources } = of('data');
      const id = (type: string) => Object.keys(Resources).find((key) => Resources[key]!.Type === type)!;
      Resources.Listens = {
        Type: 'AWS::SNS::Subscription',
        Properties: {
          Protocol: 'sqs',
          TopicArn: { Ref: id('AWS::SNS::Topic') },
          Endpoint: { 'Fn::GetAtt': [id('AWS::SQS::Queue'), 'Arn'] },
        },
      };
    },
    /^topic → subscriber, .*: no policy allows sns.amazonaws.com sqs:SendMessage/,
  ],
  [
    'dead letters of a function go to a queue that its role may not send to',
    (of) => {
      const { Resources } = of('data');
      const queue = Object.keys(Resources).find((key) => Resources[key]!.Type === 'AWS::SQS::Queue')!;
      first(of('data'), 'AWS::Lambda::Function', 'PrepareDatabase').Properties.DeadLetterConfig = {
        TargetArn: { 'Fn::GetAtt': [queue, 'Arn'] },
      };
    },
    /^function → dead letters, .*: no policy allows the role sqs:SendMessage/,
  ],
  [
    'something sends to a topic in a way that no test knows',
    (of) => {
      of('operations').Resources.Events = {
        Type: 'AWS::RDS::EventSubscription',
        Properties: {
          SnsTopicArn: {
            Ref: Object.keys(of('operations').Resources).find((key) => key.startsWith('Alarms'))!,
          },
        },
      };
    },
    /^mysite-operations\/Events: AWS::RDS::EventSubscription SnsTopicArn$/,
  ],
])('is seen: %s', (_, breakIt, problem) => {
  expect(problemsOf(broken(breakIt))).toContainEqual(expect.stringMatching(problem));
});
