import { type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import type { Settings } from '../settings';
import { partsOf } from '../stage';

/** What PostgreSQL listens on, in RDS too. */
export const DATABASE_PORT = 5432;

/** What the rules of the Guard registry say of a group that may speak to any address. */
const TO_THE_WORLD = 'EC2_SECURITY_GROUP_EGRESS_OPEN_TO_WORLD_RULE';

/** What scanners say of whatever lets the world in. */
export const PUBLIC_DOOR = [
  'EC23',
  'EC2_SECURITY_GROUP_INGRESS_OPEN_TO_WORLD_RULE',
  'SECURITY_GROUP_INGRESS_CIDR_NON_32_RULE',
];

/** What the Guard registry says of one that may speak to nobody, and why it stands. */
export const NOTHING_OUT = 'SECURITY_GROUP_EGRESS_PORT_RANGE_RULE';
export const NOTHING_OUT_REASON =
  'It may send nothing: EC2 allows everything unless there is a rule, so that the CDK writes one for an address that is nobody.';

export interface SecurityGroupsProps {
  readonly settings: Settings;
  readonly vpc: IVpc;
}

/**
 * Who may speak to whom: the world → load balancer → web servers → database, each link one port. With a lone
 * server the world speaks to that. They stand together, as each names its neighbour.
 */
export class SecurityGroups extends Construct {
  readonly web: SecurityGroup;
  readonly loadBalancer?: SecurityGroup;
  readonly database?: SecurityGroup;
  /** Of the functions that change passwords. */
  readonly rotation?: SecurityGroup;
  /** Of the function that makes the roles. */
  readonly preparation?: SecurityGroup;
  /** Of the failover controller. */
  readonly controller?: SecurityGroup;
  /** Of an old primary, instead of `database`: no client passes. */
  readonly quarantine?: SecurityGroup;
  /** Of the recovery of lost writes, which reads an old primary. */
  readonly recovery?: SecurityGroup;

  constructor(scope: Construct, id: string, { settings, vpc }: SecurityGroupsProps) {
    super(scope, id);
    const parts = partsOf(settings.stage);

    this.web = new SecurityGroup(this, 'Web', {
      vpc,
      description: 'Web servers',
      // Servers fetch packages, secrets and their artifact, and a site calls services of its own.
      allowAllOutbound: true,
    });
    acknowledge(
      this.web,
      [TO_THE_WORLD, 'SECURITY_GROUP_EGRESS_ALL_PROTOCOLS_RULE'],
      'A site calls services of its own, at addresses that only it knows.',
    );
    // The world's way to a lone server is in the web stack, and goes with it (lib/web/doors.ts).
    if (parts.loadBalancer) {
      this.loadBalancer = new SecurityGroup(this, 'LoadBalancer', {
        vpc,
        description: 'Load balancer',
        allowAllOutbound: false,
      });
      acknowledge(
        this.loadBalancer,
        'SECURITY_GROUP_MISSING_EGRESS_RULE',
        'It has one, to the web servers; the CDK writes it as a resource of its own.',
      );
      openToTheWorld(this.loadBalancer, settings);
      const port = Port.tcp(settings.web.port);
      this.loadBalancer.addEgressRule(this.web, port, 'Requests and health checks');
      this.web.addIngressRule(this.loadBalancer, port, 'Requests and health checks');
    }

    if (parts.database) {
      const port = Port.tcp(DATABASE_PORT);
      this.database = new SecurityGroup(this, 'Database', {
        vpc,
        description: 'Primary and replicas',
        allowAllOutbound: false,
      });
      acknowledge(this.database, NOTHING_OUT, NOTHING_OUT_REASON);
      this.database.addIngressRule(this.web, port, 'Web servers');
      // It also speaks to Secrets Manager, and to S3 by the gateway endpoint, where CloudFormation awaits its answer.
      this.preparation = this.ofFunction('Preparation', 'Makes the roles', vpc, [this.database]);
      // These groups are there also without rotation, and with failover.mode "off": this stack is deployed before the one
      // whose functions, and whose old primary, are in them, and could not delete them.
      this.rotation = this.ofFunction('Rotation', 'Password rotation', vpc, [this.database]);
      if (parts.replicas) {
        this.quarantine = new SecurityGroup(this, 'Quarantine', {
          vpc,
          description: 'Old primary that no client may reach',
          allowAllOutbound: false,
        });
        acknowledge(this.quarantine, NOTHING_OUT, NOTHING_OUT_REASON);
        // The quarantine admits these two, and nobody else ever.
        const both = [this.database, this.quarantine];
        this.controller = this.ofFunction('Controller', 'Failover controller', vpc, both);
        this.recovery = this.ofFunction('Recovery', 'Recovery of lost writes', vpc, both);
      }
    }
  }

  /**
   * A group for a function: out to `databases`, and by HTTPS to AWS's APIs, which have no addresses of their own in the
   * VPC. Names are answered all the same: groups do not filter the VPC's resolver (VPC guide, "Security groups").
   */
  private ofFunction(
    id: string,
    description: string,
    vpc: IVpc,
    databases: readonly SecurityGroup[],
  ): SecurityGroup {
    const group = new SecurityGroup(this, id, { vpc, description, allowAllOutbound: false });
    group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), "AWS's APIs");
    acknowledge(group, TO_THE_WORLD, "AWS's APIs have no addresses in the VPC; it is HTTPS only.");
    for (const database of databases) {
      group.addEgressRule(database, Port.tcp(DATABASE_PORT), description);
      database.addIngressRule(group, Port.tcp(DATABASE_PORT), description);
    }
    return group;
  }
}

function openToTheWorld(group: SecurityGroup, { site }: Settings): void {
  // Port 80 answers with a redirect.
  group.addIngressRule(Peer.anyIpv4(), Port.tcp(80), 'HTTP');
  if (site.https) group.addIngressRule(Peer.anyIpv4(), Port.tcp(443), 'HTTPS');
  acknowledge(
    group,
    [...PUBLIC_DOOR, 'CKV_AWS_260'],
    'It is the public door of a public web site, on ports 80 and 443 only.',
  );
}
