import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { SecurityGroups } from '../network/security-groups';
import type { Settings } from '../settings';
import type { Databases } from './databases';
import { failoverVariables } from './failover/environment';
import { journal } from './failover/journal';
import { permissions } from './failover/permissions';
import { failoverTopic, undeliveredQueue } from './failover/messages';
import { type DatabaseNames, writerNameOf } from './names';
import { bundle, functionRole, nodeFunction, reservedConcurrency } from './node-function';
import type { PrepareDatabase } from './prepare-database';
import { ReleaseDatabases } from './release-databases';

export interface FailoverControllerProps {
  readonly settings: Settings;
  readonly vpc: IVpc;
  readonly securityGroups: SecurityGroups;
  readonly databases: Databases;
  readonly names: DatabaseNames;
  /** Of the role that watches. */
  readonly secret: ISecret;
  /** Makes that role. */
  readonly preparation: PrepareDatabase;
}

/** It ends by itself before the next start; this is for one that hangs. */
const TIMEOUT = Duration.seconds(60);

/** A start that comes this late is of no use: the next one has come by then. */
const MAXIMUM_AGE = Duration.minutes(1);

/**
 * Watches the databases and replaces what fails (lambda/failover): replicas, and the primary. Started every minute, it
 * looks every few seconds until the next start.
 *
 * No event of RDS starts it. It goes by what it sees and not by what it is told, sees it within seconds, and events come
 * late, twice or not at all; none says that a primary cannot be reached.
 */
export class FailoverController extends Construct {
  readonly function: LambdaFunction;
  readonly journal: Table;
  /** Starts that came to nothing. */
  readonly undelivered: Queue;
  /** Where people are told of it. */
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: FailoverControllerProps) {
    super(scope, id);
    const { settings, vpc, securityGroups, databases, names, secret, preparation } = props;
    this.journal = journal(this);
    this.undelivered = undeliveredQueue(this);
    const topic = (this.topic = failoverTopic(this, settings));

    const role = functionRole(this);
    const allowed = permissions(this, { settings, databases, names, journal: this.journal, topic, secret });
    allowed.attachToRole(role);
    const code = bundle('failover');
    const environment = failoverVariables({
      settings,
      securityGroups,
      names,
      journal: this.journal,
      topic,
      secret,
    });

    this.function = nodeFunction(this, {
      settings,
      // The trial cuts it off by this name, and people find it.
      functionName: `${settings.name}-failover`,
      description: 'Replaces databases that fail, each minute',
      code,
      environment,
      timeout: TIMEOUT,
      // For room alone: a start that comes while another one still works waits for the lease in the journal.
      reservedConcurrentExecutions: reservedConcurrency(settings),
      vpc,
      vpcSubnets: { subnetGroupName: 'web' },
      securityGroups: [securityGroups.controller!],
      role,
    });
    // A failed run is not repeated: the next one begins within the minute, and looks anew.
    this.function.configureAsyncInvoke({
      retryAttempts: 0,
      maxEventAge: MAXIMUM_AGE,
      onFailure: new SqsDestination(this.undelivered),
    });
    // When there are to be more replicas, CloudFormation makes them, and tells the controller afterwards: it would
    // otherwise make them itself.
    this.function.node.addDependency(databases, names, preparation.resource, allowed);

    const release = new ReleaseDatabases(scope, 'ReleaseDatabases', {
      settings,
      code,
      environment,
      role,
      names,
    });
    release.node.addDependency(databases, names, allowed, this.journal, this.function);

    const schedule = new Rule(this, 'Schedule', {
      description: `Starts the failover controller of ${settings.name}`,
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [
        new LambdaTarget(this.function, {
          retryAttempts: 0,
          maxEventAge: MAXIMUM_AGE,
          deadLetterQueue: this.undelivered,
        }),
      ],
    });
    // The release goes first when the stack is deleted, and may refuse: then the controller still works for who mends it.
    release.node.addDependency(schedule);

    // What `npm run failover` asks the stack for.
    const stack = Stack.of(this);
    new CfnOutput(stack, 'FailoverFunction', { value: this.function.functionName });
    new CfnOutput(stack, 'FailoverJournal', { value: this.journal.tableName });
    new CfnOutput(stack, 'WriterName', { value: writerNameOf(settings) });
  }
}
