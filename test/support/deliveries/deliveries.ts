import { RegionInfo } from 'aws-cdk-lib/region-info';
import { ACCOUNT_ID, type Account, type Found } from './account';
import { allows, type Policy, type Request } from './policy';

/** Something that one resource sends to another, and why it would not arrive. */
export interface Delivery {
  /** e.g. `alarm → topic` */
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly problems: readonly string[];
}

const called = ({ stack, id }: Found): string => `${stack}/${id}`;

/** What a service tells of itself when it acts for a resource of this account. */
const onBehalfOf = (sourceArn: string): Request['context'] => ({
  'aws:SourceArn': sourceArn,
  'aws:SourceAccount': ACCOUNT_ID,
  'aws:SecureTransport': 'true',
});

/** The policies of `type` that stand on `target`, whose list of targets is the property `where`. */
const policiesOn = (account: Account, type: string, where: string, target: Found): Policy[] =>
  account
    .ofType(type)
    .filter(({ properties }) =>
      [properties[where]].flat().some((each) => each === target.ref || each === target.arn),
    )
    .map(({ properties }) => properties.PolicyDocument);

const ask = (policies: readonly Policy[], request: Request): string[] =>
  allows(policies, request)
    ? []
    : [
        `no policy allows ${request.principal ?? 'the role'} ${request.action}${request.resource ? ` on ${request.resource}` : ''}`,
      ];

/** Topics and queues may be encrypted: then the key must know the service as well. */
function keyProblems(account: Account, target: Found, service: string): string[] {
  const id: string | undefined = target.properties.KmsMasterKeyId;
  if (id === undefined) return [];
  const key = account.named('AWS::KMS::Key', id);
  if (!key) return [`${called(target)} is under the key ${id}, which admits no service`];
  return ['kms:Decrypt', 'kms:GenerateDataKey'].flatMap((action) =>
    // Without a context: what a service tells KMS of its caller is not documented.
    ask([key.properties.KeyPolicy], { principal: service, action, resource: key.arn, context: {} }),
  );
}

/** Asks the policies of what has the ARN `to` whether `service` may send to it in the name of `from`. */
function send(account: Account, kind: string, from: Found, service: string, to: string): Delivery {
  const target = account.resources.find(({ arn }) => arn === to);
  const delivery = { kind, from: called(from), to: target ? called(target) : to };
  const request = { principal: service, context: onBehalfOf(from.arn) };
  if (target?.type === 'AWS::SNS::Topic') {
    const policies = policiesOn(account, 'AWS::SNS::TopicPolicy', 'Topics', target);
    const problems = ask(policies, { ...request, action: 'sns:Publish', resource: target.arn });
    return { ...delivery, problems: [...problems, ...keyProblems(account, target, service)] };
  }
  if (target?.type === 'AWS::SQS::Queue') {
    const policies = policiesOn(account, 'AWS::SQS::QueuePolicy', 'Queues', target);
    const problems = ask(policies, { ...request, action: 'sqs:SendMessage', resource: target.arn });
    return { ...delivery, problems: [...problems, ...keyProblems(account, target, service)] };
  }
  if (target?.type === 'AWS::Lambda::Function') {
    const allowed = account
      .ofType('AWS::Lambda::Permission')
      .some(
        ({ properties: { Action, FunctionName, Principal, SourceArn } }) =>
          Action === 'lambda:InvokeFunction' &&
          [target.arn, target.ref].includes(FunctionName) &&
          Principal === service &&
          (SourceArn === undefined || SourceArn === from.arn),
      );
    return { ...delivery, problems: allowed ? [] : [`no permission lets ${service} call ${target.arn}`] };
  }
  return { ...delivery, problems: [`no test knows how ${service} reaches ${to}`] };
}

/** Whether `service` may take on the role with this ARN or name. */
function trust(account: Account, kind: string, from: Found, service: string, to: string): Delivery {
  const role = account.named('AWS::IAM::Role', to);
  const problems = role
    ? ask([role.properties.AssumeRolePolicyDocument], {
        principal: service,
        action: 'sts:AssumeRole',
        context: {},
      })
    : [`no role of this app is ${to}`];
  return { kind, from: called(from), to: role ? called(role) : to, problems };
}

const alarms = (account: Account): Delivery[] =>
  account
    .ofType('AWS::CloudWatch::Alarm')
    .flatMap((alarm) =>
      ['AlarmActions', 'OKActions', 'InsufficientDataActions'].flatMap((actions) =>
        ((alarm.properties[actions] ?? []) as string[]).map((to) =>
          send(account, 'alarm → topic', alarm, 'cloudwatch.amazonaws.com', to),
        ),
      ),
    );

