/** Everything that is in an emulated account, as far as the blueprint makes such things: asked of the APIs. */
import { type Target, credentialsOf } from '../../../trial/target';

type Kind = readonly [
  kind: string,
  ids: RegExp,
  service: string,
  ...call: readonly [string, string] | readonly [string],
];

const EC2 = 'ec2';
/** With two words a Query action and its version, with one a JSON action or, with a slash, a path. */
const KINDS: readonly Kind[] = [
  ['VPC', /<vpcId>([^<]+)/g, EC2, 'DescribeVpcs', '2016-11-15'],
  ['subnet', /<subnetId>([^<]+)/g, EC2, 'DescribeSubnets', '2016-11-15'],
  ['security group', /<groupId>([^<]+)/g, EC2, 'DescribeSecurityGroups', '2016-11-15'],
  ['address', /<allocationId>([^<]+)/g, EC2, 'DescribeAddresses', '2016-11-15'],
  [
    'NAT gateway',
    /<natGatewayId>([^<]+)<(?:(?!<natGatewayId>).)*?<state>available/gs,
    EC2,
    'DescribeNatGateways',
    '2016-11-15',
  ],
  ['internet gateway', /<internetGatewayId>([^<]+)/g, EC2, 'DescribeInternetGateways', '2016-11-15'],
  ['route table', /<routeTableId>([^<]+)/g, EC2, 'DescribeRouteTables', '2016-11-15'],
  ['endpoint', /<vpcEndpointId>([^<]+)/g, EC2, 'DescribeVpcEndpoints', '2016-11-15'],
  ['launch template', /<launchTemplateId>([^<]+)/g, EC2, 'DescribeLaunchTemplates', '2016-11-15'],
  ['flow log', /<flowLogId>([^<]+)/g, EC2, 'DescribeFlowLogs', '2016-11-15'],
  ['database', /<DbiResourceId>([^<]+)/g, 'rds', 'DescribeDBInstances', '2014-10-31'],
  ['snapshot', /<DBSnapshotIdentifier>((?!rds:)[^<]+)/g, 'rds', 'DescribeDBSnapshots', '2014-10-31'],
  [
    'parameter group',
    /<DBParameterGroupName>((?!default\.)[^<]+)/g,
    'rds',
    'DescribeDBParameterGroups',
    '2014-10-31',
  ],
  ['subnet group', /<DBSubnetGroupName>([^<]+)/g, 'rds', 'DescribeDBSubnetGroups', '2014-10-31'],
  [
    'load balancer',
    /<LoadBalancerArn>([^<]+)/g,
    'elasticloadbalancing',
    'DescribeLoadBalancers',
    '2015-12-01',
  ],
  ['target group', /<TargetGroupArn>([^<]+)/g, 'elasticloadbalancing', 'DescribeTargetGroups', '2015-12-01'],
  [
    'group of servers',
    /<AutoScalingGroupName>([^<]+)/g,
    'autoscaling',
    'DescribeAutoScalingGroups',
    '2011-01-01',
  ],
  ['role', /<RoleName>([^<]+)/g, 'iam', 'ListRoles', '2010-05-08'],
  ['topic', /<TopicArn>([^<]+)/g, 'sns', 'ListTopics', '2010-03-31'],
  ['alarm', /<AlarmName>([^<]+)/g, 'monitoring', 'DescribeAlarms', '2010-08-01'],
  ['dashboard', /<DashboardName>([^<]+)/g, 'monitoring', 'ListDashboards', '2010-08-01'],
  ['log group', /"logGroupName":\s*"([^"]+)/g, 'logs', 'Logs_20140328.DescribeLogGroups'],
  ['queue', /"(http[^"]+)"/g, 'sqs', 'AmazonSQS.ListQueues'],
  ['secret', /"ARN":\s*"([^"]+)/g, 'secretsmanager', 'secretsmanager.ListSecrets'],
  ['table', /"([^"]+)"(?=[,\]])/g, 'dynamodb', 'DynamoDB_20120810.ListTables'],
  ['rule', /"Arn":\s*"([^"]+)/g, 'events', 'AWSEvents.ListRules'],
  ['certificate', /"CertificateArn":\s*"([^"]+)/g, 'acm', 'CertificateManager.ListCertificates'],
  ['function', /"FunctionName":\s*"([^"]+)/g, 'lambda', '/2015-03-31/functions/'],
  ['bucket', /<Bucket>.*?<Name>([^<]+)/gs, 's3', '/'],
  ['zone', /<HostedZone><Id>([^<]+)/g, 'route53', '/2013-04-01/hostedzone'],
];

async function ask(
  target: Target,
  service: string,
  call: string,
  version?: string,
  body = '{}',
): Promise<string> {
  const credential = `${credentialsOf(target).accessKeyId}/20260101/${target.region}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=trial`;
  const json = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': call };
  const isPath = call.startsWith('/');
  const request: RequestInit = isPath
    ? { headers: { authorization } }
    : version
      ? {
          method: 'POST',
          body: new URLSearchParams({ Action: call, Version: version }),
          headers: { authorization },
        }
      : { method: 'POST', body, headers: { authorization, ...json } };
  const answer = await fetch(`${target.endpoint}${isPath ? call : '/'}`, request);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${call}: ${text.slice(0, 300)}`);
  return text;
}

/** Keys that are not on their way out. */
async function keys(target: Target): Promise<string[]> {
  const all = await ask(target, 'kms', 'TrentService.ListKeys');
  const ids = [...all.matchAll(/"KeyId":\s*"([^"]+)/g)].map(([, id]) => id!);
  const states = await Promise.all(
    ids.map((KeyId) => ask(target, 'kms', 'TrentService.DescribeKey', undefined, JSON.stringify({ KeyId }))),
  );
  return ids.filter((_, index) => !states[index]!.includes('PendingDeletion'));
}

/** Volumes that do not come and go with a server. */
async function volumes(target: Target): Promise<string[]> {
  const all = await ask(target, EC2, 'DescribeVolumes', '2016-11-15');
  const ids = (pattern: RegExp) => new Set([...all.matchAll(pattern)].map(([, id]) => id!));
  const roots = ids(/<volumeId>([^<]+)<(?:(?!<volumeId>).)*?<deleteOnTermination>true/gs);
  return [...ids(/<volumeId>([^<]+)/g)].filter((id) => !roots.has(id));
}

/** `kind id` of everything. */
export async function inventory(target: Target): Promise<ReadonlySet<string>> {
  const listed = await Promise.all(
    KINDS.map(async ([kind, ids, service, call, version]) =>
      [...(await ask(target, service, call, version)).matchAll(ids)].map(([, id]) => `${kind} ${id}`),
    ),
  );
  return new Set([
    ...listed.flat(),
    ...(await keys(target)).map((id) => `key ${id}`),
    ...(await volumes(target)).map((id) => `volume ${id}`),
  ]);
}

/** What holds data, or what people outside rely on. */
const PRECIOUS = /^(VPC|subnet|volume|address|database|secret|table|bucket|zone|key) /;

/** What is in `after` and was not before; what holds data and is not there any more. */
export const difference = (before: ReadonlySet<string>, after: ReadonlySet<string>) => ({
  left: [...after].filter((one) => !before.has(one)).toSorted(),
  gone: [...before].filter((one) => PRECIOUS.test(one) && !after.has(one)).toSorted(),
});
