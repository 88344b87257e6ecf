import { RegionInfo } from 'aws-cdk-lib/region-info';
import { ACCOUNT_ID, type Account, type Found } from './account';
import { called, type Delivery, onBehalfOf, policiesOn } from './ask';
import { isAllowed, type Request, statementsIn } from '../policy';

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
    isAllowed(statementsIn(policies), { principal, action, resource, context: to.context }),
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

export const accessLogs = (account: Account): Delivery[] =>
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

export const flowLogs = (account: Account): Delivery[] =>
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
