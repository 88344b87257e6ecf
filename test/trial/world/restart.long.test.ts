import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readGroup } from '../../../lambda/failover/aws/journal-items';
import type { Memory } from '../../../lambda/failover/memory';
import { Processes } from '../../../trial/processes';
import { TRIAL_ACCOUNT, clientConfig } from '../../../trial/target';
import { keptMemory } from '../../../trial/world/kept-memory';
import { World } from '../../../trial/world/world';
import { Stack } from '../emulator/stack';

/** A trial that is ended after a failover and begun again: no data lost, and the promoted one is the primary. */

jest.setTimeout(120_000);
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const folder = mkdtempSync(join(tmpdir(), 'scale-from-zero-restart-'));
const stateFolder = join(folder, 'state');
const NETWORK = 141;
let processes: Processes;
let world: World;
let outputs: Readonly<Record<string, string>>;

const groups = (name: string) => [{ 'Fn::GetAtt': [name, 'GroupId'] }];
const database = (identifier: string, properties: object) => ({
  Type: 'AWS::RDS::DBInstance',
  Properties: {
    DBInstanceIdentifier: identifier,
    DBInstanceClass: 'db.t4g.micro',
    VPCSecurityGroups: groups('Databases'),
    ...properties,
  },
});
const securityGroup = (GroupDescription: string) => ({
  Type: 'AWS::EC2::SecurityGroup',
  Properties: { GroupDescription, VpcId: { Ref: 'Vpc' } },
});
const TEMPLATE = {
  Resources: {
    Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
    ...Object.fromEntries(
      ['a', 'b'].map((zone, index) => [
        `Subnet${zone}`,
        {
          Type: 'AWS::EC2::Subnet',
          Properties: {
            VpcId: { Ref: 'Vpc' },
            CidrBlock: `10.0.${index}.0/24`,
            AvailabilityZone: `eu-central-1${zone}`,
          },
        },
      ]),
    ),
    Subnets: {
      Type: 'AWS::RDS::DBSubnetGroup',
      Properties: {
        DBSubnetGroupName: 'site',
        DBSubnetGroupDescription: 'Closed',
        SubnetIds: [{ Ref: 'Subneta' }, { Ref: 'Subnetb' }],
      },
    },
    Databases: securityGroup('Databases'),
    Quarantine: securityGroup('Quarantine'),
    Secret: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: {
        GenerateSecretString: {
          SecretStringTemplate: '{"username":"postgres"}',
          GenerateStringKey: 'password',
          PasswordLength: 30,
          ExcludeCharacters: '/@" \'\\',
        },
      },
    },
    Journal: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: 'journal',
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: ['part', 'key'].map((AttributeName, index) => ({
          AttributeName,
          KeyType: ['HASH', 'RANGE'][index],
        })),
        AttributeDefinitions: ['part', 'key'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      },
    },
    Primary: database('site-primary', {
      Engine: 'postgres',
      DBSubnetGroupName: { Ref: 'Subnets' },
      AllocatedStorage: '20',
      DBName: 'site',
      BackupRetentionPeriod: 7,
      MasterUsername: 'postgres',
      MasterUserPassword: { 'Fn::Sub': '{{resolve:secretsmanager:${Secret}:SecretString:password}}' },
    }),
    ...Object.fromEntries(
      [1, 2].map((number) => [
        `Replica${number}`,
        database(`site-replica-${number}`, { SourceDBInstanceIdentifier: { Ref: 'Primary' } }),
      ]),
    ),
  },
  Outputs: {
    Quarantine: { Value: { 'Fn::GetAtt': ['Quarantine', 'GroupId'] } },
    Databases: { Value: { 'Fn::GetAtt': ['Databases', 'GroupId'] } },
  },
};

async function begin(): Promise<void> {
  processes = new Processes();
  world = await World.start({
    processes,
    stateFolder,
    runFolder: join(folder, 'run'),
    account: TRIAL_ACCOUNT,
    region: 'eu-central-1',
    timeScale: 0,
    network: NETWORK,
    group: 'site',
  });
  const { status, failures, outputs: said } = await new Stack(world.target!, 'Data').create(TEMPLATE);
  expect({ status, failures }).toEqual({ status: 'CREATE_COMPLETE', failures: {} });
  outputs = said;
}

