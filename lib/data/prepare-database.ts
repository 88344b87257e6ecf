import { CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type CfnFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogLevel, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { DatabaseInstance } from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IDependable } from 'constructs';
import { join } from 'node:path';
import type { PrepareEnvironmentVariables } from '../../lambda/prepare-database/environment';
import { acknowledge } from '../acknowledge';
import { DATABASE_PORT } from '../network/security-groups';
import type { Settings } from '../settings';
import { writerNameOf } from './names';

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

const FOLDER = join(__dirname, '../..');

/**
 * Where Lambda's Node.js runtimes keep Amazon's certificate authorities, those of RDS among them; since Node.js 20
 * they are not trusted unless somebody reads them (Lambda developer guide, "CA certificate loading").
 */
const CA_FILE = '/var/runtime/ca-cert.pem';

/** For a new database's name to be known everywhere, the statements, and the answer. */
const TIMEOUT = Duration.minutes(5);

/** Two more tries of Lambda, should the function have died; then the deployment fails instead of waiting an hour. */
const GIVE_UP = Duration.minutes(20);

const NETWORK_POLICY = 'service-role/AWSLambdaVPCAccessExecutionRole';

/**
 * Makes the roles of the database with the passwords in their secrets, the heartbeat and the slot
 * (lambda/prepare-database), at each deployment that changes the function or what it is told.
 *
 * It runs in the web subnets. Without a NAT gateway it still reaches S3, where CloudFormation awaits its answer, by the
 * VPC's gateway endpoint; for Secrets Manager the network stack then has an interface endpoint.
 */
export class PrepareDatabase extends Construct {
  readonly function: NodejsFunction;
  /** What uses the roles depends on it. */
  readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: PrepareDatabaseProps) {
    super(scope, id);
    const { settings, primary, secrets, after } = props;
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
    this.function = this.makeFunction(props, environment);
    for (const secret of [primary.secret!, ...Object.values(secrets)]) secret.grantRead(this.function);

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

  private makeFunction(
    { settings, vpc, securityGroup }: PrepareDatabaseProps,
    environment: PrepareEnvironmentVariables,
  ): NodejsFunction {
    const logGroup = new LogGroup(this, 'Log', {
      retention: settings.logs.days,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new NodejsFunction(this, 'Function', {
      description: 'Makes the roles of the database, at deployments',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      entry: join(FOLDER, 'lambda/prepare-database/handler.ts'),
      projectRoot: FOLDER,
      depsLockFilePath: join(FOLDER, 'package-lock.json'),
      bundling: {
        // The SDK of the tests, not the one that Lambda has that day.
        bundleAwsSDK: true,
        minify: true,
        logLevel: LogLevel.WARNING,
        sourceMap: false,
        format: OutputFormat.CJS,
        // The SDK's ES modules: of these only what is used is bundled.
        mainFields: ['module', 'main'],
        // pg asks for it and does without.
        externalModules: ['pg-native'],
        target: 'node24',
      },
      environment: { ...environment },
      memorySize: 256,
      timeout: TIMEOUT,
      // Two at once would only wait for each other.
      reservedConcurrentExecutions: 1,
      vpc,
      vpcSubnets: { subnetGroupName: 'web' },
      securityGroups: [securityGroup],
      role: this.makeRole(),
      logGroup,
    });
  }

  private makeRole(): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName(NETWORK_POLICY)],
    });
    acknowledge(
      role,
      `IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${NETWORK_POLICY}]`,
      'The policy that AWS makes and keeps for functions in a VPC: network interfaces and logs.',
    );
    return role;
  }

  /** The key of the bundle in the bucket of assets: it is named after what is in it. */
  private codeKey(): string {
    const { code } = this.function.node.defaultChild as CfnFunction;
    return (Stack.of(this).resolve(code) as CfnFunction.CodeProperty).s3Key!;
  }
}
