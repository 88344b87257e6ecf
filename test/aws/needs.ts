/** What IAM is asked for by each call: its own action, and those that the service asks for in the caller's name. */
import type { Call } from './recording';
import type { Need } from './role-policies';
import type { Site } from './site';
import { describeService, iamPrefix } from './botocore';
import { dynamodbNeeds } from './needs-dynamodb';
import { rdsNeeds } from './needs-rds';
import { ACCOUNT, PARTITION } from './physical';

type Input = Readonly<Record<string, unknown>>;
export type NeedsOf = (
  input: Input,
  site: Site,
  call: Call,
) => readonly (Omit<Need, 'action'> & { readonly action?: string })[];

const text = (input: Input, member: string) => input[member] as string;

const object: NeedsOf = (input) => [
  { resource: `arn:${PARTITION}:s3:::${text(input, 'Bucket')}/${text(input, 'Key')}` },
];
const stack: NeedsOf = (input, site) => {
  const name = text(input, 'StackName');
  return [{ resource: name.startsWith('arn:') ? name : site.stackId(name.replace(/^mysite-/, '')) }];
};
const zone: NeedsOf = (input) => [
  { resource: `arn:${PARTITION}:route53:::hostedzone/${text(input, 'HostedZoneId')}` },
];

interface Change {
  readonly Action: string;
  readonly ResourceRecordSet: { readonly Name: string; readonly Type: string };
}

/** A server of the stack, as CloudFormation's group tags it. */
const server = (id: string, site: Site): Omit<Need, 'action'> => ({
  resource: site.arn('ec2', `instance/${id}`),
  context: { 'aws:ResourceTag/aws:cloudformation:stack-name': ['mysite-web'] },
});

const networkInterface = (site: Site): Omit<Need, 'action'> => {
  const [vpc] = site.resources('AWS::EC2::VPC');
  return {
    resource: site.arn('ec2', 'network-interface/eni-0123456789abcdef0'),
    context: { 'ec2:Vpc': [site.arn('ec2', `vpc/${site.ref(vpc!.part, vpc!.id)}`)] },
  };
};

/** By IAM prefix and operation. The action is the operation's own unless another one is named. */
const NEEDS: Readonly<Record<string, NeedsOf>> = {
  ...rdsNeeds,
  ...dynamodbNeeds,
  'autoscaling:SetInstanceHealth': (_, site) => [
    {
      resource: site.arn('autoscaling', 'autoScalingGroup:0f0f0f0f:autoScalingGroupName/mysite-web-Group'),
      context: { 'aws:ResourceTag/aws:cloudformation:stack-name': ['mysite-web'] },
    },
  ],
  'cloudformation:DescribeStackResources': stack,
  'cloudformation:DescribeStacks': stack,
  'cloudformation:SetStackPolicy': stack,
  'cloudwatch:PutMetricData': (input) => [
    { resource: '*', context: { 'cloudwatch:namespace': [text(input, 'Namespace')] } },
  ],
  'ec2:AssociateAddress': (input, site) => [
    { resource: site.arn('ec2', `elastic-ip/${text(input, 'AllocationId')}`) },
    server(text(input, 'InstanceId'), site),
    networkInterface(site),
  ],
  'ec2:AttachVolume': (input, site) => [
    { resource: site.arn('ec2', `volume/${text(input, 'VolumeId')}`) },
    server(text(input, 'InstanceId'), site),
  ],
  'ec2:DescribeVolumes': () => [{ resource: '*' }],
  'elasticloadbalancing:DescribeTargetHealth': () => [{ resource: '*' }],
  'elasticloadbalancing:ModifyLoadBalancerAttributes': (input) => [
    { resource: text(input, 'LoadBalancerArn') },
  ],
  'route53:GetChange': (input) => [
    { resource: `arn:${PARTITION}:route53:::change/${text(input, 'Id').replace('/change/', '')}` },
  ],
  'route53:ListResourceRecordSets': zone,
  'route53:ChangeResourceRecordSets': (input, site, call) => {
    const { Changes } = input['ChangeBatch'] as { Changes: readonly Change[] };
    const of = (pick: (change: Change) => string) => [...new Set(Changes.map(pick))];
    return zone(input, site, call).map((need) => ({
      ...need,
      // Route 53 guide, "Using IAM policy conditions for fine-grained access control": names in lower case and without
      // the last dot.
      context: {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': of(({ ResourceRecordSet: { Name } }) =>
          Name.toLowerCase().replace(/\.$/, ''),
        ),
        'route53:ChangeResourceRecordSetsRecordTypes': of(({ ResourceRecordSet: { Type } }) => Type),
        'route53:ChangeResourceRecordSetsActions': of(({ Action }) => Action),
      },
    }));
  },
  's3:GetObject': object,
  // Metadata need the right to read (S3 API reference, HeadObject).
  's3:HeadObject': (input, site, call) =>
    object(input, site, call).map((need) => ({ ...need, action: 's3:GetObject' })),
  's3:PutObject': object,
  'secretsmanager:GetSecretValue': (input) => [{ resource: text(input, 'SecretId') }],
  'sns:Publish': (input) => [{ resource: text(input, 'TopicArn') }],
};

/** @throws Error when it is not known what the operation needs */
export function needsOf(call: Call, site: Site): readonly Need[] {
  const action = `${iamPrefix(describeService(call.serviceId))}:${call.operation}`;
  const find = NEEDS[action];
  if (!find)
    throw new Error(
      `What ${action} needs is not in test/aws/needs.ts: add it, by the Service Authorization Reference`,
    );
  return find(call.input, site, call).map((need) => ({ action, ...need }));
}

export { ACCOUNT };
