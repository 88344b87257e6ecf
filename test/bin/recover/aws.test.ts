/** Recovery's parts of an account, on the emulator: what lies where, and what is told when it is not there. */
import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { resolve } from 'node:path';
import { openCloud } from '../../../bin/recover/aws';
import type { Cloud } from '../../../bin/recover/cloud';
import { type Site, siteOf } from '../../../bin/people/site';
import { dynamoDb } from '../../../lambda/failover/aws/journal-items';
import { runsIn } from '../../../lambda/recovery/aws/runs';
import type { RunRequest } from '../../../lambda/recovery/run-state';
import { TRIAL_ACCOUNT } from '../../../trial/target';
import { type EmulatedAws, startAws } from '../../lambda/failover/aws/emulated-aws';

jest.setTimeout(60_000);

const TABLE = 'good-journal';
const BUCKET = 'good-logs';

let aws: EmulatedAws;
let client: DynamoDBClient;
let cloud: Cloud;

const site = (name: string): Site => {
  const common = { context: [`name=${name}`, 'region=eu-central-1'], isTrial: false, isJson: false };
  const trial = { endpoint: aws.endpoint, region: aws.region, account: TRIAL_ACCOUNT };
  return { ...siteOf(common, resolve(__dirname, '../../..'), ''), trial };
};

const request = (kind: string, at: number): RunRequest => ({
  kind: 'plan',
  run: `plan-${kind}`,
  by: 'anna',
  at,
});

beforeAll(async () => {
  aws = await startAws();
  client = dynamoDb(aws.region);
  const formation = new CloudFormationClient({ region: aws.region });
  const key = (AttributeName: string, KeyType: string) => ({ AttributeName, KeyType });
  const Resources = {
    Journal: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [key('part', 'HASH'), key('key', 'RANGE')],
        AttributeDefinitions: ['part', 'key'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      },
    },
    Logs: { Type: 'AWS::S3::Bucket', Properties: { BucketName: BUCKET } },
  };
  const journal = { FailoverJournal: { Value: { Ref: 'Journal' } } };
  const TemplateBody = JSON.stringify({
    Resources,
    Outputs: {
      ...journal,
      RecoveryBucket: { Value: { Ref: 'Logs' } },
      RecoveryFunction: { Value: 'no-such-function' },
    },
  });
  await formation.send(new CreateStackCommand({ StackName: 'good-data', TemplateBody }));
  const Topic = { Type: 'AWS::SNS::Topic' };
  const early = JSON.stringify({ Resources: { Topic }, Outputs: { FailoverJournal: { Value: TABLE } } });
  await formation.send(new CreateStackCommand({ StackName: 'early-data', TemplateBody: early }));
  formation.destroy();
  cloud = await openCloud(site('good'));
});

afterAll(async () => {
  cloud?.close();
  client?.destroy();
  await aws?.stop();
});

test('runs are read as the function writes them, the latest first; a stop is seen by it', async () => {
  let now = 1_000;
  const runs = runsIn(client, TABLE, () => now);
  expect(await cloud.runs()).toEqual([]);
  expect(await cloud.run('plan-one')).toBeUndefined();
  await runs.begin(request('one', now), 'me');
  now = 2_000;
  const { state } = await runs.begin(request('two', now), 'me');
  await runs.write({ ...state, progress: { step: 'comparing', done: 1, unit: 'rows' } }, 'me');
  expect((await cloud.runs()).map((one) => one.request.run)).toEqual(['plan-two', 'plan-one']);
  expect(await cloud.run('plan-two')).toMatchObject({ state: 'running', progress: { done: 1 } });

  await cloud.stop('plan-two');
  await cloud.stop('plan-none');
  expect([await runs.isStopped('plan-two'), await runs.isStopped('plan-one')]).toEqual([true, false]);
  expect(await cloud.run('plan-none')).toBeUndefined();
});

test('files come out of the bucket; what is not there is one sentence', async () => {
  const s3 = new S3Client({ region: aws.region, endpoint: aws.endpoint, forcePathStyle: true });
  const text = 'x'.repeat(300_000);
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'recovery/a/plan.jsonl', Body: text }));
  s3.destroy();
  const read = async (key: string) => {
    const parts: Uint8Array[] = [];
    for await (const part of cloud.file(key)) parts.push(part);
    return Buffer.concat(parts).toString();
  };
  expect(await read('recovery/a/plan.jsonl')).toBe(text);
  await expect(read('recovery/b/plan.jsonl')).rejects.toThrow(
    `There is no file s3://${BUCKET}/recovery/b/plan.jsonl: it was never made, or was deleted.`,
  );
});

test('a function that is not there, and a stack that has none', async () => {
  await expect(cloud.start(request('three', 0))).rejects.toThrow(
    'Could not start function no-such-function: it is not there, though an output of stack good-data names it. Deploy the stack again.',
  );
  const early = await openCloud(site('early'));
  await expect(early.start(request('three', 0))).rejects.toThrow(
    'early-data has no recovery (no output RecoveryFunction): it was deployed by an earlier version. Deploy the stack again.',
  );
  early.close();
});
