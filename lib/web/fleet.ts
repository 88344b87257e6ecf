import { type CfnElement, Duration, Lazy, Stack, Tags, Validations } from 'aws-cdk-lib';
import {
  AdditionalHealthCheckType,
  AutoScalingGroup,
  GroupMetrics,
  HealthChecks,
  InstanceRefreshStrategy,
  Signals,
  UpdatePolicy,
} from 'aws-cdk-lib/aws-autoscaling';
import {
  BlockDeviceVolume,
  EbsDeviceVolumeType,
  InstanceType,
  LaunchTemplate,
  LaunchTemplateHttpTokens,
  MachineImage,
  UserData,
} from 'aws-cdk-lib/aws-ec2';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import type { DataStack } from '../data-stack';
import type { NetworkStack } from '../network-stack';
import type { Settings } from '../settings';
import { bootAsset } from './boot-script';
import type { LoneServer } from './lone-server';
import { serverRole } from './server-role';
import { loneServerBoot, siteVariables } from './site-variables';
import { userData } from './user-data';

export interface FleetProps {
  readonly settings: Settings;
  readonly network: NetworkStack;
  readonly data?: DataStack;
  readonly artifact: Asset;
  /** Its volume and address, when the fleet is to be one server. */
  readonly loneServer?: LoneServer;
}

/** From launch to the first good answer, packages and a certificate and all; then a deployment has failed. */
const BOOT_TIMEOUT = Duration.minutes(30);
/** The same of a lone server, which may move its data: the longest that CloudFormation waits for (PauseTime). */
const LONE_BOOT_TIMEOUT = Duration.hours(1);
/** How long the state of a new lone server means nothing. Its boot says itself when it has failed. */
const LONE_GRACE = Duration.minutes(5);
/** Until a new server carries its share, for scaling and refresh. */
const WARMUP = Duration.minutes(2);

const ROOT_DEVICE = '/dev/xvda';
const ROOT_GIB = 8;

/** Latest Amazon Linux 2023, looked up by EC2 at each launch: synthesis asks nobody, and new servers are patched. */
const imageParameter = (architecture: string) =>
  `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${architecture}`;

/** The web servers: at every stage an Auto Scaling group, at the first two one of one. */
export class Fleet extends Construct {
  readonly group: AutoScalingGroup;
  /** One server with volume and address of its own, without a load balancer. */
  readonly isLone: boolean;
  /**
   * Of the group. Given, and not made by CloudFormation: the operations stack would otherwise read it from this one, and
   * could not be taken back once the group of the lone server is gone.
   */
  readonly groupName: string;

  constructor(scope: Construct, id: string, props: FleetProps) {
    super(scope, id);
    const { settings, network, loneServer } = props;
    this.isLone = loneServer !== undefined;
    this.groupName = `${settings.name}-${this.isLone ? 'lone-server' : 'web-servers'}`;

    const launchTemplate = this.launchTemplate(props);
    this.group = new AutoScalingGroup(this, 'Group', {
      autoScalingGroupName: this.groupName,
      vpc: network.vpc,
      launchTemplate,
      ...(loneServer ? oneServer(network) : manyServers(settings)),
      // A boot that fails, fails the deployment.
      signals: Signals.waitForMinCapacity({ timeout: loneServer ? LONE_BOOT_TIMEOUT : BOOT_TIMEOUT }),
      defaultInstanceWarmup: WARMUP,
      groupMetrics: [GroupMetrics.all()],
    });
    Tags.of(this.group).add('Name', `${settings.name}-web`);
    if (!loneServer) {
      Validations.of(this.group).acknowledge({
        id: 'Annotation::@aws-cdk/aws-autoscaling:signalsNotUsedByInstanceRefresh',
        reason: 'Signals are for the creation; a refresh goes by the health checks of the load balancer.',
      });
    }
    acknowledge(
      this.group,
      'autoscaling_multiple_az_check',
      loneServer
        ? 'It is one server, which stays beside its volume.'
        : 'Its subnets are in different zones; the rule looks for the zones alone.',
    );
    acknowledge(
      this.group,
      'autoscaling_mixed_instances_policy_multiple_instance_types_check',
      'The setting web.instanceType names one type, whose times and costs people know.',
    );
    acknowledge(
      this.group,
      'AS3',
      'Alarms tell when servers fail (lib/operations); a mail for every start and stop would be read by nobody.',
    );
  }

