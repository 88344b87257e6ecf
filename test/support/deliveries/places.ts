import type { Account } from './account';
import { ROLES } from './deliveries';

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
