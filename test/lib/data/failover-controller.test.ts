import type { Template } from 'aws-cdk-lib/assertions';
import { failoverEnvironment } from '../../../lambda/failover/environment';
import { app, stageTemplates, STAGES, templatesOf } from '../../support/synthesize';

/* eslint-disable @typescript-eslint/no-explicit-any -- templates are anything */

const dataOf = (settings: object): Template => templatesOf(app(settings)).get('data')!;
const data = stageTemplates('replicated').get('data')!;
const network = stageTemplates('replicated').get('network')!;

/** The one resource whose logical ID begins so. */
function one(template: Template, type: string, begin: string): readonly [string, any] {
  const found = Object.entries(template.findResources(type)).filter(([id]) => id.startsWith(begin));
  expect(found).toHaveLength(1);
  return found[0]!;
}

/** A value of a template as text: what is known at deployment only, in angle brackets. */
const text = (value: any): string =>
  typeof value === 'string'
    ? value
    : value['Fn::Join']
      ? value['Fn::Join'][1].map(text).join('')
      : `<${value.Ref ?? value['Fn::GetAtt']?.join('.') ?? value['Fn::GetStackOutput'].OutputName}>`;

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

describe('what the controller may do', () => {
  const statements: any[] = Object.values(data.findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes('FailoverRole'))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  const allowed = new Map<string, string[]>();
  for (const { Action, Resource, Effect } of statements) {
    expect(Effect).toBe('Allow');
    for (const action of list<string>(Action)) {
      allowed.set(action, [
        ...(allowed.get(action) ?? []),
        ...list(Resource).map((resource) =>
          text(resource).replace(/^arn:.*?:(?=\D)[^:]*:<AWS::AccountId>:/, ''),
        ),
      ]);
    }
  }

  test('is this and no more, each on what it is meant for', () => {
    const following = ['db:mysite-primary', 'db:mysite-replica-*'];
    const instances = [...following, 'db:mysite-retired-*'];
    const snapshots = ['primary', 'replica', 'retired'].map((kind) => `snapshot:mysite-${kind}-*`);
    const groups = ['og:default:*', 'pg:<DatabasesParametersBEA93C92>', 'subgrp:<DatabasesSubnets2C217BB2>'];
    const zone = ['arn:aws:route53:::hostedzone/<NamesZone7D60C791>'];
    const journal = ['<FailoverJournalF3F9578F.Arn>'];
    const queue = ['<FailoverUndelivered2C317DE7.Arn>'];
    expect(Object.fromEntries([...allowed].sort())).toEqual({
      'cloudformation:DescribeStacks': ['<AWS::StackId>'],
      'cloudformation:SetStackPolicy': ['<AWS::StackId>'],
      'dynamodb:ConditionCheckItem': journal,
      'dynamodb:DeleteItem': journal,
      'dynamodb:PutItem': journal,
      'dynamodb:Query': journal,
      'dynamodb:UpdateItem': journal,
      'ec2:DescribeAccountAttributes': ['*'],
      'ec2:DescribeSecurityGroups': ['*'],
      'ec2:DescribeSubnets': ['*'],
      'ec2:DescribeVpcs': ['*'],
      'iam:PassRole': ['<DatabasesMonitoringRoleB3E6B0E9.Arn>'],
      'kms:CreateGrant': ['<DatabasesKeyB1717692.Arn>'],
      'kms:DescribeKey': ['<DatabasesKeyB1717692.Arn>'],
      'rds:AddTagsToResource': ['db:mysite-replica-*', ...snapshots],
      'rds:CreateDBInstanceReadReplica': [...following, ...groups],
      'rds:CreateDBSnapshot': [...instances, ...snapshots],
      'rds:DeleteDBInstance': instances,
      'rds:DescribeDBInstances': ['*'],
      'rds:ModifyDBInstance': [...instances, ...groups],
      'rds:PromoteReadReplica': ['db:mysite-replica-*'],
      'rds:RebootDBInstance': instances,
      'route53:ChangeResourceRecordSets': zone,
      'route53:ListResourceRecordSets': zone,
      'secretsmanager:GetSecretValue': ['<RolesControllerAttachmentA4AEA4F5>'],
      'sns:Publish': ['<FailoverTopicCE82F59E>'],
      'sqs:GetQueueAttributes': queue,
      'sqs:GetQueueUrl': queue,
      'sqs:SendMessage': queue,
    });
  });

  test('on every resource it may only read', () => {
    for (const [action, resources] of allowed) {
      expect([action, resources.includes('*') && !/:(Describe|List|Get)/.test(action)]).toEqual([
        action,
        false,
      ]);
    }
  });

  test('of records: the CNAMEs of both names; of keys and roles: what RDS asks for', () => {
    const conditions = statements
      .filter(({ Condition }) => Condition)
      .map(({ Action, Condition }) => [list(Action)[0], Condition]);
    expect(Object.fromEntries(conditions)).toEqual({
      'route53:ChangeResourceRecordSets': {
        'ForAllValues:StringEquals': {
          'route53:ChangeResourceRecordSetsNormalizedRecordNames': [
            'writer.mysite.internal',
            'reader.mysite.internal',
          ],
          'route53:ChangeResourceRecordSetsRecordTypes': ['CNAME'],
        },
      },
      'kms:CreateGrant': {
        StringEquals: {
          'kms:ViaService': { 'Fn::Join': ['', ['rds.us-east-1.', { Ref: 'AWS::URLSuffix' }]] },
        },
      },
      'iam:PassRole': {
        StringEquals: { 'iam:PassedToService': ['monitoring.rds.amazonaws.com', 'rds.amazonaws.com'] },
      },
    });
  });
});

