import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { DatabaseInstance } from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IDependable } from 'constructs';
import type { PrepareEnvironmentVariables } from '../../lambda/prepare-database/environment';
import { DATABASE_PORT } from '../network/security-groups';
import type { Settings } from '../settings';
import { writerNameOf } from './names';
import { bundle, CA_FILE, functionRole, nodeFunction } from './node-function';

export interface PrepareDatabaseProps {
  readonly settings: Settings;
  readonly vpc: IVpc;
  /** Of the function: may reach the database, Secrets Manager and S3. */
  readonly securityGroup: ISecurityGroup;
  readonly primary: DatabaseInstance;
  /** Secrets of the roles that are made, attached to the primary. */
  readonly secrets: {
    readonly writer: ISecret;
    readonly reader: ISecret;
    readonly controller: ISecret;
    readonly recovery: ISecret;
  };
  /** What must be there first: the writer's name. */
  readonly after: IDependable;
}

/** For a new database's name to be known everywhere, the statements, and the answer. */
const TIMEOUT = Duration.minutes(5);

/** Two more tries of Lambda, should the function have died; then the deployment fails instead of waiting an hour. */
const GIVE_UP = Duration.minutes(20);

/**
 * Makes the roles of the database with the passwords in their secrets, the heartbeat and the slot
 * (lambda/prepare-database), at each deployment that changes the function or what it is told.
 *
 * It runs in the web subnets. Without a NAT gateway it still reaches S3, where CloudFormation awaits its answer, by the
 * VPC's gateway endpoint; for Secrets Manager the network stack then has an interface endpoint.
 */
export class PrepareDatabase extends Construct {
  readonly function: LambdaFunction;
  /** What uses the roles depends on it. */
  readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: PrepareDatabaseProps) {
    super(scope, id);
    const { settings, vpc, securityGroup, primary, secrets, after } = props;
    const environment: PrepareEnvironmentVariables = {
      DATABASE_HOST: writerNameOf(settings),
      DATABASE_PORT: String(DATABASE_PORT),
      DATABASE_NAME: settings.database.databaseName,
      DATABASE_CA_FILE: CA_FILE,
      MASTER_SECRET_ARN: primary.secret!.secretArn,
      APP_WRITER_SECRET_ARN: secrets.writer.secretArn,
      APP_READER_SECRET_ARN: secrets.reader.secretArn,
      CONTROLLER_SECRET_ARN: secrets.controller.secretArn,
      RECOVERY_SECRET_ARN: secrets.recovery.secretArn,
    };
    this.function = nodeFunction(this, {
      settings,
      description: 'Makes the roles of the database, at deployments',
      code: bundle('prepare-database'),
      environment,
      timeout: TIMEOUT,
      vpc,
      vpcSubnets: { subnetGroupName: 'web' },
      securityGroups: [securityGroup],
      role: functionRole(this),
    });
    this.function.addToRolePolicy(
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [primary.secret!, ...Object.values(secrets)].map(({ secretArn }) => secretArn),
      }),
    );

    this.resource = new CustomResource(this, 'Run', {
      resourceType: 'Custom::PrepareDatabase',
      serviceToken: this.function.functionArn,
      serviceTimeout: GIVE_UP,
      // The function looks at none of these: what differs makes CloudFormation run it again.
      properties: {
        ...environment,
        code: this.codeKey(),
        instance: primary.instanceResourceId,
      },
    });
    this.resource.node.addDependency(primary, after, this.function, ...Object.values(secrets));
  }

  /** The key of the bundle in the bucket of assets: it is named after what is in it. */
  private codeKey(): string {
    const { code } = this.function.node.defaultChild as CfnFunction;
    return (Stack.of(this).resolve(code) as CfnFunction.CodeProperty).s3Key!;
  }
}
