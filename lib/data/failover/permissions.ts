import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Policy, PolicyStatement, type PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcard } from '../../acknowledge';
import type { Settings } from '../../settings';
import type { Databases } from '../databases';
import { type DatabaseNames, endpointNames } from '../names';

export interface PermissionsProps {
  readonly settings: Settings;
  readonly databases: Databases;
  readonly names: DatabaseNames;
  readonly journal: ITable;
  readonly topic: ITopic;
  readonly secret: ISecret;
}

/**
 * What the controller may do: whatever changes something is limited to this site's databases, names, table and stack.
 * Which resources a call of RDS wants is in the Service Authorization Reference, "Amazon RDS".
 */
export function permissions(scope: Construct, props: PermissionsProps): Policy {
  const { journal, topic, secret } = props;
  const stack = Stack.of(scope);
  const arns = databaseArns(stack, props);
  const policy = new Policy(scope, 'Permissions', {
    statements: [
      ...databaseStatements(arns),
      ...replicaStatements(stack, props.databases),
      ...namesStatements(props),
      {
        // A transaction needs the rights of what is in it (DynamoDB guide, "Transactions", IAM).
        actions: ['Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'].map(
          (action) => `dynamodb:${action}`,
        ),
        resources: [journal.tableArn],
      },
      {
        // Whether it is being deleted or goes on; and whether deployments may touch the databases.
        actions: ['cloudformation:DescribeStacks', 'cloudformation:SetStackPolicy'],
        resources: [stack.stackId],
      },
      { actions: ['sns:Publish'], resources: [topic.topicArn] },
      { actions: ['secretsmanager:GetSecretValue'], resources: [secret.secretArn] },
    ].map((statement) => new PolicyStatement(statement)),
  });
  acknowledge(
    policy,
    ['IAM5[Resource::*]', 'IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE'],
    'Reading what databases there are cannot be limited to some of them.',
  );
  for (const arn of [arns.replicas, arns.retired, ...arns.snapshots])
    acknowledgeWildcard(policy, arn, 'It names the replicas that it makes, old primaries, and snapshots.');
  acknowledgeWildcard(
    policy,
    arns.optionGroups,
    "There is RDS's own option group only, of each version one.",
  );
  return policy;
}

type Statements = PolicyStatementProps[];

interface DatabaseArns {
  readonly primary: string;
  readonly replicas: string;
  /** Old primaries that have lost their names. */
  readonly retired: string;
  /** Each has its instance's name at its beginning (decide/replicas.ts). */
  readonly snapshots: readonly string[];
  readonly optionGroups: string;
  readonly groups: readonly string[];
}

function databaseArns(stack: Stack, { settings: { name }, databases }: PermissionsProps): DatabaseArns {
  const arn = (resource: string, resourceName: string) =>
    stack.formatArn({ service: 'rds', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  const { subnetGroup, parameterGroup } = databases.shared;
  return {
    primary: arn('db', `${name}-primary`),
    replicas: arn('db', `${name}-replica-*`),
    retired: arn('db', `${name}-retired-*`),
    snapshots: ['primary', 'replica', 'retired'].map((kind) => arn('snapshot', `${name}-${kind}-*`)),
    optionGroups: arn('og', 'default:*'),
    groups: [
      arn('subgrp', subnetGroup.subnetGroupName),
      arn('pg', parameterGroup.bindToInstance({}).parameterGroupName),
    ],
  };
}

function databaseStatements(arns: DatabaseArns): Statements {
  const { primary, replicas, retired, snapshots, optionGroups, groups } = arns;
  // After a failover the primary has a replica's name until the maintenance window.
  const following = [primary, replicas];
  const all = [primary, replicas, retired];
  return [
    { actions: ['rds:DescribeDBInstances'], resources: ['*'] },
    { actions: ['rds:PromoteReadReplica'], resources: [replicas] },
    { actions: ['rds:RebootDBInstance'], resources: all },
    { actions: ['rds:CreateDBInstanceReadReplica'], resources: [...following, optionGroups, ...groups] },
    // The groups are those that an instance has; whether RDS asks for them when they stay is not documented.
    { actions: ['rds:ModifyDBInstance'], resources: [...all, optionGroups, ...groups] },
    {
      // What RDS looks up when it is told security groups (re:Post knowledge center, "rds-iam-least-privileges"); none of
      // these can be limited.
      actions: ['SecurityGroups', 'Vpcs', 'Subnets', 'AccountAttributes'].map(
        (what) => `ec2:Describe${what}`,
      ),
      resources: ['*'],
    },
    // With its last snapshot and the tags of that (https://github.com/aws-solutions/instance-scheduler-on-aws/issues/572).
    { actions: ['rds:DeleteDBInstance'], resources: all },
    { actions: ['rds:CreateDBSnapshot'], resources: [...all, ...snapshots] },
    { actions: ['rds:AddTagsToResource'], resources: [replicas, ...snapshots] },
  ];
}

/** What RDS does in the name of who makes a replica. */
const replicaStatements = (stack: Stack, { key, shared }: Databases): Statements => [
  {
    // RDS guide, "AWS KMS key management", authorizing use of a customer managed key.
    actions: ['kms:CreateGrant', 'kms:DescribeKey'],
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `rds.${stack.region}.${stack.urlSuffix}` } },
  },
  {
    // It sends its metrics by the same role as the others. The role trusts RDS's monitoring; published policies name RDS
    // itself as who it is passed to.
    actions: ['iam:PassRole'],
    resources: [shared.monitoringRole.roleArn],
    conditions: {
      StringEquals: { 'iam:PassedToService': ['monitoring.rds.amazonaws.com', 'rds.amazonaws.com'] },
    },
  },
];

function namesStatements({ settings, names }: PermissionsProps): Statements {
  const { writer, reader } = endpointNames(settings);
  return [
    { actions: ['route53:ListResourceRecordSets'], resources: [names.zone.hostedZoneArn] },
    {
      actions: ['route53:ChangeResourceRecordSets'],
      resources: [names.zone.hostedZoneArn],
      // A request has each of these keys, with all the names and types in it (Route 53 guide, "Using IAM policy
      // conditions for fine-grained access control").
      conditions: {
        'ForAllValues:StringEquals': {
          'route53:ChangeResourceRecordSetsNormalizedRecordNames': [writer, reader],
          'route53:ChangeResourceRecordSetsRecordTypes': ['CNAME'],
        },
      },
    },
  ];
}
