import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Databases } from './data/databases';
import { FailoverController } from './data/failover-controller';
import { DatabaseNames } from './data/names';
import { PrepareDatabase } from './data/prepare-database';
import { Recovery } from './data/recovery';
import { Roles } from './data/roles';
import { rotatePasswords } from './data/rotation';
import type { NetworkStack } from './network-stack';
import type { Settings } from './settings';
import { isWatched } from './stage';

export interface DataStackProps extends StackProps {
  readonly settings: Settings;
  readonly network: NetworkStack;
}

/**
 * Primary, replicas, their names, the roles that use them, the controller that replaces what fails, and the recovery of
 * what is lost with it.
 */
export class DataStack extends Stack {
  readonly databases: Databases;
  readonly names: DatabaseNames;
  readonly roles: Roles;
  readonly failover?: FailoverController;
  readonly recovery?: Recovery;

  constructor(scope: Construct, id: string, { settings, network, ...props }: DataStackProps) {
    super(scope, id, { ...props, description: `Databases of ${settings.name}` });
    const { vpc, securityGroups } = network;

    this.databases = new Databases(this, 'Databases', {
      settings,
      vpc,
      securityGroup: securityGroups.database!,
    });
    this.names = new DatabaseNames(this, 'Names', { settings, vpc, databases: this.databases });
    this.roles = new Roles(this, 'Roles', { settings, primary: this.databases.primary });
    const preparation = new PrepareDatabase(this, 'PrepareDatabase', {
      settings,
      vpc,
      securityGroup: securityGroups.preparation!,
      primary: this.databases.primary,
      secrets: this.roles.secrets,
      after: this.names,
    });
    if (isWatched(settings)) {
      this.failover = new FailoverController(this, 'Failover', {
        settings,
        vpc,
        securityGroups,
        databases: this.databases,
        names: this.names,
        secret: this.roles.secrets.controller,
        preparation,
      });
      this.recovery = new Recovery(this, 'Recovery', {
        settings,
        vpc,
        securityGroups,
        bucket: network.logBucket,
        failover: this.failover,
        secret: this.roles.secrets.recovery,
        preparation,
      });
    }
    rotatePasswords(this, { settings, vpc, network, databases: this.databases, roles: this.roles });
  }
}
