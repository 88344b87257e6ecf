/** Functions, rules and a custom resource to try the runner with. */

/** What the functions are told to do, they do; each event is noted in a file. */
const CODE = `
let calls = 0;
exports.handler = async (event, context) => {
  require('node:fs').appendFileSync(process.env.NOTES, JSON.stringify(event) + '\\n');
  console.log('said by the function');
  switch (event.do) {
    case 'show': {
      const { functionName, awsRequestId, invokedFunctionArn, memoryLimitInMB } = context;
      const { SITE, ADDRESS, AWS_LAMBDA_FUNCTION_NAME, AWS_REGION, AWS_ENDPOINT_URL, HOSTNAME } = process.env;
      return {
        calls: ++calls, pid: process.pid, remaining: context.getRemainingTimeInMillis(),
        functionName, awsRequestId, invokedFunctionArn, memoryLimitInMB,
        SITE, ADDRESS, AWS_LAMBDA_FUNCTION_NAME, AWS_REGION, AWS_ENDPOINT_URL, HOSTNAME,
      };
    }
    case 'wait': return new Promise((resolve) => setTimeout(resolve, event.millis));
    case 'throw': throw new TypeError('on purpose');
    case 'leave': process.exit(3);
    case 'reject': Promise.reject(new Error('nobody caught it')); return new Promise(() => {});
    case 'spin': for (;;);
  }
};`;

const CUSTOM = `
exports.handler = async (event) => {
  const { StackId, RequestId, LogicalResourceId, ResourceProperties } = event;
  const Data = { Said: 'you said ' + ResourceProperties.Say };
  const answer = { Status: 'SUCCESS', PhysicalResourceId: 'one', StackId, RequestId, LogicalResourceId, Data };
  await fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify(answer) });
};`;

const CALLBACK = `exports.handler = (event, context, callback) => { callback(null, 'called back'); };`;

const lambda = (ZipFile: string, more: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::123456789012:role/any',
    Timeout: 1,
    Code: { ZipFile },
    Environment: { Variables: { SITE: 'mysite', ADDRESS: 'deployed' } },
    ...more,
  },
});
const arn = (name: string) => ({ 'Fn::GetAtt': [name, 'Arn'] });
const rule = (properties: object, target: object) => ({
  Type: 'AWS::Events::Rule',
  Properties: { ...properties, Targets: [{ Id: 'one', Arn: arn('Noter'), ...target }] },
});

export const TEMPLATE = {
  Resources: {
    Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
    Probe: lambda(CODE, { FunctionName: 'probe' }),
    Lone: lambda(CODE, {
      FunctionName: 'lone',
      ReservedConcurrentExecutions: 1,
      DeadLetterConfig: { TargetArn: arn('Dead') },
    }),
    Noter: lambda(CODE, { FunctionName: 'noter' }),
    Watcher: lambda(CODE, {
      FunctionName: 'watcher',
      ReservedConcurrentExecutions: 1,
      Timeout: 30,
      DeadLetterConfig: { TargetArn: arn('Unwatched') },
    }),
    Unwatched: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'unwatched' } },
    // Nothing is tried again, so that whatever is throttled would be a dead letter after a while.
    OneTry: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: { Ref: 'Watcher' },
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 0,
        MaximumEventAgeInSeconds: 60,
      },
    },
    Watch: {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: 'rate(1 minute)',
        Targets: [{ Id: 'one', Arn: arn('Watcher'), Input: '{"do":"wait","millis":25000}' }],
      },
    },
    Old: lambda(CALLBACK, { FunctionName: 'old', Runtime: 'nodejs22.x' }),
    New: lambda(CALLBACK, { FunctionName: 'new' }),
    Broken: lambda('exports.handler = nonsense;', { FunctionName: 'broken' }),
    Snake: lambda('', { FunctionName: 'snake', Runtime: 'python3.13' }),
    EachMinute: rule({ ScheduleExpression: 'rate(1 minute)' }, { Input: '{"from":"schedule"}' }),
    OfDatabases: rule({ EventPattern: { source: ['aws.rds'], detail: { EventID: ['RDS-EVENT-0004'] } } }, {}),
    Speaker: lambda(CUSTOM, { FunctionName: 'speaker' }),
    Spoken: {
      Type: 'Custom::Spoken',
      Properties: { ServiceToken: arn('Speaker'), ServiceTimeout: 10, Say: 'hello' },
    },
  },
  Outputs: { Said: { Value: { 'Fn::GetAtt': ['Spoken', 'Said'] } } },
};
