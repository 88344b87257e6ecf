import { join } from 'node:path';
import { AssetHashType, DockerImage, type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IRole, ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type AssetCode,
  Code,
  Function as LambdaFunction,
  type FunctionProps,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { type BuildOptions, buildSync } from 'esbuild';
import { acknowledge } from '../acknowledge';
import { acknowledgeLogGroup } from '../acknowledge-log-group';
import type { Settings } from '../settings';

const FOLDER = join(__dirname, '../..');

/**
 * Where Lambda's Node.js runtimes keep Amazon's certificate authorities, those of RDS among them; since Node.js 20
 * they are not trusted unless somebody reads them (Lambda developer guide, "CA certificate loading").
 */
export const CA_FILE = '/var/runtime/ca-cert.pem';

/** What AWS makes and keeps for functions: logs, and in a VPC network interfaces. */
const POLICIES = {
  inVpc: 'service-role/AWSLambdaVPCAccessExecutionRole',
  outside: 'service-role/AWSLambdaBasicExecutionRole',
};

/** How esbuild makes `lambda/<name>/handler.ts` one file. */
export const bundling = (name: string, outfile: string): BuildOptions => ({
  absWorkingDir: FOLDER,
  entryPoints: [`lambda/${name}/handler.ts`],
  outfile,
  // The SDK too: that of the tests, not the one that Lambda has that day.
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  // The SDK's ES modules: of these only what is used is bundled.
  mainFields: ['module', 'main'],
  // pg asks for it and does without.
  external: ['pg-native'],
  logLevel: 'warning',
});

/**
 * `lambda/<name>/handler.ts` and all that it needs as one file, `index.js`. It is bundled in this process: a process for
 * each bundle, with a shell around it, would take longer than the bundling. The hash is of what comes out, so that the
 * same sources are the same asset wherever the checkout lies.
 *
 * @param name folder below lambda/
 * @throws when the sources do not compile; esbuild's message says where
 */
export function bundle(name: string): AssetCode {
  return Code.fromAsset(join(FOLDER, 'lambda', name), {
    bundling: {
      local: {
        tryBundle: (output) => {
          buildSync(bundling(name, join(output, 'index.js')));
          return true;
        },
      },
      // Never used, as the bundling above always succeeds or throws; the property is mandatory.
      image: DockerImage.fromRegistry('scratch'),
    },
    assetHashType: AssetHashType.OUTPUT,
  });
}

type Given =
  | 'description'
  | 'functionName'
  | 'ephemeralStorageSize'
  | 'reservedConcurrentExecutions'
  | 'vpc'
  | 'vpcSubnets'
  | 'securityGroups'
  | 'role';

export interface NodeFunctionProps extends Pick<FunctionProps, Given> {
  readonly settings: Settings;
  readonly code: AssetCode;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  readonly role: IRole;
  /** In megabytes. @default 256 */
  readonly memorySize?: number;
}

/** A function of this repository, with a log group as the settings have it: constructs `Log` and `Function`. */
export function nodeFunction(
  scope: Construct,
  { settings, environment, memorySize = 256, ...props }: NodeFunctionProps,
): LambdaFunction {
  const logGroup = new LogGroup(scope, 'Log', {
    retention: settings.logs.days,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  acknowledgeLogGroup(logGroup, settings);
  const created = new LambdaFunction(scope, 'Function', {
    ...props,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    environment: { ...environment },
    memorySize,
    logGroup,
  });
  acknowledge(
    created,
    ['CKV_AWS_116', 'LAMBDA_DLQ_CHECK'],
    'What fails reaches a destination of its own, or CloudFormation, which waits for the answer.',
  );
  if (Object.keys(environment).length > 0) {
    acknowledge(
      created,
      'CKV_AWS_173',
      'Its variables are names and numbers; passwords are read from Secrets Manager.',
    );
  }
  if (props.vpc) {
    acknowledge(
      created,
      'lambda_inside_vpc_check',
      "Its subnets are the network stack's, whose names the rule cannot read.",
    );
  } else {
    acknowledge(
      created,
      ['CKV_AWS_117', 'LAMBDA_INSIDE_VPC', 'lambda_inside_vpc_check'],
      "It calls AWS's public endpoints only, and must not depend on a network that may be broken.",
    );
  }
  if (props.reservedConcurrentExecutions === undefined) {
    acknowledge(
      created,
      ['CKV_AWS_115', 'LAMBDA_CONCURRENCY_CHECK'],
      'A new account has 10 executions, none of which may be reserved; leases and locks keep two runs apart.',
    );
  }
  return created;
}

/**
 * What a function reserves of the account's concurrent executions. Not by default: Lambda leaves at least 100 to the
 * functions that reserve none, so a new account, which has 10, can reserve nothing (Lambda developer guide, "Configuring
 * reserved concurrency for a function" and "Lambda quotas").
 */
export const reservedConcurrency = ({ failover }: Settings): number | undefined =>
  failover.reserveConcurrency ? 1 : undefined;

/** A role for a function: construct `Role`. */
export function functionRole(scope: Construct, where: keyof typeof POLICIES = 'inVpc'): Role {
  const policy = POLICIES[where];
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName(policy)],
  });
  acknowledge(
    role,
    `IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${policy}]`,
    'The policy that AWS makes and keeps for functions: logs, and in a VPC network interfaces.',
  );
  return role;
}
