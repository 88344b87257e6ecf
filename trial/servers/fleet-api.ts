/** The few calls to Auto Scaling and EC2 that the servers need. */
import {
  AutoScalingClient,
  SetDesiredCapacityCommand,
  paginateDescribeAutoScalingGroups,
  paginateDescribePolicies,
} from '@aws-sdk/client-auto-scaling';
import {
  AssociateAddressCommand,
  DescribeAddressesCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  TerminateInstancesCommand,
  paginateDescribeInstances,
} from '@aws-sdk/client-ec2';
import { type Target, clientConfig } from '../target';
import { collect } from '../walk/collect';

export interface Group {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  /** Whether a server that fails the load balancer's health checks is replaced, once it is older than this. */
  readonly replaceUnhealthyAfterSeconds?: number;
  /** Those that are to run. */
  readonly instances: readonly Instance[];
}

export interface Instance {
  readonly id: string;
  readonly group: string;
  readonly zone: string;
  readonly privateAddress: string;
  readonly publicAddress?: string;
  readonly securityGroups: readonly string[];
  readonly launchTemplate: { readonly id: string; readonly version: string };
}

/** A target tracking policy on requests per target. */
export interface RequestTracking {
  readonly group: string;
  /** Requests a minute and target. */
  readonly target: number;
  readonly scaleIn: boolean;
}

/** All reject when AWS does not answer. */
export interface FleetApi {
  groups(): Promise<readonly Group[]>;
  /** The script, decoded. */
  userData(template: Instance['launchTemplate']): Promise<string>;
  policies(): Promise<readonly RequestTracking[]>;
  setCapacity(group: string, desired: number): Promise<void>;
  /** Moves an Elastic IP address to the instance, as boot-lone-server.sh does. @returns the address */
  claimAddress(allocation: string, instance: string): Promise<string>;
  /** Ends the instance as EC2 knows it, and lets its group replace it. */
  replace(instance: string, group: Pick<Group, 'name' | 'desired'>): Promise<void>;
}

/** Instances in these states run, or are about to. https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html */
const ALIVE = /^(Pending|InService|Standby)/;

export function fleetApi(target: Target): FleetApi {
  const scaling = new AutoScalingClient(clientConfig(target));
  const ec2 = new EC2Client(clientConfig(target));
  const setCapacity = async (AutoScalingGroupName: string, DesiredCapacity: number) => {
    await scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity }));
  };

  return {
    async groups() {
      const groups = await collect(
        paginateDescribeAutoScalingGroups({ client: scaling }, {}),
        (page) => page.AutoScalingGroups,
      );
      const members = groups.flatMap(({ Instances = [], AutoScalingGroupName }) =>
        Instances.filter(({ LifecycleState }) => ALIVE.test(LifecycleState!)).map((member) => ({
          member,
          group: AutoScalingGroupName!,
        })),
      );
      const ids = members.map(({ member }) => member.InstanceId!);
      // Without ids it would describe all, the terminated ones of the past too.
      const reservations =
        ids.length === 0
          ? []
          : await collect(
              paginateDescribeInstances({ client: ec2 }, { InstanceIds: ids }),
              (page) => page.Reservations,
            );
      const known = new Map(
        reservations.flatMap(({ Instances = [] }) => Instances.map((one) => [one.InstanceId!, one] as const)),
      );
      const instances = members.flatMap(({ member, group }): Instance[] => {
        const instance = known.get(member.InstanceId!);
        if (!instance || !['pending', 'running'].includes(instance.State?.Name ?? '')) return [];
        return [
          {
            id: member.InstanceId!,
            group,
            zone: member.AvailabilityZone!,
            privateAddress: instance.PrivateIpAddress!,
            ...(instance.PublicIpAddress && { publicAddress: instance.PublicIpAddress }),
            securityGroups: (instance.SecurityGroups ?? []).map(({ GroupId }) => GroupId!),
            launchTemplate: {
              id: member.LaunchTemplate!.LaunchTemplateId!,
              version: member.LaunchTemplate!.Version!,
            },
          },
        ];
      });
      return groups.map(({ AutoScalingGroupName, MinSize, MaxSize, DesiredCapacity, ...health }) => ({
        name: AutoScalingGroupName!,
        min: MinSize!,
        max: MaxSize!,
        desired: DesiredCapacity!,
        // Several types are separated by commas: "EC2,ELB" (CreateAutoScalingGroup in the API reference).
        ...(/\bELB\b/.test(health.HealthCheckType ?? '') && {
          replaceUnhealthyAfterSeconds: health.HealthCheckGracePeriod ?? 0,
        }),
        instances: instances.filter(({ group }) => group === AutoScalingGroupName),
      }));
    },

    async userData({ id, version }) {
      const { LaunchTemplateVersions } = await ec2.send(
        new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: [version] }),
      );
      const text = LaunchTemplateVersions?.[0]?.LaunchTemplateData?.UserData ?? '';
      return Buffer.from(text, 'base64').toString('utf8');
    },

    async policies() {
      const policies = await collect(
        paginateDescribePolicies({ client: scaling }, {}),
        (page) => page.ScalingPolicies,
      );
      return policies.flatMap(({ AutoScalingGroupName, Enabled, TargetTrackingConfiguration: tracking }) => {
        const kind = tracking?.PredefinedMetricSpecification?.PredefinedMetricType;
        if (kind !== 'ALBRequestCountPerTarget' || Enabled === false) return [];
        const { TargetValue, DisableScaleIn } = tracking!;
        return [{ group: AutoScalingGroupName!, target: TargetValue!, scaleIn: DisableScaleIn !== true }];
      });
    },

    setCapacity,

    async claimAddress(AllocationId, InstanceId) {
      await ec2.send(new AssociateAddressCommand({ AllocationId, InstanceId, AllowReassociation: true }));
      const { Addresses } = await ec2.send(new DescribeAddressesCommand({ AllocationIds: [AllocationId] }));
      return Addresses![0]!.PublicIp!;
    },

    async replace(instance, { name, desired }) {
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance] }));
      // Auto Scaling looks after its instances by itself; the emulator's does so whenever its group is told something.
      await setCapacity(name, desired);
    },
  };
}
