import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Databases } from './data/databases';
import { DatabaseNames } from './data/names';
import { PrepareDatabase } from './data/prepare-database';
import { Roles } from './data/roles';
import { rotatePasswords } from './data/rotation';
import type { NetworkStack } from './network-stack';
import type { Settings } from './settings';

export interface DataStackProps extends StackProps {
  readonly settings: Settings;
  readonly network: NetworkStack;
}

/**
 * Primary, replicas, their names, and the roles that use them.
 *
 * Still to come, each in a place of its own beside these: the failover controller (`lambda/failover`), recovery
 * (`lambda/recovery`).
 */
export class DataStack extends Stack {
  readonly databases: Databases;
  readonly names: DatabaseNames;
  readonly roles: Roles;

  constructor(scope: Construct, id: string, { settings, network, ...props }: DataStackProps) {
    super(scope, id, { ...props, description: `Databases of ${settings.name}` });
    const { vpc, securityGroups } = network;

    this.databases = new Databases(this, 'Databases', {
      settings,
      vpc,
      securityGroup: securityGroups.database!,
    });
    this.names = new DatabaseNames(this, 'Names', { settings, vpc, databases: this.databases });
    this.roles = new Roles(this, 'Roles', { primary: this.databases.primary });
    new PrepareDatabase(this, 'PrepareDatabase', {
      settings,
      vpc,
      securityGroup: securityGroups.preparation!,
      primary: this.databases.primary,
      secrets: this.roles.secrets,
      after: this.names,
    });
    rotatePasswords(this, { settings, vpc, network, databases: this.databases, roles: this.roles });
  }
}
