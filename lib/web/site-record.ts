import { Duration } from 'aws-cdk-lib';
import type { CfnEIP } from 'aws-cdk-lib/aws-ec2';
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ARecord, type IHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import type { Settings } from '../settings';
import { TakenOverRecord } from './taken-over-record';

/** The name of the site, e.g. `api.mysite.com`; undefined without a domain. */
export function domainOf({ site }: Settings): string | undefined {
  if (!site.zoneName) return undefined;
  return site.recordName ? `${site.recordName}.${site.zoneName}` : site.zoneName;
}

/** How long the world may go on with an old address of the lone server. */
export const TTL = Duration.minutes(1);

/**
 * The site's name: one record at every stage, which changes in place from the lone server's address to an alias of
 * the load balancer.
 */
export function siteRecord(
  scope: Construct,
  settings: Settings,
  zone: IHostedZone,
  target: ApplicationLoadBalancer | CfnEIP,
): Construct {
  if (settings.site.takeOverRecord) {
    return new TakenOverRecord(scope, 'TakenOverRecord', {
      settings,
      zone,
      name: domainOf(settings)!,
      target:
        target instanceof ApplicationLoadBalancer
          ? {
              Alias: {
                DNSName: `dualstack.${target.loadBalancerDnsName}`,
                HostedZoneId: target.loadBalancerCanonicalHostedZoneId,
              },
            }
          : { Address: { Value: target.attrPublicIp, Seconds: String(TTL.toSeconds()) } },
    });
  }
  return new ARecord(scope, 'SiteRecord', {
    zone,
    recordName: settings.site.recordName || undefined,
    ...(target instanceof ApplicationLoadBalancer
      ? { target: RecordTarget.fromAlias(new LoadBalancerTarget(target)) }
      : { target: RecordTarget.fromIpAddresses(target.attrPublicIp), ttl: TTL }),
  });
}
