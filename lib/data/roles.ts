import type { DatabaseInstance } from 'aws-cdk-lib/aws-rds';
import { DatabaseSecret } from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Settings } from '../settings';
import { acknowledgeSecret } from './rotation';

export interface RolesProps {
  readonly settings: Settings;
  readonly primary: DatabaseInstance;
}

/**
 * The roles that use the database, each with a secret of its own, so that nobody needs the master's. The secrets are
 * attached to the primary by its identifier, and passwords are replicated: they go on working after a failover.
 */
export class Roles extends Construct {
  readonly secrets: {
    /** Of the web servers, for inserts, updates and deletes. */
    readonly writer: ISecret;
    /** Of the web servers, for reads. */
    readonly reader: ISecret;
    /** Of the failover controller. */
    readonly controller: ISecret;
    /** Of the recovery of lost writes. */
    readonly recovery: ISecret;
  };

  constructor(scope: Construct, id: string, { settings, primary }: RolesProps) {
    super(scope, id);
    const secret = (construct: string, username: string): ISecret => {
      const created = new DatabaseSecret(this, construct, { username });
      acknowledgeSecret(created, settings);
      return created.attach(primary);
    };
    this.secrets = {
      writer: secret('Writer', 'app_writer'),
      reader: secret('Reader', 'app_reader'),
      controller: secret('Controller', 'controller'),
      recovery: secret('Recovery', 'recovery'),
    };
  }
}