const rules = (account: Account): Delivery[] =>
  account
    .ofType('AWS::Events::Rule')
    .flatMap((rule) =>
      (rule.properties.Targets as { Arn: string; DeadLetterConfig?: { Arn: string } }[]).flatMap((target) => [
        send(account, 'event rule → target', rule, 'events.amazonaws.com', target.Arn),
        ...(target.DeadLetterConfig
          ? [send(account, 'event rule → queue', rule, 'events.amazonaws.com', target.DeadLetterConfig.Arn)]
          : []),
      ]),
    );

const SENT_BY_SNS = ['sqs', 'lambda'];

const subscriptions = (account: Account): Delivery[] =>
  account
    .ofType('AWS::SNS::Subscription')
    .filter(({ properties }) => SENT_BY_SNS.includes(properties.Protocol))
    .map(({ properties: { TopicArn, Endpoint } }) =>
      send(
        account,
        'topic → subscriber',
        account.named('AWS::SNS::Topic', TopicArn)!,
        'sns.amazonaws.com',
        Endpoint,
      ),
    );

/** Asks the policy of the bucket with this name; logs are delivered as objects below `prefix`. */
function logs(
  account: Account,
  kind: string,
  from: Found,
  to: {
    bucket: string;
    prefix: string;
    principals: string[];
    context: Request['context'];
    afterPolicy: boolean;
  },
): Delivery {
  const bucket = account.named('AWS::S3::Bucket', to.bucket);
  if (!bucket)
    return { kind, from: called(from), to: to.bucket, problems: [`no bucket of this app is ${to.bucket}`] };
  const policies = policiesOn(account, 'AWS::S3::BucketPolicy', 'Bucket', bucket);
  const action = 's3:PutObject';
  const resource = `${bucket.arn}/${to.prefix}/AWSLogs/${ACCOUNT_ID}/some.gz`;
  const allowed = to.principals.some((principal) =>
    allows(policies, { principal, action, resource, context: to.context }),
  );
  const byAes = bucket.properties.BucketEncryption?.ServerSideEncryptionConfiguration?.some(
    (each: { ServerSideEncryptionByDefault?: { SSEAlgorithm?: string } }) =>
      each.ServerSideEncryptionByDefault?.SSEAlgorithm === 'AES256',
  );
  const policy = account
    .ofType('AWS::S3::BucketPolicy')
    .find(({ properties }) => properties.Bucket === bucket.ref);
  return {
    kind,
    from: called(from),
    to: called(bucket),
    problems: [
      ...(allowed ? [] : [`no policy allows ${to.principals.join(' or ')} ${action} on ${resource}`]),
      // ELB guide, "Access logs", bucket requirements: keys of S3 only.
      ...(byAes ? [] : [`${called(bucket)} is not under keys of S3`]),
      // It is tried when the flow log is made.
      ...(to.afterPolicy && policy && !from.dependsOn.includes(policy.id)
        ? [`${called(from)} does not wait for ${called(policy)}`]
        : []),
    ],
  };
}

const accessLogs = (account: Account): Delivery[] =>
  account.ofType('AWS::ElasticLoadBalancingV2::LoadBalancer').flatMap((balancer) => {
    const attributes = new Map<string, string>(
      balancer.properties.LoadBalancerAttributes.map((each: { Key: string; Value: string }) => [
        each.Key,
        each.Value,
      ]),
    );
    if (attributes.get('access_logs.s3.enabled') !== 'true') return [];
    // ELB guide, "Access logs", bucket policy: an account of ELB's in older regions, a service in newer ones.
    const old = RegionInfo.get(account.region).elbv2Account;
    return [
      logs(account, 'load balancer → bucket', balancer, {
        bucket: attributes.get('access_logs.s3.bucket')!,
        prefix: attributes.get('access_logs.s3.prefix')!,
        principals: [
          'logdelivery.elasticloadbalancing.amazonaws.com',
          ...(old ? [`arn:aws:iam::${old}:root`] : []),
        ],
        context: { 'aws:SecureTransport': 'true' },
        afterPolicy: false,
      }),
    ];
  });

const flowLogs = (account: Account): Delivery[] =>
  account.ofType('AWS::EC2::FlowLog').map((log) => {
    const [, bucket = '', prefix = ''] =
      /^(arn:aws:s3:::[^/]+)\/(.*)$/.exec(log.properties.LogDestination) ?? [];
    return logs(account, 'flow log → bucket', log, {
      bucket,
      prefix,
      principals: ['delivery.logs.amazonaws.com'],
      // VPC guide, "Amazon S3 bucket permissions for flow logs".
      context: {
        's3:x-amz-acl': 'bucket-owner-full-control',
        ...onBehalfOf(`arn:aws:logs:${account.region}:${ACCOUNT_ID}:delivery-source:some`),
      },
      afterPolicy: true,
    });
  });

/** The destination of a function's failed starts: Lambda sends there as the function's own role. */
const destinations = (account: Account): Delivery[] =>
  account.ofType('AWS::Lambda::EventInvokeConfig').flatMap(({ properties }) => {
    const from = account.named('AWS::Lambda::Function', properties.FunctionName)!;
    return Object.values(properties.DestinationConfig ?? {}).map((each) =>
      asRole(account, 'function → destination', from, (each as { Destination: string }).Destination),
    );
  });

