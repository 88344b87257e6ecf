import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { HostedZone, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import type { DataStack } from './data-stack';
import type { NetworkStack } from './network-stack';
import type { Settings } from './settings';
import { partsOf } from './stage';
import { Doors } from './web/doors';
import { Fleet } from './web/fleet';
import { LoadBalancer } from './web/load-balancer';
import { LoneServer } from './web/lone-server';
import { siteArtifact } from './web/site-artifact';
import { domainOf, siteRecord } from './web/site-record';
import { Succession } from './web/succession';
import type { ZoneStack } from './zone-stack';

export interface WebStackProps extends StackProps {
  readonly settings: Settings;
  /** What `web.artifact` is relative to. */
  readonly folder: string;
  readonly network: NetworkStack;
  readonly data?: DataStack;
  readonly zone?: ZoneStack;
}

/** The web servers, what stands before them, and the name that users know. */
export class WebStack extends Stack {
  readonly fleet: Fleet;
  readonly loadBalancer?: LoadBalancer;

  constructor(scope: Construct, id: string, props: WebStackProps) {
    const { settings, folder, network, data, zone, ...rest } = props;
    super(scope, id, { ...rest, description: `Web servers of ${settings.name}` });
    const parts = partsOf(settings.stage);
    const hostedZone = zone?.hostedZone ?? this.importZone(settings);

    const loneServer =
      parts.loneServer || settings.server.keepVolume
        ? new LoneServer(this, 'LoneServer', { settings, zoneName: network.availabilityZones[0]! })
        : undefined;
    const artifact = siteArtifact(this, settings, folder);
    // Two groups, and not one that changes: the lone server serves until the others do.
    this.fleet = parts.loneServer
      ? new Fleet(this, 'LoneFleet', { settings, network, data, artifact, loneServer })
      : new Fleet(this, 'Fleet', { settings, network, data, artifact });
    const { fleet } = this;
    if (parts.loadBalancer) {
      this.loadBalancer = new LoadBalancer(this, 'LoadBalancer', { settings, network, hostedZone, fleet });
    }

    const record =
      hostedZone &&
      siteRecord(this, settings, hostedZone, this.loadBalancer?.resource ?? loneServer!.address!);
    if (this.loadBalancer) {
      const { loadBalancer } = this;
      const succession = new Succession(this, 'Succession', { settings, loadBalancer, fleet });
      record?.node.addDependency(succession.healthyTargets);
      if (record) succession.movedName(record);
    } else {
      const doors = new Doors(this, 'Doors', { settings, network });
      // Last of all: once the server has moved the data into RDS, there is no way back to the former one.
      fleet.group.node.addDependency(doors, loneServer!, ...(record ? [record] : []));
    }

    const scheme = settings.site.https ? 'https' : 'http';
    const address = this.loadBalancer?.dnsName ?? loneServer!.address!.attrPublicIp;
    new CfnOutput(this, 'SiteUrl', { value: `${scheme}://${domainOf(settings) ?? address}` });
    new CfnOutput(this, 'Stage', { value: settings.stage });
  }

  private importZone({ site: { zoneName, hostedZoneId } }: Settings): IHostedZone | undefined {
    if (!zoneName || !hostedZoneId) return undefined;
    return HostedZone.fromHostedZoneAttributes(this, 'Zone', { zoneName, hostedZoneId });
  }
}