describe('the function', () => {
  const [id, controller] = one(data, 'AWS::Lambda::Function', 'FailoverFunction');

  test('is small, alone, in the web subnets, and told by its name', () => {
    expect(controller.Properties).toMatchObject({
      FunctionName: 'mysite-failover',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 256,
      Timeout: 60,
    });
    expect(JSON.stringify(controller.Properties.VpcConfig.SubnetIds)).toMatch(/VpcwebSubnet1.*VpcwebSubnet2/);
    expect(text(controller.Properties.VpcConfig.SecurityGroupIds[0])).toMatch(/SecurityGroupsController/);
  });

  test('reserves nothing of the account, as a new one has nothing to reserve; on demand it does', () => {
    const reserved = (template: Template) =>
      Object.values(template.findResources('AWS::Lambda::Function'))
        .filter(({ Properties }) => 'ReservedConcurrentExecutions' in Properties)
        .map(({ Properties }) => [Properties.FunctionName, Properties.ReservedConcurrentExecutions]);
    for (const stage of STAGES) {
      for (const template of stageTemplates(stage).values()) expect(reserved(template)).toEqual([]);
    }
    expect(reserved(dataOf({ failover: { reserveConcurrency: true } }))).toEqual([
      ['mysite-failover', 1],
      ['mysite-recovery', 1],
    ]);
  });

  test('is started each minute; a start that comes to nothing is kept for people, and not repeated', () => {
    const [, { Properties: rule }] = one(data, 'AWS::Events::Rule', 'Failover');
    const once = { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 };
    expect(rule).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Targets: [{ Arn: { 'Fn::GetAtt': [id, 'Arn'] }, RetryPolicy: once }],
    });
    const [queueId, { Properties: queue }] = one(data, 'AWS::SQS::Queue', 'Failover');
    const arn = { 'Fn::GetAtt': [queueId, 'Arn'] };
    expect(rule.Targets[0].DeadLetterConfig).toEqual({ Arn: arn });
    expect(queue).toEqual({ MessageRetentionPeriod: 14 * 24 * 3600, SqsManagedSseEnabled: true });
    const [, { Properties: config }] = one(data, 'AWS::Lambda::EventInvokeConfig', 'Failover');
    expect(config).toMatchObject({ ...once, DestinationConfig: { OnFailure: { Destination: arn } } });
  });

  test('its logs and the journal are kept: the logs as the settings say, the journal for good', () => {
    const [logs, { Properties: log }] = one(data, 'AWS::Logs::LogGroup', 'FailoverLog');
    expect(controller.Properties.LoggingConfig).toEqual({ LogGroup: { Ref: logs } });
    expect(log.RetentionInDays).toBe(90);
    const [, table] = one(data, 'AWS::DynamoDB::Table', 'FailoverJournal');
    expect(table).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'part', KeyType: 'HASH' },
          { AttributeName: 'key', KeyType: 'RANGE' },
        ],
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      },
    });
    // A name that is given would be in the way of the next stack, as this table stays.
    expect(table.Properties.TableName).toBeUndefined();
  });

  test.each([
    ['the defaults', {}],
    [
      'everything set',
      {
        database: {
          multiAz: true,
          replicas: 15,
          backupDays: 35,
          deletionProtection: false,
          databaseName: 'a_b',
        },
        failover: {
          mode: 'notify',
          probeIntervalSeconds: 1,
          detectAfterSeconds: 2,
          fencing: 'best-effort',
          maxLagSeconds: 1,
          minimumIntervalMinutes: 0,
          replaceAfterSeconds: 5,
          managedFailoverGraceSeconds: 0,
          sequenceGap: 0,
          maintenanceWindow: 'mon:22:00-tue:01:30',
        },
      },
    ],
  ])('understands what it is told: %s', (_, settings) => {
    const [, { Properties }] = one(dataOf(settings), 'AWS::Lambda::Function', 'FailoverFunction');
    /** What stands there once it is deployed. */
    const deployed: Record<string, string> = {
      CONTROLLER_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:x-AbCdEf',
      DATABASE_GROUP_ID: 'sg-1',
      QUARANTINE_GROUP_ID: 'sg-2',
      JOURNAL_TABLE: 'mysite-data-FailoverJournal-X',
      TOPIC_ARN: 'arn:aws:sns:us-east-1:123456789012:mysite-data-FailoverTopic-X',
      ZONE_ID: 'Z0123456789',
    };
    const variables: Record<string, string> = Object.fromEntries(
      Object.entries<any>(Properties.Environment.Variables).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : deployed[name]!,
      ]),
    );
    const environment = failoverEnvironment({ ...variables, AWS_REGION: 'us-east-1' });
    expect(environment.policy).toMatchObject(
      'failover' in settings
        ? {
            mode: 'notify',
            detectAfterMillis: 2_000,
            fencePolicy: 'best-effort',
            replicas: 15,
            multiAz: true,
          }
        : {
            mode: 'automatic',
            probeIntervalMillis: 5_000,
            replicas: 2,
            backupDays: 7,
            deletionProtection: true,
          },
    );
  });
});