const deadLetters = (account: Account): Delivery[] =>
  account
    .ofType('AWS::Lambda::Function')
    .filter(({ properties }) => properties.DeadLetterConfig)
    .map((from) =>
      asRole(account, 'function → dead letters', from, from.properties.DeadLetterConfig.TargetArn),
    );

function asRole(account: Account, kind: string, from: Found, to: string): Delivery {
  const role = account.named('AWS::IAM::Role', from.properties.Role)!;
  const action = { 'AWS::SQS::Queue': 'sqs:SendMessage', 'AWS::SNS::Topic': 'sns:Publish' }[
    account.resources.find(({ arn }) => arn === to)?.type ?? ''
  ];
  if (!action)
    return { kind, from: called(from), to, problems: [`no test knows how a function reaches ${to}`] };
  const policies = policiesOn(account, 'AWS::IAM::Policy', 'Roles', role);
  return {
    kind,
    from: called(from),
    to,
    problems: ask(policies, { action, resource: to, context: { 'aws:SecureTransport': 'true' } }),
  };
}

/** Which service takes on the role in which property. */
const ROLES: readonly (readonly [type: string, property: string, service: string])[] = [
  ['AWS::RDS::DBInstance', 'MonitoringRoleArn', 'monitoring.rds.amazonaws.com'],
  ['AWS::Lambda::Function', 'Role', 'lambda.amazonaws.com'],
  ['AWS::DLM::LifecyclePolicy', 'ExecutionRoleArn', 'dlm.amazonaws.com'],
  ['AWS::IAM::InstanceProfile', 'Roles', 'ec2.amazonaws.com'],
];

const roles = (account: Account): Delivery[] =>
  ROLES.flatMap(([type, property, service]) =>
    account
      .ofType(type)
      .filter(({ properties }) => properties[property] !== undefined)
      .flatMap((from) =>
        [from.properties[property]].flat().map((to) => trust(account, `${type} → role`, from, service, to)),
      ),
  );

/** Every delivery between resources of an app. */
export const deliveries = (account: Account): Delivery[] =>
  [alarms, rules, subscriptions, accessLogs, flowLogs, destinations, deadLetters, roles].flatMap((kind) =>
    kind(account),
  );

/** The places where `deliveries` looks, and those that name a receiver and deliver nothing. */
export const KNOWN_PLACES: readonly RegExp[] = [
  /^AWS::CloudWatch::Alarm (AlarmActions|OKActions|InsufficientDataActions)\./,
  /^AWS::Events::Rule Targets\.\d+\.(DeadLetterConfig\.)?Arn$/,
  /^AWS::SNS::Subscription (Endpoint|TopicArn)$/,
  /^AWS::ElasticLoadBalancingV2::LoadBalancer LoadBalancerAttributes\./,
  /^AWS::EC2::FlowLog LogDestination$/,
  /^AWS::Lambda::EventInvokeConfig /,
  /^AWS::Lambda::Function (Role|DeadLetterConfig\.TargetArn)$/,
  ...ROLES.map(([type, property]) => new RegExp(`^${type} ${property}\\b`)),
  // Who may, and who is told where something is.
  /^AWS::(IAM::Policy|SNS::TopicPolicy|SQS::QueuePolicy|S3::BucketPolicy|Lambda::Permission|IAM::Role) /,
  /^AWS::Lambda::Function Environment\.Variables\./,
  // CloudFormation calls it as who deploys.
  /^(Custom::\w+|AWS::CloudFormation::CustomResource) /,
  // What is watched.
  /^AWS::CloudWatch::(Alarm (Dimensions|Metrics)\.|Dashboard )/,
];

const RECEIVERS = [
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
  'AWS::Lambda::Function',
  'AWS::S3::Bucket',
  'AWS::IAM::Role',
];

/** Where a template names a receiver in a place that no kind of delivery above looks at. */
export function unknownPlaces(account: Account): string[] {
  const names = account.resources
    .filter(({ type }) => RECEIVERS.includes(type))
    .flatMap(({ arn, ref }) => [arn, ref]);
  const texts = (value: unknown, path: string): [string, string][] =>
    typeof value === 'string'
      ? [[path, value]]
      : typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, member]) =>
            texts(member, path === '' ? key : `${path}.${key}`),
          )
        : [];
  return account.resources.flatMap(({ type, properties, stack, id }) =>
    texts(properties, '')
      .filter(([, text]) => names.some((name) => text.includes(name)))
      .map(([path]) => `${type} ${path}`)
      .filter((place) => !KNOWN_PLACES.some((known) => known.test(place)))
      .map((place) => `${stack}/${id}: ${place}`),
  );
}
