import { RemovalPolicy, Size, Tags } from 'aws-cdk-lib';
import { CfnLifecyclePolicy } from 'aws-cdk-lib/aws-dlm';
import { CfnEIP, EbsDeviceVolumeType, Volume } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge, policyOf } from '../acknowledge';
import type { Settings } from '../settings';
import { partsOf } from '../stage';

export interface LoneServerProps {
  readonly settings: Settings;
  /** The availability zone of the volume, and so of the server. */
  readonly zoneName: string;
}

/** Marks the volume for the daily snapshots. */
const SNAPSHOT_TAG = 'scale-from-zero:snapshots';

/**
 * What outlives the one server of the first two stages: its data volume, the snapshots of it and its address. The
 * server itself is a fleet of one, which takes both when it boots (lib/web/boot.sh).
 */
export class LoneServer extends Construct {
  readonly volume: Volume;
  /** Absent once a load balancer stands before the servers. */
  readonly address?: CfnEIP;

  constructor(scope: Construct, id: string, { settings, zoneName }: LoneServerProps) {
    super(scope, id);
    const { name, server } = settings;

    this.volume = new Volume(this, 'Volume', {
      availabilityZone: zoneName,
      size: Size.gibibytes(server.volumeGiB),
      volumeType: EbsDeviceVolumeType.GP3,
      encrypted: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    acknowledge(
      this.volume,
      'EBS_VOLUME_ENCRYPTION_KEY_RULE',
      'It is encrypted by the key that EBS keeps for the account: one of its own would have to outlive the volume too.',
    );
    Tags.of(this.volume).add('Name', `${name}-server-data`);
    Tags.of(this.volume).add(SNAPSHOT_TAG, name);

    if (partsOf(settings.stage).loneServer) {
      this.address = new CfnEIP(this, 'Address', {
        domain: 'vpc',
        tags: [{ key: 'Name', value: `${name}-server` }],
      });
      this.snapshotDaily(settings);
    }
  }

  private snapshotDaily({ name, server }: Settings): void {
    const role = new Role(this, 'SnapshotRole', { assumedBy: new ServicePrincipal('dlm.amazonaws.com') });
    const snapshots = this.volume.stack.formatArn({
      service: 'ec2',
      region: '*',
      account: '',
      resource: 'snapshot',
      resourceName: '*',
    });
    // EBS guide, "Service role for Amazon Data Lifecycle Manager", reduced to snapshots of volumes.
    role.addToPolicy(
      new PolicyStatement({
        actions: ['ec2:DescribeVolumes', 'ec2:DescribeSnapshots', 'ec2:DescribeInstances'],
        resources: ['*'],
      }),
    );
    const ofVolume = { ArnEquals: { 'ec2:ParentVolume': this.volumeArn() } };
    for (const { actions, resource, conditions } of [
      { actions: ['ec2:CreateSnapshot'], resource: this.volumeArn() },
      { actions: ['ec2:CreateSnapshot', 'ec2:DeleteSnapshot'], resource: snapshots, conditions: ofVolume },
      { actions: ['ec2:CreateTags'], resource: snapshots },
    ]) {
      role.addToPolicy(new PolicyStatement({ actions, resources: [resource], conditions }));
    }
    acknowledge(
      policyOf(role),
      ['IAM5[Resource::*]', 'IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE'],
      'EC2 has no permissions for single resources in Describe calls.',
    );
    acknowledge(
      role,
      `IAM5[Resource::${snapshots}]`,
      'A snapshot has its name only once it is made; the volume it is made of is this one.',
    );

    new CfnLifecyclePolicy(this, 'Snapshots', {
      description: `Daily snapshots of the data of ${name}`,
      state: 'ENABLED',
      executionRoleArn: role.roleArn,
      policyDetails: {
        resourceTypes: ['VOLUME'],
        targetTags: [{ key: SNAPSHOT_TAG, value: name }],
        schedules: [
          {
            name: 'daily',
            createRule: { interval: 24, intervalUnit: 'HOURS', times: ['03:00'] },
            retainRule: { interval: server.snapshotDays, intervalUnit: 'DAYS' },
            copyTags: true,
          },
        ],
      },
    });
  }

  private volumeArn(): string {
    return this.volume.stack.formatArn({
      service: 'ec2',
      resource: 'volume',
      resourceName: this.volume.volumeId,
    });
  }
}
