import { type CfnElement, CfnOutput, Duration, Size, Stack } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Policy, PolicyStatement, type PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { RecoveryEnvironmentVariables } from '../../lambda/recovery/environment';
import { acknowledge } from '../acknowledge';
import type { SecurityGroups } from '../network/security-groups';
import type { Settings } from '../settings';
import type { FailoverController } from './failover-controller';
import { bundle, CA_FILE, functionRole, nodeFunction, reservedConcurrency } from './node-function';
import type { PrepareDatabase } from './prepare-database';

export interface RecoveryProps {
  readonly settings: Settings;
  readonly vpc: IVpc;
  readonly securityGroups: SecurityGroups;
  /** Where plans and reports are kept. */
  readonly bucket: IBucket;
  /** Its journal has the forks; its topic tells people. */
  readonly failover: FailoverController;
  /** Of the role recovery. */
  readonly secret: ISecret;
  /** Makes that role. */
  readonly preparation: PrepareDatabase;
}

/** The longest that Lambda allows. What is not done by then goes on at the next start. */
const TIMEOUT = Duration.minutes(15);

/** A start waits for the one before it, which may just have begun. */
const MAXIMUM_AGE = Duration.minutes(20);

/** Keys of the lost changes are held in memory; and from 1,769 MB on a function has a whole processor. */
const MEMORY_MB = 2_048;

/** For the plan file, on its way to the bucket. */
const STORAGE = Size.gibibytes(4);

/** Below this prefix it reads and writes the bucket, and nowhere else. */
const PREFIX = 'recovery/';

/**
 * Puts back what an old primary had committed and no replica had received (lambda/recovery). People start it, by
 * `npm run recover`; it is alone with its role in that the quarantine admits it.
 */
export class Recovery extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: RecoveryProps) {
    super(scope, id);
    const { settings, vpc, securityGroups, bucket, failover, secret, preparation } = props;
    const environment: RecoveryEnvironmentVariables = {
      GROUP_NAME: settings.name,
      DATABASE_NAME: settings.database.databaseName,
      DATABASE_CA_FILE: CA_FILE,
      RECOVERY_SECRET_ARN: secret.secretArn,
      JOURNAL_TABLE: failover.journal.tableName,
      REPORT_BUCKET: bucket.bucketName,
      TOPIC_ARN: failover.topic.topicArn,
    };
    const role = functionRole(this);
    const allowed = permissions(this, props);
    allowed.attachToRole(role);

    this.function = nodeFunction(this, {
      settings,
      // People find it, and the trial tells it from the controller.
      functionName: `${settings.name}-recovery`,
      description: 'Puts back writes that a failover has lost; started by npm run recover',
      code: bundle('recovery'),
      environment,
      timeout: TIMEOUT,
      memorySize: MEMORY_MB,
      ephemeralStorageSize: STORAGE,
      // For room alone: what keeps two from the same rows is a lock in the database, as people may also run it beside
      // this function.
      reservedConcurrentExecutions: reservedConcurrency(settings),
      vpc,
      vpcSubnets: { subnetGroupName: 'web' },
      securityGroups: [securityGroups.recovery!],
      role,
    });
    // What has failed is told in the journal, and begun again by people. The queue gets what died without a word.
    this.function.configureAsyncInvoke({
      retryAttempts: 0,
      maxEventAge: MAXIMUM_AGE,
      onFailure: new SqsDestination(failover.undelivered),
    });
    this.function.node.addDependency(preparation.resource, allowed);

    // What `npm run recover` asks the stack for.
    const stack = Stack.of(this);
    new CfnOutput(stack, 'RecoveryFunction', { value: this.function.functionName });
    new CfnOutput(stack, 'RecoveryBucket', { value: bucket.bucketName });
  }
}

/** It changes nothing of AWS's but its own files, its own runs, and the word that recovery is done. */
function permissions(scope: Construct, { bucket, failover, secret }: RecoveryProps): Policy {
  const journal = failover.journal.tableArn;
  /** By the table's partition key (DynamoDB guide, "Using IAM policy conditions for fine-grained access control"). */
  const ofParts = (actions: string[], parts: string[], more: object = {}): PolicyStatementProps => ({
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [journal],
    conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': parts, ...more } },
  });
  const statements: PolicyStatementProps[] = [
    ofParts(['Query'], ['group']),
    ofParts(['GetItem', 'UpdateItem'], ['recovery']),
    // A command for the controller; its memory, lease and hold have other attributes.
    ofParts(['PutItem'], ['group'], { 'dynamodb:Attributes': ['part', 'key', 'id', 'command'] }),
    { actions: ['s3:GetObject', 's3:PutObject'], resources: [bucket.arnForObjects(`${PREFIX}*`)] },
    { actions: ['rds:DescribeDBInstances'], resources: ['*'] },
    { actions: ['sns:Publish'], resources: [failover.topic.topicArn] },
    // Also as it was before a rotation: an old primary knows no newer one.
    { actions: ['secretsmanager:GetSecretValue'], resources: [secret.secretArn] },
  ];
  const policy = new Policy(scope, 'Permissions', {
    statements: statements.map((statement) => new PolicyStatement(statement)),
  });
  acknowledge(
    policy,
    ['IAM5[Resource::*]', 'IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE'],
    'Reading what databases there are cannot be limited to some of them.',
  );
  acknowledge(
    policy,
    `IAM5[Resource::${bucketName(bucket)}/${PREFIX}*]`,
    'Each plan has a folder of its own.',
  );
  return policy;
}

/**
 * What cdk-nag calls the ARN of a bucket that is another stack's: what the CDK reads it by, which is known only after
 * this construct was made. A name that is not this any more is seen by cdk-nag.
 */
function bucketName(bucket: IBucket): string {
  const { stackName: StackName, region: Region } = Stack.of(bucket);
  const id = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnElement);
  const OutputName = `PublishOutputFnGetAtt${id}Arn2DE8F891`;
  return JSON.stringify({ 'Fn::GetStackOutput': { StackName, Region, OutputName } });
}
