import { CfnOutput, Fn, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { type IHostedZone, PublicHostedZone } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';

export interface ZoneStackProps extends StackProps {
  /** The domain, e.g. `mysite.com`. */
  readonly zoneName: string;
}

/**
 * A new public hosted zone. A stack of its own, because a certificate can be issued only after the registrar
 * delegates the domain to this zone's name servers: deploy it first, delegate, then deploy the rest.
 */
export class ZoneStack extends Stack {
  readonly hostedZone: IHostedZone;

  constructor(scope: Construct, id: string, { zoneName, ...props }: ZoneStackProps) {
    super(scope, id, { ...props, description: `Public hosted zone of ${zoneName}` });
    const zone = new PublicHostedZone(this, 'Zone', { zoneName });
    // A new zone would get other name servers, and the registrar would go on naming the old ones.
    zone.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    this.hostedZone = zone;

    new CfnOutput(this, 'NameServers', {
      description: `Set these name servers for ${zoneName} at its registrar`,
      value: Fn.join(', ', zone.hostedZoneNameServers!),
    });
  }
}
