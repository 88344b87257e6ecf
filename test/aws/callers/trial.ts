/** The trial's own clients, which ask what was deployed: only the requests are checked. */
import { fleetApi } from '../../../trial/servers/fleet-api';
import { fromS3 } from '../../../trial/servers/artifact';
import { deniesUpdates, instancesOf, snapshotsOf } from '../../../trial/drill/account';
import { writerCredentials } from '../../../trial/drill/clients';
import { openJournal } from '../../../trial/drill/journal';
import { zonesOf } from '../../../trial/dns/zone';
import { deployedIn } from '../../../trial/load-balancer/deployed';
import type { Target } from '../../../trial/target';
import { undeployed } from '../../../trial/undeployed';
import { observe } from '../../../trial/walk/observe';
import { Machines } from '../../../trial/world/machines';
import { emulatedSurroundings } from '../../../trial/world/surroundings';
import { type Answers, answersOf } from '../answers';
import { ACCOUNT } from '../physical';
import { recordCalls } from '../recording';
import type { Site } from '../site';
import type { Caller } from './caller';

const NAME = 'trial';

/** Nobody listens there: whatever is not recorded fails. */
const target = ({ region }: Site): Target => ({ endpoint: 'http://localhost:1', region, account: ACCOUNT });

const INSTANCE = 'i-0123456789abcdef0';
const TEMPLATE = { LaunchTemplateId: 'lt-0123456789abcdef0', Version: '1' };
const GROUP = {
  TargetGroupArn: 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef',
};

const deployed = (site: Site): Answers => ({
  'Auto Scaling DescribeAutoScalingGroups': () => ({
    AutoScalingGroups: [
      {
        AutoScalingGroupName: 'mysite-web',
        LaunchTemplate: TEMPLATE,
        Instances: [{ InstanceId: INSTANCE, LifecycleState: 'InService', LaunchTemplate: TEMPLATE }],
      },
    ],
  }),
  'CloudFormation DescribeStacks': ({ input: { StackName } }) => ({
    Stacks: site.parts
      .filter((part) => (StackName ?? `mysite-${part}`) === `mysite-${part}`)
      .map((part) => ({
        StackId: site.stackId(part),
        Outputs: Object.entries(site.outputs(part)).map(([OutputKey, OutputValue]) => ({
          OutputKey,
          OutputValue,
        })),
      })),
  }),
  'EC2 DescribeAddresses': () => ({ Addresses: [{ AllocationId: 'eipalloc-1', PublicIp: '192.0.2.1' }] }),
  'Elastic Load Balancing v2 DescribeListeners': () => ({
    Listeners: [{ Port: 443, Protocol: 'HTTPS', DefaultActions: [{ Type: 'forward', ...GROUP }] }],
  }),
  'Elastic Load Balancing v2 DescribeLoadBalancers': () => ({
    LoadBalancers: [
      {
        LoadBalancerArn: GROUP.TargetGroupArn.replace('targetgroup', 'loadbalancer/app'),
        LoadBalancerName: 'web',
        DNSName: 'web.elb.amazonaws.com',
      },
    ],
  }),
  'Elastic Load Balancing v2 DescribeTargetGroups': () => ({
    TargetGroups: [{ ...GROUP, TargetGroupName: 'web' }],
  }),
  'Route 53 ListHostedZones': () => ({
    HostedZones: site.resources('AWS::Route53::HostedZone').map(({ part, id, properties }) => ({
      Id: `/hostedzone/${site.ref(part, id)}`,
      Name: properties['Name'],
    })),
  }),
  'S3 GetObject': () => ({ Body: { transformToByteArray: () => Promise.resolve(new Uint8Array()) } }),
  'Secrets Manager ListSecrets': () => ({
    SecretList: site
      .resources('AWS::SecretsManager::Secret')
      .map(({ part, id }) => ({ ARN: site.ref(part, id) })),
  }),
  // What is there, and of which nothing more is read.
  ...Object.fromEntries(
    [
      'Auto Scaling DescribePolicies',
      'Auto Scaling SetDesiredCapacity',
      'CloudFormation GetStackPolicy',
      'CloudFormation ListStackResources',
      'EC2 AssociateAddress',
      'EC2 DescribeInstances',
      'EC2 DescribeLaunchTemplateVersions',
      'EC2 DescribeRouteTables',
      'EC2 DescribeSecurityGroups',
      'EC2 DescribeSubnets',
      'EC2 DescribeVolumes',
      'EC2 TerminateInstances',
      'Elastic Load Balancing v2 DescribeLoadBalancerAttributes',
      'Elastic Load Balancing v2 DescribeTargetGroupAttributes',
      'Elastic Load Balancing v2 DescribeTargetHealth',
      'RDS DescribeDBSnapshots',
      'RDS DescribeDBSubnetGroups',
    ].map((name) => [name, () => ({})]),
  ),
});

async function ask(site: Site): Promise<void> {
  const place = target(site);
  await observe(place, 'mysite-web');
  await zonesOf(place)();
  await deployedIn(place)();
  await undeployed(place, { stacks: [{ name: 'mysite-web', resources: {} }] } as never);

  const fleet = fleetApi(place);
  await fleet.groups();
  await fleet.userData({ id: TEMPLATE.LaunchTemplateId, version: TEMPLATE.Version });
  await fleet.policies();
  await fleet.claimAddress('eipalloc-0123456789abcdef0', INSTANCE);
  await fleet.replace(INSTANCE, { name: 'mysite-web', desired: 1 });
  await fromS3(place)('mysite-artifacts', 'site.zip');

  const machines = new Machines(
    '127.80',
    () => place,
    () => undefined,
  );
  await machines.refresh();
  machines.close();
  const around = emulatedSurroundings(ACCOUNT, site.region, () => place);
  await around.subnetGroup('mysite-subnets');
  await around.vpcOf('sg-0123456789abcdef0');

  await instancesOf(place);
  await snapshotsOf(place, 'db-ABCDEFGHIJKLMNOPQRSTUVWXYZ');
  await deniesUpdates(place, 'mysite-data');
  await writerCredentials(place);
  const journal = await openJournal(place);
  await journal.read();
  await journal.since(0);
  await journal.put({ kind: 'names' });
  journal.close();
}

export const trial: Caller = {
  name: NAME,
  comesWith: 'AWS::DynamoDB::Table',
  drive: (site) => recordCalls(NAME, answersOf(site, deployed(site)), () => ask(site)),
};