async function end(): Promise<void> {
  await world?.close();
  await processes?.endAll();
}

beforeAll(begin);
afterAll(async () => {
  await end();
  rmSync(folder, { recursive: true, force: true });
});

const all = async () => (await world.rds.model.call('DescribeDBInstances', {})).DBInstances!;
const named = async (name: string) =>
  (await all()).find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === name)!;
const available = async (name: string) => {
  while ((await named(name)).DBInstanceStatus !== 'available') await sleep(20);
};
const query = async (name: string, text: string) =>
  world.plane.query((await named(name)).DbiResourceId!, text);
const journal = () => new DynamoDBClient(clientConfig(world.target!));

test('after a failover and a restart', async () => {
  const quarantine = [outputs['Quarantine']!];
  await query('site-primary', `create table note (text text)`);
  await query('site-primary', `insert into note values ('before')`);
  const old = (await named('site-primary')).DbiResourceId!;
  const promoted = (await named('site-replica-1')).DbiResourceId!;
  while ((await query('site-replica-1', `select from pg_class where relname = 'note'`)).length === 0)
    await sleep(20);

  // What the controller does, in short.
  const call = world.rds.model.call.bind(world.rds.model);
  await call('ModifyDBInstance', { DBInstanceIdentifier: 'site-primary', VpcSecurityGroupIds: quarantine });
  await call('PromoteReadReplica', { DBInstanceIdentifier: 'site-replica-1', BackupRetentionPeriod: 7 });
  await available('site-replica-1');
  await query('site-primary', `insert into note values ('lost')`);
  await query('site-replica-1', `insert into note values ('after')`);
  await call('CreateDBInstanceReadReplica', {
    DBInstanceIdentifier: 'site-replica-3',
    SourceDBInstanceIdentifier: 'site-replica-1',
    VpcSecurityGroupIds: [outputs['Databases']!],
  });
  await available('site-replica-3');
  const replica = (await named('site-replica-3')).DbiResourceId;
  const memory: Partial<Memory> = {
    phase: 'steady',
    epoch: 2,
    primary: promoted,
    retired: [{ resourceId: old, epoch: 1, recovery: 'needed', since: 0 }],
  };
  await journal().send(
    new UpdateItemCommand({
      TableName: 'journal',
      Key: { part: { S: 'group' }, key: { S: 'state' } },
      UpdateExpression: 'SET memory = :memory, version = :one',
      ExpressionAttributeValues: { ':memory': { S: JSON.stringify(memory) }, ':one': { N: '1' } },
    }),
  );
  while (!keptMemory(join(stateFolder, 'account.json'))) await sleep(20);

  await end();
  await begin();

  expect((await all()).map(({ DBInstanceIdentifier }) => DBInstanceIdentifier)).toEqual([
    'site-primary',
    'site-replica-1',
    'site-replica-2',
    'site-retired-1',
  ]);
  expect(await named('site-primary')).toMatchObject({
    DbiResourceId: promoted,
    DBInstanceStatus: 'available',
  });
  expect((await named('site-replica-1')).DbiResourceId).toBe(replica);
  expect((await named('site-replica-2')).ReadReplicaSourceDBInstanceIdentifier).toBe('site-primary');
  expect(await named('site-retired-1')).toMatchObject({
    DbiResourceId: old,
    VpcSecurityGroups: [{ VpcSecurityGroupId: quarantine[0], Status: 'active' }],
  });
  const texts = async (name: string) => (await query(name, 'select text from note')).map(({ text }) => text);
  expect(await texts('site-primary')).toEqual(['before', 'after']);
  expect(await texts('site-retired-1')).toEqual(['before', 'lost']);
  while ((await texts('site-replica-2').catch(() => [])).length < 2) await sleep(20);
  // Its name leads to it, and the old one's endpoint is another's now.
  const { Endpoint } = await named('site-primary');
  expect(world.plane.addresses().get(Endpoint!.Address!)).toEqual(world.plane.addressOf(promoted));
  expect((await readGroup(journal(), 'journal')).memory).toEqual(memory);
});
