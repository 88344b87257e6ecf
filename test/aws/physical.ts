/** What CloudFormation would call a resource, and what it would answer for its attributes. */
import { createHash } from 'node:crypto';

export const PARTITION = 'aws';
export const ACCOUNT = '123456789012';

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
}

export interface Place {
  readonly region: string;
  readonly stack: string;
}

/** What `Ref` gives, and what `Fn::GetAtt`. */
export interface Physical {
  readonly ref: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** The one data volume has the id that the stand-in of a server plays (test/support/stand-ins). */
const VOLUME = 'vol-0123456789abcdef0';

const hash = (id: string, length: number) => createHash('sha256').update(id).digest('hex').slice(0, length);

type Made = (id: string, place: Place, properties: Readonly<Record<string, unknown>>) => Physical;

const arn = (service: string, { region }: Place, rest: string) =>
  `arn:${PARTITION}:${service}:${region}:${ACCOUNT}:${rest}`;
const named = (id: string, { stack }: Place) => `${stack}-${id}-${hash(id, 12).toUpperCase()}`;
/** The value of a property that is a plain text; otherwise a name that CloudFormation makes. */
const given = (value: unknown, id: string, place: Place) =>
  typeof value === 'string' ? value : named(id, place);

/** By CloudFormation's "Template reference", return values of each type. */
export const PHYSICAL: Readonly<Record<string, Made>> = {
  'AWS::AutoScaling::AutoScalingGroup': (id, place) => ({ ref: named(id, place) }),
  'AWS::CertificateManager::Certificate': (id, place) => ({
    ref: arn('acm', place, `certificate/${hash(id, 32)}`),
  }),
  'AWS::DynamoDB::Table': (id, place) => {
    const ref = named(id, place);
    return { ref, attributes: { Arn: arn('dynamodb', place, `table/${ref}`) } };
  },
  'AWS::EC2::EIP': (id) => ({ ref: '192.0.2.1', attributes: { AllocationId: `eipalloc-${hash(id, 17)}` } }),
  'AWS::EC2::SecurityGroup': (id) => {
    const ref = `sg-${hash(id, 17)}`;
    return { ref, attributes: { GroupId: ref } };
  },
  'AWS::EC2::Subnet': (id) => ({ ref: `subnet-${hash(id, 17)}` }),
  'AWS::EC2::VPC': (id) => ({ ref: `vpc-${hash(id, 17)}` }),
  'AWS::EC2::Volume': () => ({ ref: VOLUME, attributes: { VolumeId: VOLUME } }),
  'AWS::ElasticLoadBalancingV2::LoadBalancer': (id, place) => {
    const ref = arn('elasticloadbalancing', place, `loadbalancer/app/${hash(id, 12)}/${hash(`${id}2`, 16)}`);
    return {
      ref,
      attributes: {
        DNSName: `${hash(id, 12)}.elb.amazonaws.com`,
        CanonicalHostedZoneID: 'Z35SXDOTRQ7X7K',
        LoadBalancerFullName: ref.split(':loadbalancer/')[1]!,
      },
    };
  },
  'AWS::ElasticLoadBalancingV2::TargetGroup': (id, place) => {
    const ref = arn('elasticloadbalancing', place, `targetgroup/${hash(id, 12)}/${hash(`${id}2`, 16)}`);
    return {
      ref,
      attributes: { TargetGroupArn: ref, TargetGroupFullName: ref.split(/:(?=targetgroup)/)[1]! },
    };
  },
  'AWS::IAM::Role': (id, place) => {
    const ref = named(id, place);
    return { ref, attributes: { Arn: `arn:${PARTITION}:iam::${ACCOUNT}:role/${ref}` } };
  },
  'AWS::KMS::Key': (id, place) => {
    const ref = `${hash(id, 8)}-0000-4000-8000-000000000000`;
    return { ref, attributes: { Arn: arn('kms', place, `key/${ref}`), KeyId: ref } };
  },
  'AWS::Lambda::Function': (id, place, { FunctionName }) => {
    const ref = given(FunctionName, id, place);
    return { ref, attributes: { Arn: arn('lambda', place, `function:${ref}`) } };
  },
  'AWS::Logs::LogGroup': (id, place, { LogGroupName }) => {
    const ref = given(LogGroupName, id, place);
    return { ref, attributes: { Arn: arn('logs', place, `log-group:${ref}:*`) } };
  },
  'AWS::RDS::DBInstance': (id, place, { DBInstanceIdentifier }) => {
    const ref = given(DBInstanceIdentifier, id, place);
    const attributes = {
      'Endpoint.Address': `${ref}.c9akciq32.${place.region}.rds.amazonaws.com`,
      'Endpoint.Port': '5432',
      DbiResourceId: `db-${hash(id, 26).toUpperCase()}`,
      DBInstanceArn: arn('rds', place, `db:${ref}`),
    };
    return { ref, attributes };
  },
  'AWS::RDS::DBParameterGroup': (id, place) => ({ ref: named(id, place).toLowerCase() }),
  'AWS::RDS::DBSubnetGroup': (id, place) => ({ ref: named(id, place).toLowerCase() }),
  'AWS::Route53::HostedZone': (id) => ({ ref: `Z${hash(id, 20).toUpperCase()}` }),
  'AWS::S3::Bucket': (id, place) => {
    const ref = named(id, place).toLowerCase();
    return { ref, attributes: { Arn: `arn:${PARTITION}:s3:::${ref}` } };
  },
  'AWS::SNS::Topic': (id, place) => ({
    ref: arn('sns', place, named(id, place)),
    attributes: { TopicName: named(id, place) },
  }),
  'AWS::SQS::Queue': (id, place) => ({
    ref: `https://sqs.${place.region}.amazonaws.com/${ACCOUNT}/${named(id, place)}`,
    attributes: { Arn: arn('sqs', place, named(id, place)), QueueName: named(id, place) },
  }),
  'AWS::SecretsManager::Secret': (id, place) => ({
    ref: arn('secretsmanager', place, `secret:${id}-AbCdEf`),
  }),
};