  private launchTemplate(props: FleetProps): LaunchTemplate {
    const { settings, network, data, artifact, loneServer } = props;
    const { web, site } = settings;
    const stack = Stack.of(this);
    const lone = loneServer && loneServerBoot(settings, loneServer, data, site.https);
    const script = bootAsset(this, lone?.database.kind);
    const template = new LaunchTemplate(this, 'LaunchTemplate', {
      machineImage: MachineImage.resolveSsmParameterAtLaunch(imageParameter(web.architecture)),
      instanceType: new InstanceType(web.instanceType),
      role: serverRole(this, { vpc: network.vpc, assets: [script.asset, artifact], data, loneServer }),
      securityGroup: network.securityGroups.web,
      associatePublicIpAddress: loneServer !== undefined,
      httpTokens: LaunchTemplateHttpTokens.REQUIRED,
      // Nothing on the server forwards packets, so that a token need not travel further.
      httpPutResponseHopLimit: 1,
      instanceMetadataTags: false,
      detailedMonitoring: true,
      ebsOptimized: true,
      blockDevices: [
        {
          deviceName: ROOT_DEVICE,
          volume: BlockDeviceVolume.ebs(ROOT_GIB, {
            volumeType: EbsDeviceVolumeType.GP3,
            encrypted: true,
            deleteOnTermination: true,
          }),
        },
      ],
      userData: UserData.custom(
        userData({
          name: settings.name,
          region: stack.region,
          script: { ...placeOf(script.asset), sha256: script.sha256 },
          artifact: placeOf(artifact),
          packages: web.packages,
          startCommand: web.startCommand,
          port: web.port,
          healthPath: web.healthPath,
          drainSeconds: web.drainSeconds,
          environment: { ...siteVariables(settings, data), ...web.environment },
          trustStore: data !== undefined,
          signal: {
            stack: stack.stackName,
            resource: Lazy.string({
              produce: () => stack.getLogicalId(this.group.node.defaultChild as CfnElement),
            }),
          },
          loneServer: lone,
        }),
      ),
    });
    if (loneServer) {
      acknowledge(
        template,
        ['CKV_AWS_88', 'ec2_launch_template_public_ip_disabled_check'],
        'The lone server is the site: it is reached at a public address.',
      );
    }
    return template;
  }
}

const placeOf = ({ s3BucketName: bucket, s3ObjectKey: key }: Asset) => ({ bucket, key });

const oneServer = (network: NetworkStack) => ({
  vpcSubnets: { subnets: [network.vpc.publicSubnets[0]!] },
  minCapacity: 1,
  maxCapacity: 1,
  healthChecks: HealthChecks.ec2({ gracePeriod: LONE_GRACE }),
  // Not by instance refresh, which knows no health but EC2's here: it would call a server that runs and does not serve a
  // success. The volume can be attached to one server only: the old one goes before the new one comes.
  updatePolicy: UpdatePolicy.rollingUpdate({
    maxBatchSize: 1,
    minInstancesInService: 0,
    waitOnResourceSignals: true,
    pauseTime: LONE_BOOT_TIMEOUT,
  }),
});

const manyServers = ({ web }: Settings) => ({
  vpcSubnets: { subnetGroupName: 'web' },
  minCapacity: web.minCapacity,
  maxCapacity: web.maxCapacity,
  healthChecks: HealthChecks.withAdditionalChecks({
    additionalTypes: [AdditionalHealthCheckType.ELB],
    // As long as a boot may take: it would be ended in a circle otherwise. One that fails says so itself.
    gracePeriod: BOOT_TIMEOUT,
  }),
  // A server goes only when its replacement serves.
  updatePolicy: UpdatePolicy.instanceRefresh({
    strategy: InstanceRefreshStrategy.ROLLING,
    minHealthyPercentage: 100,
    maxHealthyPercentage: 200,
    instanceWarmup: WARMUP,
    skipMatching: true,
  }),
});
