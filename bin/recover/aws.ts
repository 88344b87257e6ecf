/** Recovery in the account: its function, its bucket, and its runs in the journal's table. */
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  QueryCommand,
  UpdateItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { clientLimits } from '../../lambda/failover/aws/call';
import { RUNS_PART, RUN_STATE, type RunState } from '../../lambda/recovery/run-state';
import { Failure } from '../../lib/terminal/failure';
import { accessJournal, journalTable } from '../failover/aws';
import { explained } from '../people/explain';
import type { Site } from '../people/site';
import { clientFor, findStack } from '../people/stack';
import type { Cloud } from './cloud';

/** Outputs of the data stack. */
export const FUNCTION_OUTPUT = 'RecoveryFunction';
export const BUCKET_OUTPUT = 'RecoveryBucket';

/** @throws Failure with one sentence */
export async function openCloud(site: Site): Promise<Cloud> {
  const { outputs, credentials } = await findStack(site);
  const table = journalTable(outputs, site);
  const named = (output: string): string => {
    const value = outputs[output];
    if (value !== undefined) return value;
    throw new Failure(
      `${site.stack} has no recovery (no output ${output}): it was deployed by an earlier version. Deploy the stack again.`,
    );
  };
  const options = { ...clientFor(site), credentials };
  const dynamo = new DynamoDBClient({ ...clientLimits(site.region), ...options, maxAttempts: 3 });
  const lambda = new LambdaClient({ ...options, maxAttempts: 1 });
  // An emulator has no name for each bucket.
  const s3 = new S3Client({ ...options, maxAttempts: 3, forcePathStyle: site.trial !== undefined });
  const journal = accessJournal(outputs, credentials, site);
  return {
    journal,
    run: async (id) => (await readRuns(dynamo, table, site, id))[0],
    runs: () => readRuns(dynamo, table, site),
    async start(request) {
      const FunctionName = named(FUNCTION_OUTPUT);
      await explained(site, `start function ${FunctionName}`, () =>
        lambda.send(
          new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: JSON.stringify(request) }),
        ),
      );
    },
    stop: (run) => stopRun(dynamo, table, site, run),
    file: (key) => fileOf(s3, named(BUCKET_OUTPUT), site, key),
    close() {
      journal.close();
      dynamo.destroy();
      lambda.destroy();
      s3.destroy();
    },
  };
}

type Item = Record<string, AttributeValue>;

async function readRuns(client: DynamoDBClient, table: string, site: Site, id?: string): Promise<RunState[]> {
  const found: RunState[] = [];
  let from: Item | undefined;
  do {
    const query = new QueryCommand({
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: id === undefined ? 'part = :part' : 'part = :part and #key = :key',
      ...(id !== undefined && { ExpressionAttributeNames: { '#key': 'key' } }),
      ExpressionAttributeValues: {
        ':part': { S: RUNS_PART },
        ...(id !== undefined && { ':key': { S: id } }),
      },
      ExclusiveStartKey: from,
    });
    const page = await explained(site, `read table ${table}`, () => client.send(query));
    found.push(...(page.Items ?? []).flatMap(stateOf));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return found.sort((one, other) => other.startedAt - one.startedAt);
}

/** What another version has written, and this one cannot read, is left out. */
function stateOf(item: Item): RunState[] {
  try {
    return [RUN_STATE.parse(JSON.parse(item['run']?.S ?? ''))];
  } catch {
    return [];
  }
}

async function stopRun(client: DynamoDBClient, table: string, site: Site, run: string): Promise<void> {
  const update = new UpdateItemCommand({
    TableName: table,
    Key: { part: { S: RUNS_PART }, key: { S: run } },
    UpdateExpression: 'SET stop = :yes',
    ConditionExpression: 'attribute_exists(part)',
    ExpressionAttributeValues: { ':yes': { BOOL: true } },
  });
  await explained(site, `write to table ${table}`, () =>
    client.send(update).catch((error: unknown) => {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }),
  );
}

async function* fileOf(
  client: S3Client,
  Bucket: string,
  site: Site,
  Key: string,
): AsyncGenerator<Uint8Array> {
  const what = `read s3://${Bucket}/${Key}`;
  const { Body } = await explained(site, what, async () => {
    try {
      return await client.send(new GetObjectCommand({ Bucket, Key }));
    } catch (error) {
      if ((error as Error).name !== 'NoSuchKey') throw error;
      throw new Failure(`There is no file s3://${Bucket}/${Key}: it was never made, or was deleted.`, {
        cause: error,
      });
    }
  });
  yield* Body as AsyncIterable<Uint8Array> & typeof Body;
}