describe('what goes when', () => {
  const [ruleId, rule] = one(data, 'AWS::Events::Rule', 'Failover');
  const [runId, run] = one(data, 'Custom::ReleaseDatabases', 'ReleaseDatabasesRun');
  const [controllerId, controller] = one(data, 'AWS::Lambda::Function', 'FailoverFunction');
  const idsOf = (...types: string[]) => types.flatMap((type) => Object.keys(data.findResources(type)));

  test('databases, records and roles are there before the controller is told of them', () => {
    expect(controller.DependsOn).toEqual(
      expect.arrayContaining(
        idsOf('AWS::RDS::DBInstance', 'AWS::Route53::RecordSet', 'Custom::PrepareDatabase'),
      ),
    );
  });

  test('at deletion: records are given back, then all the rest; who refuses that has a controller still', () => {
    expect(run.DependsOn).toContain(ruleId);
    expect(run.DependsOn).toEqual(
      expect.arrayContaining([
        controllerId,
        ...idsOf('AWS::RDS::DBInstance', 'AWS::Route53::RecordSet', 'AWS::Route53::HostedZone'),
        ...idsOf('AWS::DynamoDB::Table'),
        ...idsOf('AWS::IAM::Policy').filter((id) => id.startsWith('FailoverPermissions')),
      ]),
    );
    expect(JSON.stringify(rule)).not.toContain(runId);
  });

  test('the records that are given back are those of the template', () => {
    const records = Object.values(data.findResources('AWS::Route53::RecordSet')).map(({ Properties }) => ({
      Name: Properties.Name.replace(/\.$/, ''),
      Target: Properties.ResourceRecords[0],
      ...(Properties.SetIdentifier && { SetIdentifier: Properties.SetIdentifier, Weight: Properties.Weight }),
    }));
    expect(records).toHaveLength(4);
    expect(run.Properties.Records).toEqual(expect.arrayContaining(records));
    expect(run.Properties).toMatchObject({ ServiceTimeout: '600', Records: { length: 4 } });
  });

  test('by a function that is free, whatever the controller does, and bears no name of it', () => {
    const [id, { Properties }] = one(data, 'AWS::Lambda::Function', 'ReleaseDatabasesFunction');
    expect(run.Properties.ServiceToken).toEqual({ 'Fn::GetAtt': [id, 'Arn'] });
    expect(Properties.VpcConfig).toBeUndefined();
    expect(Properties.Code).toEqual(controller.Properties.Code);
    expect(Properties.Role).toEqual(controller.Properties.Role);
    expect(Properties.Environment).toEqual(controller.Properties.Environment);
  });
});

