/**
 * The journal's table: what lies where in it, and what people do there by the command. The controller's own part, lease
 * and commit, is journal.ts.
 *
 * Partition key `part`, sort key `key`, both texts:
 *
 *   group    state     version, beat, owner (absent: nobody has the lease), memory (JSON)
 *   group    hold      hold (JSON); absent: none
 *   group    command   id, command (JSON); absent: none
 *   journal  00000000000000000042#003   entry (JSON), ttl (seconds since 1970): the fourth one of version 42
 */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { Command, Entry, Hold, Stored } from '../ports';
import { clientLimits, once, patiently } from './call';

export type Item = Record<string, AttributeValue>;

export const STATE = { part: { S: 'group' }, key: { S: 'state' } };
export const HOLD = { part: { S: 'group' }, key: { S: 'hold' } };
export const COMMAND = { part: { S: 'group' }, key: { S: 'command' } };

/** Longer than a year, so that last year's can be compared. */
const ENTRY_DAYS = 400;

/** @param version of the commit. Texts sort as numbers do when they are equally long. */
export const entryItem = (entry: Entry, version: number, index: number): Item => ({
  part: { S: 'journal' },
  key: { S: `${String(version).padStart(20, '0')}#${String(index).padStart(3, '0')}` },
  entry: { S: JSON.stringify(entry) },
  ttl: { N: String(Math.floor(entry.at / 1_000) + ENTRY_DAYS * 24 * 3_600) },
});

/** A client that waits for nothing longer than the controller would. The caller destroys it. */
export const dynamoDb = (region: string): DynamoDBClient => new DynamoDBClient(clientLimits(region));

const parsed = <T>(item: Item | undefined, attribute: string): T | undefined => {
  const text = item?.[attribute]?.S;
  return text === undefined ? undefined : (JSON.parse(text) as T);
};

const numberOf = (item: Item | undefined, attribute: string) => Number(item?.[attribute]?.N ?? 0);

/**
 * The newest state, hold and command, never a stale one.
 * @throws CallFailed
 */
export async function readGroup(client: DynamoDBClient, table: string): Promise<Stored> {
  const query = new QueryCommand({
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: 'part = :part',
    ExpressionAttributeValues: { ':part': { S: 'group' } },
  });
  const { Items = [] } = await patiently('dynamodb Query', (options) => client.send(query, options));
  const of = ({ key }: { key: { S: string } }) => Items.find((item) => item['key']?.S === key.S);
  const state = of(STATE);
  const owner = state?.['owner']?.S;
  return {
    version: numberOf(state, 'version'),
    memory: parsed(state, 'memory'),
    lease: owner === undefined ? undefined : { owner, beat: numberOf(state, 'beat') },
    hold: parsed<Hold>(of(HOLD), 'hold'),
    command: parsed<Command>(of(COMMAND), 'command'),
  };
}

export interface Page {
  /** The newest first. */
  readonly entries: readonly Entry[];
  /** Where the next page begins; absent: there is none. */
  readonly next?: string;
}

/**
 * @param limit how many at most
 * @param before `next` of the page before
 * @throws CallFailed
 */
export async function readEntries(
  client: DynamoDBClient,
  table: string,
  { limit, before }: { readonly limit: number; readonly before?: string },
): Promise<Page> {
  const query = new QueryCommand({
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: 'part = :part',
    ExpressionAttributeValues: { ':part': { S: 'journal' } },
    ScanIndexForward: false,
    Limit: limit,
    ExclusiveStartKey: before === undefined ? undefined : { part: { S: 'journal' }, key: { S: before } },
  });
  const { Items = [], LastEvaluatedKey } = await patiently('dynamodb Query', (options) =>
    client.send(query, options),
  );
  return {
    entries: Items.map((item) => parsed<Entry>(item, 'entry')!),
    next: LastEvaluatedKey?.['key']?.S,
  };
}

/** @returns false, and nothing is written, when there is a hold already. @throws CallFailed */
export const putHold = (client: DynamoDBClient, table: string, hold: Hold): Promise<boolean> =>
  putAbsent(client, table, { ...HOLD, hold: { S: JSON.stringify(hold) } });

/** Nothing happens when there is none. @throws CallFailed */
export async function removeHold(client: DynamoDBClient, table: string): Promise<void> {
  const removal = new DeleteItemCommand({ TableName: table, Key: HOLD });
  await patiently('dynamodb DeleteItem', (options) => client.send(removal, options));
}

/** @returns false, and nothing is written, when another command waits for its answer. @throws CallFailed */
export const putCommand = (client: DynamoDBClient, table: string, command: Command): Promise<boolean> =>
  putAbsent(client, table, { ...COMMAND, id: { S: command.id }, command: { S: JSON.stringify(command) } });

/** @returns false when it is no longer there: the controller has taken it. @throws CallFailed */
export async function removeCommand(client: DynamoDBClient, table: string, id: string): Promise<boolean> {
  const removal = new DeleteItemCommand({
    TableName: table,
    Key: COMMAND,
    ConditionExpression: 'id = :id',
    ExpressionAttributeValues: { ':id': { S: id } },
  });
  return conditional(() => once('dynamodb DeleteItem', (options) => client.send(removal, options)));
}

const putAbsent = (client: DynamoDBClient, TableName: string, Item: Item): Promise<boolean> => {
  const put = new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(part)' });
  return conditional(() => once('dynamodb PutItem', (options) => client.send(put, options)));
};

/** @returns false when the condition was not met. @throws CallFailed */
export async function conditional(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if ((error as Error).cause instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
