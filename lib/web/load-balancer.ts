import { Duration } from 'aws-cdk-lib';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  ListenerAction,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { acknowledge, PROTECTED_LAST } from '../acknowledge';
import { LOG_PREFIXES } from '../network/log-bucket';
import type { NetworkStack } from '../network-stack';
import type { Settings } from '../settings';
import type { Fleet } from './fleet';
import { domainOf } from './site-record';

export interface LoadBalancerProps {
  readonly settings: Settings;
  readonly network: NetworkStack;
  readonly hostedZone?: IHostedZone;
  readonly fleet: Fleet;
}

/** A server is asked every 10 s, and is out after two bad answers. */
const HEALTH_INTERVAL = Duration.seconds(10);
const HEALTH_TIMEOUT = Duration.seconds(5);
const ANSWERS_THAT_DECIDE = 2;

const PLAIN_HTTP = ['ELBV2_LISTENER_PROTOCOL_RULE', 'ELBV2_LISTENER_SSL_POLICY_RULE'];

/** The load balancer, its listeners and the group of servers behind it. */
export class LoadBalancer extends Construct {
  readonly resource: ApplicationLoadBalancer;
  readonly targetGroup: ApplicationTargetGroup;

  constructor(scope: Construct, id: string, { settings, network, hostedZone, fleet }: LoadBalancerProps) {
    super(scope, id);
    const { web, site } = settings;

    this.resource = new ApplicationLoadBalancer(this, 'Resource', {
      vpc: network.vpc,
      vpcSubnets: { subnetGroupName: 'public' },
      internetFacing: true,
      securityGroup: network.securityGroups.loadBalancer!,
      dropInvalidHeaderFields: true,
    });
    // Said nowhere, not even that it is off: it is turned on at the end of the deployment
    // (docs/decisions/0010-protection-last.md), and a later change of the others must not take it back.
    this.resource.removeAttribute('deletion_protection.enabled');
    this.resource.logAccessLogs(network.logBucket, LOG_PREFIXES.access);
    acknowledge(
      this.resource,
      'elbv2_logging_enabled_check',
      "It logs to the network stack's bucket, whose name the rule cannot read.",
    );
    acknowledge(
      this.resource,
      ['ELB_DELETION_PROTECTION_ENABLED', 'elbv2_deletion_protection_enabled_check'],
      PROTECTED_LAST,
    );

    this.targetGroup = new ApplicationTargetGroup(this, 'Targets', {
      vpc: network.vpc,
      port: web.port,
      protocol: ApplicationProtocol.HTTP,
      targets: [fleet.group],
      // As long as a server itself goes on with its requests after SIGTERM (DRAIN_SECONDS).
      deregistrationDelay: Duration.seconds(web.drainSeconds),
      healthCheck: {
        path: web.healthPath,
        interval: HEALTH_INTERVAL,
        timeout: HEALTH_TIMEOUT,
        healthyThresholdCount: ANSWERS_THAT_DECIDE,
        unhealthyThresholdCount: ANSWERS_THAT_DECIDE,
      },
    });

    // The security group already says who may come in (lib/network/security-groups.ts).
    const closed = { open: false };
    if (site.https) {
      const certificate = new Certificate(this, 'Certificate', {
        domainName: domainOf(settings)!,
        validation: CertificateValidation.fromDns(hostedZone),
      });
      this.resource.addListener('Https', {
        ...closed,
        port: 443,
        protocol: ApplicationProtocol.HTTPS,
        certificates: [certificate],
        sslPolicy: SslPolicy.TLS13_RES,
        defaultTargetGroups: [this.targetGroup],
      });
      const redirecting = this.resource.addListener('Http', {
        ...closed,
        port: 80,
        protocol: ApplicationProtocol.HTTP,
        defaultAction: ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
      });
      acknowledge(redirecting, PLAIN_HTTP, 'It only sends people to HTTPS.');
    } else {
      const plain = this.resource.addListener('Http', {
        ...closed,
        port: 80,
        protocol: ApplicationProtocol.HTTP,
        defaultTargetGroups: [this.targetGroup],
      });
      acknowledge(
        plain,
        [...PLAIN_HTTP, 'CKV_AWS_2', 'CKV_AWS_103', 'alb_http_to_https_redirection_check'],
        'The setting site.https is off.',
      );
    }

    // A group that cannot grow takes no such policy (EC2 Auto Scaling guide, "Target tracking scaling policies").
    if (web.maxCapacity > web.minCapacity) {
      fleet.group.scaleOnRequestCount('Requests', {
        targetRequestsPerMinute: web.requestsPerTargetPerMinute,
      });
    }
  }

  get dnsName(): string {
    return this.resource.loadBalancerDnsName;
  }
}