test('nobody but the controller and recovery passes the quarantine, and who is in it passes nowhere', () => {
  const [id, { Properties }] = one(network, 'AWS::EC2::SecurityGroup', 'SecurityGroupsQuarantine');
  expect(Properties.SecurityGroupIngress).toBeUndefined();
  expect(Properties.SecurityGroupEgress).toEqual([
    expect.objectContaining({ CidrIp: '255.255.255.255/32', Description: 'Disallow all traffic' }),
  ]);
  const admitted = Object.values(network.findResources('AWS::EC2::SecurityGroupIngress'))
    .filter(({ Properties: rule }) => rule.GroupId['Fn::GetAtt'][0] === id)
    .map(({ Properties: rule }) => [rule.SourceSecurityGroupId['Fn::GetAtt'][0], rule.FromPort, rule.ToPort]);
  expect(admitted).toEqual([
    [expect.stringMatching(/^SecurityGroupsController/), 5432, 5432],
    [expect.stringMatching(/^SecurityGroupsRecovery/), 5432, 5432],
  ]);
});

describe('there is none', () => {
  const NONE = {
    'AWS::DynamoDB::Table': 0,
    'AWS::Events::Rule': 0,
    'AWS::SQS::Queue': 0,
    'Custom::ReleaseDatabases': 0,
  };
  const count = (template: Template | undefined) =>
    Object.fromEntries(
      Object.keys(NONE).map((type) => [type, Object.keys(template?.findResources(type) ?? {}).length]),
    );
  const groups = (template: Template) =>
    Object.keys(template.findResources('AWS::EC2::SecurityGroup')).filter((id) =>
      /Controller|Quarantine|Recovery/.test(id),
    );

  test.each(STAGES.filter((stage) => stage !== 'replicated'))('at %s', (stage) => {
    expect(count(stageTemplates(stage).get('data'))).toEqual(NONE);
    expect(groups(stageTemplates(stage).get('network')!)).toEqual([]);
    expect(stageTemplates(stage).get('data')?.toJSON().Outputs?.FailoverJournal).toBeUndefined();
  });

  test('where failover.mode is "off"', () => {
    const templates = templatesOf(app({ failover: { mode: 'off' } }));
    expect(count(templates.get('data'))).toEqual(NONE);
    // What is said to scanners is about functions in general.
    const said = (key: string, value: unknown) => (key === 'Metadata' ? undefined : value);
    expect(JSON.stringify(templates.get('data')!.toJSON(), said)).not.toMatch(/failover|mysite-recovery/i);
    // The network is deployed first, and cannot delete groups that are still in use.
    expect(templates.get('network')!.toJSON()).toEqual({
      ...network.toJSON(),
      Outputs: expect.anything(),
    });
    expect(JSON.stringify(templates.get('operations')!.toJSON(), said)).not.toContain('failover');
  });

  test('and where there is one, it is seen', () => {
    expect(Object.values(count(data))).toEqual([1, 1, 1, 1]);
    expect(groups(network)).toHaveLength(3);
  });
});

test.each([
  [20, '10000'],
  [3, '2000'],
  [2, '2000'],
  [3600, '1800000'],
])('detectAfterSeconds %i: a replica gives up a silent primary after %s ms', (detectAfterSeconds, millis) => {
  const template = dataOf({ failover: { detectAfterSeconds, probeIntervalSeconds: 1 } });
  const [, group] = one(template, 'AWS::RDS::DBParameterGroup', 'Databases');
  expect(group.Properties.Parameters).toMatchObject({
    wal_receiver_timeout: millis,
    wal_sender_timeout: millis,
  });
});

test('npm run failover finds its function, journal and writer', () => {
  const { Outputs } = data.toJSON();
  expect(Outputs).toMatchObject({
    FailoverFunction: { Value: { Ref: one(data, 'AWS::Lambda::Function', 'FailoverFunction')[0] } },
    FailoverJournal: { Value: { Ref: one(data, 'AWS::DynamoDB::Table', 'FailoverJournal')[0] } },
    WriterName: { Value: 'writer.mysite.internal' },
  });
});
