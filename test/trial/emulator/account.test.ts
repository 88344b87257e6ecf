import {
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  type TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '../../../trial/emulator/start';
import { Processes } from '../../../trial/processes';
import { TRIAL_ACCOUNT, type Target, clientConfig } from '../../../trial/target';
import { keptMemory } from '../../../trial/world/kept-memory';
import { type Result, Stack } from './stack';

jest.setTimeout(60_000);
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const folder = mkdtempSync(join(tmpdir(), 'scale-from-zero-account-'));
const file = join(folder, 'account.json');
let processes: Processes;
let target: Target;
let made: Result;
let dynamodb: DynamoDBClient;

const TEMPLATE = {
  Resources: {
    Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
    Group: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: { GroupDescription: 'Quarantine', VpcId: { Ref: 'Vpc' } },
    },
    Secret: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: {
        GenerateSecretString: {
          SecretStringTemplate: '{"username":"controller"}',
          GenerateStringKey: 'password',
          PasswordLength: 30,
        },
      },
    },
    Journal: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'part', KeyType: 'HASH' },
          { AttributeName: 'key', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'part', AttributeType: 'S' },
          { AttributeName: 'key', AttributeType: 'S' },
        ],
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        SSESpecification: { SSEEnabled: true },
        DeletionProtectionEnabled: false,
      },
    },
  },
  Outputs: {
    Table: { Value: { Ref: 'Journal' } },
    Group: { Value: { 'Fn::GetAtt': ['Group', 'GroupId'] } },
    Secret: { Value: { Ref: 'Secret' } },
  },
};

/** An emulator that is told where the one before has kept its account, and the stack in it. */
async function begin(): Promise<void> {
  processes = new Processes();
  const { endpoint } = await startEmulator(processes, undefined, { TRIAL_KEPT: file });
  target = { endpoint, region: 'eu-central-1', account: TRIAL_ACCOUNT };
  dynamodb = new DynamoDBClient(clientConfig(target));
  made = await new Stack(target, 'Data').create(TEMPLATE);
  expect(made).toMatchObject({ status: 'CREATE_COMPLETE', failures: {} });
}

const secret = async () => {
  const client = new SecretsManagerClient(clientConfig(target));
  return (await client.send(new GetSecretValueCommand({ SecretId: made.outputs['Secret'] }))).SecretString!;
};

const key = (part: string, name: string) => ({ part: { S: part }, key: { S: name } });
const query = async (part: string) => {
  const { Items } = await dynamodb.send(
    new QueryCommand({
      TableName: made.outputs['Table'],
      ConsistentRead: true,
      KeyConditionExpression: 'part = :part',
      ExpressionAttributeValues: { ':part': { S: part } },
    }),
  );
  return Items!;
};

beforeAll(begin);
afterAll(async () => {
  await processes.endAll();
  rmSync(folder, { recursive: true, force: true });
});

test('a transaction writes all or nothing, and says which condition failed', async () => {
  const TableName = made.outputs['Table']!;
  const write = (n: number) =>
    dynamodb.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          {
            Update: {
              TableName,
              Key: key('group', 'state'),
              UpdateExpression: 'SET version = :n, memory = :memory ADD beat :one',
              ConditionExpression: 'attribute_not_exists(version) OR version < :n',
              ExpressionAttributeValues: {
                ':n': { N: String(n) },
                ':one': { N: '1' },
                ':memory': { S: `{"epoch":${n}}` },
              },
            },
          },
          {
            ConditionCheck: {
              TableName,
              Key: key('group', 'hold'),
              ConditionExpression: 'attribute_not_exists(part)',
            },
          },
          { Put: { TableName, Item: { ...key('journal', `${n}`), entry: { S: 'promote' } } } },
        ],
      }),
    );
  const reasons = async (n: number) => {
    const error = await write(n).then(
      () => undefined,
      (refused: TransactionCanceledException) => refused,
    );
    return error?.CancellationReasons?.map(({ Code }) => Code);
  };
  expect(await reasons(1)).toBeUndefined();
  expect(await reasons(1)).toEqual(['ConditionalCheckFailed', 'None', 'None']);
  await dynamodb.send(new PutItemCommand({ TableName, Item: key('group', 'hold') }));
  expect(await reasons(2)).toEqual(['None', 'ConditionalCheckFailed', 'None']);
  await dynamodb.send(new DeleteItemCommand({ TableName, Key: key('group', 'hold') }));
  expect(await query('journal')).toHaveLength(1);
  expect(await query('group')).toEqual([
    { ...key('group', 'state'), version: { N: '1' }, beat: { N: '1' }, memory: { S: '{"epoch":1}' } },
  ]);
});

test('the next emulator has the journal, the passwords and the groups of this one, even after kill -9', async () => {
  const before = { secret: await secret(), outputs: made.outputs, journal: await query('journal') };
  for (; !existsSync(file) || !readFileSync(file, 'utf8').includes('promote');) await sleep(20);
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(keptMemory(file)).toEqual({ epoch: 1 });
  await processes.endAll();
  await begin();
  expect({ secret: await secret(), outputs: made.outputs, journal: await query('journal') }).toEqual(before);
  expect(before.journal).toHaveLength(1);
});

test('what a stack deletes is not kept', async () => {
  const before = await secret();
  expect(await new Stack(target, 'Data').delete()).toMatchObject({ status: 'DELETE_COMPLETE', failures: {} });
  while (keptMemory(file)) await sleep(20);
  expect(readFileSync(file, 'utf8')).not.toContain('controller');
  made = await new Stack(target, 'Data').create(TEMPLATE);
  expect(await query('journal')).toEqual([]);
  expect(await secret()).not.toBe(before);
});

test('nor what outlives its stack: the next one has a journal of its own', async () => {
  const retained = { ...TEMPLATE.Resources.Journal, DeletionPolicy: 'Retain' };
  const template = { ...TEMPLATE, Resources: { ...TEMPLATE.Resources, Journal: retained } };
  const stack = new Stack(target, 'Retained');
  made = await stack.create(template);
  const TableName = made.outputs['Table'];
  await dynamodb.send(new PutItemCommand({ TableName, Item: key('group', 'state') }));
  expect(await stack.delete()).toMatchObject({ status: 'DELETE_COMPLETE', failures: {} });
  expect(await query('group')).toHaveLength(1);
  made = await stack.create(template);
  expect(await query('group')).toEqual([]);
});

test('without a file nothing is kept', () => {
  expect(keptMemory(join(folder, 'nothing.json'))).toBeUndefined();
});
