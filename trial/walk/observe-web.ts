import {
  type AutoScalingGroup,
  AutoScalingClient,
  paginateDescribeAutoScalingGroups,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  paginateDescribeInstances,
} from '@aws-sdk/client-ec2';
import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type Listener as AwsListener,
  paginateDescribeListeners,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Target, clientConfig } from '../target';
import { collect } from './collect';
import type { Facts, Fleet, Listener } from './facts';

/** Load balancers with their listeners, and target groups with the health of their targets. */
export async function observeLoadBalancers(
  target: Target,
): Promise<Pick<Facts, 'loadBalancers' | 'targetGroups'>> {
  const client = new ElasticLoadBalancingV2Client(clientConfig(target));
  const [balancers, groups] = await Promise.all([
    collect(paginateDescribeLoadBalancers({ client }, {}), (page) => page.LoadBalancers),
    collect(paginateDescribeTargetGroups({ client }, {}), (page) => page.TargetGroups),
  ]);
  const loadBalancers = balancers.map(async (balancer) => {
    const pages = paginateDescribeListeners({ client }, { LoadBalancerArn: balancer.LoadBalancerArn! });
    return {
      name: balancer.LoadBalancerName!,
      dnsName: balancer.DNSName!,
      scheme: balancer.Scheme!,
      subnets: (balancer.AvailabilityZones ?? []).map(({ SubnetId }) => SubnetId!),
      securityGroups: balancer.SecurityGroups ?? [],
      listeners: (await collect(pages, (page) => page.Listeners)).map(listenerOf),
    };
  });
  const targetGroups = groups.map(async (group) => {
    const command = new DescribeTargetHealthCommand({ TargetGroupArn: group.TargetGroupArn! });
    const { TargetHealthDescriptions } = await client.send(command);
    return {
      arn: group.TargetGroupArn!,
      name: group.TargetGroupName!,
      port: group.Port!,
      healthPath: group.HealthCheckPath ?? '/',
      targets: (TargetHealthDescriptions ?? []).map(({ Target: one, TargetHealth }) => ({
        id: one!.Id!,
        health: TargetHealth?.State ?? 'unknown',
      })),
    };
  });
  return {
    loadBalancers: await Promise.all(loadBalancers),
    targetGroups: await Promise.all(targetGroups),
  };
}

function listenerOf({ Port, Protocol, Certificates, DefaultActions }: AwsListener): Listener {
  const redirect = DefaultActions?.find(({ Type }) => Type === 'redirect')?.RedirectConfig;
  const forwards = (DefaultActions ?? []).filter(({ Type }) => Type === 'forward');
  const targets = forwards.flatMap(({ TargetGroupArn, ForwardConfig }) =>
    TargetGroupArn
      ? [TargetGroupArn]
      : (ForwardConfig?.TargetGroups ?? []).map((group) => group.TargetGroupArn!),
  );
  return {
    port: Port!,
    protocol: Protocol!,
    certificates: (Certificates ?? []).map(({ CertificateArn }) => CertificateArn!),
    forwardsTo: targets,
    ...(redirect && { redirectsTo: `${redirect.Protocol}:${redirect.Port}` }),
  };
}

/** Instances, and Auto Scaling groups with their user data. */
export async function observeServers(target: Target): Promise<Pick<Facts, 'fleets' | 'servers'>> {
  const ec2 = new EC2Client(clientConfig(target));
  const scaling = new AutoScalingClient(clientConfig(target));
  const [groups, reservations] = await Promise.all([
    collect(paginateDescribeAutoScalingGroups({ client: scaling }, {}), (page) => page.AutoScalingGroups),
    collect(paginateDescribeInstances({ client: ec2 }, {}), (page) => page.Reservations),
  ]);
  return {
    fleets: await Promise.all(groups.map((group) => fleetOf(ec2, group))),
    servers: reservations
      .flatMap(({ Instances }) => Instances ?? [])
      .map((instance) => ({
        id: instance.InstanceId!,
        state: instance.State!.Name!,
        subnet: instance.SubnetId ?? '',
        securityGroups: (instance.SecurityGroups ?? []).map(({ GroupId }) => GroupId!),
        ...(instance.PublicIpAddress && { publicAddress: instance.PublicIpAddress }),
      })),
  };
}

async function fleetOf(ec2: EC2Client, group: AutoScalingGroup): Promise<Fleet> {
  const { LaunchTemplateId, Version } = group.LaunchTemplate ?? {};
  const command = new DescribeLaunchTemplateVersionsCommand({
    LaunchTemplateId,
    Versions: [Version ?? '$Default'],
  });
  const { LaunchTemplateVersions } = await ec2.send(command);
  const userData = LaunchTemplateVersions?.[0]?.LaunchTemplateData?.UserData ?? '';
  return {
    name: group.AutoScalingGroupName!,
    servers: (group.Instances ?? []).map(({ InstanceId }) => InstanceId!),
    userData: Buffer.from(userData, 'base64').toString('utf8'),
  };
}
