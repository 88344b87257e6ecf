/** Runs and files, against an emulated AWS. */
import { CreateTableCommand, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { dynamoDb } from '../../../../lambda/failover/aws/journal-items';
import { type Files, filesIn } from '../../../../lambda/recovery/aws/bucket';
import { type Runs, runsIn } from '../../../../lambda/recovery/aws/runs';
import { encodePlan } from '../../../../lambda/recovery/plan-file';
import { RUN_STATE, type RunRequest } from '../../../../lambda/recovery/run-state';
import { type EmulatedAws, startAws } from '../../failover/aws/emulated-aws';
import { HEAD, PLAN } from '../made-plan';
import { T0 } from './stored';

const TABLE = 'journal';
const BUCKET = 'logs';

let aws: EmulatedAws;
let table: DynamoDBClient;
let s3: S3Client;
let runs: Runs;
let files: Files;
let now = T0;

beforeAll(async () => {
  aws = await startAws();
  table = dynamoDb(aws.region);
  s3 = new S3Client({ region: aws.region, forcePathStyle: true });
  await table.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['part', 'key'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'part', KeyType: 'HASH' },
        { AttributeName: 'key', KeyType: 'RANGE' },
      ],
    }),
  );
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  runs = runsIn(table, TABLE, () => now);
  files = filesIn(s3, BUCKET);
});
afterAll(async () => {
  table?.destroy();
  s3?.destroy();
  await aws?.stop();
});

const request = (run: string): RunRequest => ({ kind: 'plan', run, by: 'anna@laptop', at: T0 });

describe('a run', () => {
  test('is taken, told, and taken again where it paused', async () => {
    const { state, isDone } = await runs.begin(request('plan-1'), 'one');
    expect([isDone, state]).toEqual([
      false,
      { request: request('plan-1'), state: 'running', startedAt: T0, updatedAt: T0, starts: 1 },
    ]);
    expect(RUN_STATE.parse(state)).toEqual(state);
    now += 1_000;
    expect(await runs.write({ ...state, state: 'paused' }, 'one')).toBe(true);
    const again = await runs.begin({ ...request('plan-1'), by: 'otto@desk', at: now }, 'two');
    expect(again).toMatchObject({ isDone: false, state: { startedAt: T0, starts: 2, state: 'running' } });
    expect(await runs.write(state, 'one')).toBe(false);
  });

  test('that is at work is not begun, until it has been silent for long', async () => {
    await runs.begin(request('plan-2'), 'one');
    await expect(runs.begin(request('plan-2'), 'two')).rejects.toThrow(
      /^The run plan-2 is at work, as of 0 s ago: wait for it, or 60 s more if it was killed\.$/,
    );
    now += 60_000;
    await expect(runs.begin(request('plan-2'), 'two')).resolves.toMatchObject({ state: { starts: 2 } });
  });

  test('that is done stays done', async () => {
    const { state } = await runs.begin(request('plan-3'), 'one');
    await runs.write({ ...state, state: 'done' }, 'one');
    await expect(runs.begin(request('plan-3'), 'two')).resolves.toMatchObject({
      isDone: true,
      state: { state: 'done', starts: 1 },
    });
  });

  test('is not another one of the same id', async () => {
    await runs.begin(request('plan-4'), 'one');
    await expect(runs.begin({ ...request('plan-4'), kind: 'plan', epoch: 2 }, 'two')).rejects.toThrow(
      'The run plan-4 is another one: take a new id.',
    );
  });

  test('two who begin at once: one does', async () => {
    const both = await Promise.allSettled([
      runs.begin(request('plan-5'), 'one'),
      runs.begin(request('plan-5'), 'two'),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('is asked to pause by whoever sets its mark; a start takes that away', async () => {
    const { state } = await runs.begin(request('plan-6'), 'one');
    expect(await runs.isStopped('plan-6')).toBe(false);
    const mark = new UpdateItemCommand({
      TableName: TABLE,
      Key: { part: { S: 'recovery' }, key: { S: 'plan-6' } },
      UpdateExpression: 'SET #stop = :by',
      ExpressionAttributeNames: { '#stop': 'stop' },
      ExpressionAttributeValues: { ':by': { S: 'anna' } },
    });
    await table.send(mark);
    await runs.write({ ...state, state: 'paused' }, 'one');
    expect(await runs.isStopped('plan-6')).toBe(true);
    await runs.begin(request('plan-6'), 'two');
    expect(await runs.isStopped('plan-6')).toBe(false);
  });
});

describe('a plan in the bucket', () => {
  const read = async (Key: string) =>
    (await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }))).Body!.transformToString();

  test('is what was put there, known by its SHA-256', async () => {
    const sha256 = await files.putPlan(PLAN);
    const { portions, sha256: own } = encodePlan(PLAN);
    expect(await read(`recovery/${HEAD.id}/plan.jsonl`)).toBe([...portions].join(''));
    expect(sha256).toBe(own());
    await expect(files.getPlan(HEAD.id)).resolves.toEqual({ plan: PLAN, sha256 });
  });

  test('that was edited, or is not there, is refused', async () => {
    const Key = 'recovery/edited/plan.jsonl';
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x\n' }));
    await expect(files.getPlan('edited')).rejects.toThrow(
      /^s3:\/\/logs\/recovery\/edited\/plan\.jsonl is no recovery plan/,
    );
    await expect(files.getPlan('never')).rejects.toThrow(/^There is no plan never \(s3:\/\/logs\//);
    await expect(filesIn(s3, 'nowhere').getPlan('x')).rejects.toThrow(/could not be read: NoSuchBucket/);
    await expect(filesIn(s3, 'nowhere').put('a/b', 'x', 'text/plain')).rejects.toThrow(
      /^s3:\/\/nowhere\/a\/b could not be written: NoSuchBucket/,
    );
  });
});
