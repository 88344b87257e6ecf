import { Fn, Stack, type StackProps } from 'aws-cdk-lib';
import type { Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { logBucket } from './network/log-bucket';
import { SecurityGroups } from './network/security-groups';
import { reachSecrets } from './network/secrets-endpoint';
import { vpc } from './network/vpc';
import type { Settings } from './settings';

export interface NetworkStackProps extends StackProps {
  readonly settings: Settings;
}

/** The network of every stage: the same subnets in each, the chain of security groups, and the bucket for logs. */
export class NetworkStack extends Stack {
  readonly vpc: Vpc;
  readonly securityGroups: SecurityGroups;
  readonly logBucket: Bucket;
  private readonly zoneNames: readonly string[];

  constructor(scope: Construct, id: string, { settings, ...props }: NetworkStackProps) {
    super(scope, id, { ...props, description: `Network of ${settings.name}` });
    const { zones, zoneNames } = settings.network;
    this.zoneNames = zoneNames ?? Array.from({ length: zones }, (_, zone) => Fn.select(zone, Fn.getAzs()));

    this.logBucket = logBucket(this, settings);
    this.vpc = vpc(this, settings, this.logBucket);
    this.securityGroups = new SecurityGroups(this, 'SecurityGroups', { settings, vpc: this.vpc });
    const { web, preparation, rotation } = this.securityGroups;
    if (preparation && settings.network.natGateways === 0) {
      reachSecrets(this.vpc, [web, preparation, rotation!]);
    }
  }

  /** Taken from the settings or the account at deployment: asking the account during synthesis needs credentials. */
  override get availabilityZones(): string[] {
    return [...this.zoneNames];
  }
}
