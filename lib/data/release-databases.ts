import { CustomResource, Duration } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { AssetCode } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { FailoverEnvironmentVariables } from '../../lambda/failover/environment';
import type { Settings } from '../settings';
import type { DatabaseNames } from './names';
import { nodeFunction } from './node-function';

export interface ReleaseDatabasesProps {
  readonly settings: Settings;
  /** The controller's program, environment and permissions. */
  readonly code: AssetCode;
  readonly environment: FailoverEnvironmentVariables;
  readonly role: IRole;
  readonly names: DatabaseNames;
}

/** For the controller's last round to end, and the records to be written. */
const TIMEOUT = Duration.minutes(3);

/** Two more tries of Lambda, should the function have died; then the deletion fails instead of waiting an hour. */
const GIVE_UP = Duration.minutes(10);

/**
 * Makes the deletion of the stack possible: CloudFormation deletes a record only as it has made it, and the controller
 * has changed records since, and added others. On deletion of this resource, before anything that it depends on goes,
 * the controller is told to end, and the records are put back. On creation and update nothing is done; nor when a stack
 * that goes on loses this resource (`failover.mode` is "off"): the names must not leave the primary then.
 *
 * A function of its own, of the controller's program: the controller's one place is nearly always taken, and a request
 * of CloudFormation could wait there until it is too old. It is outside the VPC, so that no network that is broken
 * keeps a stack from being deleted.
 */
export class ReleaseDatabases extends Construct {
  constructor(scope: Construct, id: string, props: ReleaseDatabasesProps) {
    super(scope, id);
    const { settings, code, environment, role, names } = props;
    const { functionArn } = nodeFunction(this, {
      settings,
      description: 'Gives records back to CloudFormation, when the stack is deleted',
      code,
      environment,
      timeout: TIMEOUT,
      role,
    });
    new CustomResource(this, 'Run', {
      resourceType: 'Custom::ReleaseDatabases',
      serviceToken: functionArn,
      serviceTimeout: GIVE_UP,
      properties: {
        // A deletion gets what was said last: these are the records that the stack has then.
        Records: names.records.map(({ name, target, among }) => ({
          Name: name,
          Target: target,
          ...(among && { SetIdentifier: among.setIdentifier, Weight: among.weight }),
        })),
      },
    });
  }
}
