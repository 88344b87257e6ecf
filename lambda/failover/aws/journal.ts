/** The controller's part of the journal: lease and commits. What lies where is told in journal-items.ts. */
import {
  type DynamoDBClient,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  TransactionCanceledException,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import { CallFailed, type Commit, type JournalPort, type Stored } from '../ports';
import { once } from './call';
import { COMMAND, HOLD, STATE, conditional, entryItem, readGroup } from './journal-items';

/** `owner` is a reserved word, as `key` is. */
const NAMES = { '#owner': 'owner' };

export const journalFor = (client: DynamoDBClient, table: string): JournalPort => ({
  read: () => readGroup(client, table),
  take: (stored, owner) => take(client, table, stored, owner),
  commit: (commit) => commitAll(client, table, commit),
  async release(owner) {
    const update = new UpdateItemCommand({
      TableName: table,
      Key: STATE,
      UpdateExpression: 'REMOVE #owner',
      ConditionExpression: '#owner = :me',
      ExpressionAttributeNames: NAMES,
      ExpressionAttributeValues: { ':me': { S: owner } },
    });
    await conditional(() => once('dynamodb UpdateItem', (options) => client.send(update, options)));
  },
});

/** The version stays: a commit makes it one more, and the owner's condition keeps whoever had the lease from that. */
function take(
  client: DynamoDBClient,
  table: string,
  { version, lease }: Stored,
  owner: string,
): Promise<boolean> {
  const unchanged = `version = :version AND ${lease ? '#owner = :before' : 'attribute_not_exists(#owner)'}`;
  const update = new UpdateItemCommand({
    TableName: table,
    Key: STATE,
    UpdateExpression: 'SET #owner = :me, version = :version ADD beat :one',
    // The very first time there is no item at all.
    ConditionExpression: version === 0 && !lease ? `attribute_not_exists(part) OR (${unchanged})` : unchanged,
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: {
      ':me': { S: owner },
      ':version': { N: String(version) },
      ':one': { N: '1' },
      ...(lease && { ':before': { S: lease.owner } }),
    },
  });
  return conditional(() => once('dynamodb UpdateItem', (options) => client.send(update, options)));
}

/** Of a transaction that met another one: DynamoDB has then written nothing for sure, and it may be asked again. */
const ATTEMPTS = 3;
const PAUSE_MILLIS = 100;

async function commitAll(
  client: DynamoDBClient,
  table: string,
  commit: Commit,
): Promise<'written' | 'lost' | 'held'> {
  const { state, hold, others } = itemsOf(table, commit);
  const items = [state, ...(hold ? [hold] : []), ...others];
  for (let attempt = 1; ; attempt++) {
    const command = new TransactWriteItemsCommand({ TransactItems: items });
    try {
      await once('dynamodb TransactWriteItems', (options) => client.send(command, options));
      return 'written';
    } catch (error) {
      const { cause } = error as CallFailed;
      if (!(cause instanceof TransactionCanceledException)) throw error;
      const failed = (item: TransactWriteItem | undefined) =>
        item && cause.CancellationReasons?.[items.indexOf(item)]?.Code === 'ConditionalCheckFailed';
      // Who has lost the lease need not know of a hold.
      if (failed(state)) return 'lost';
      if (failed(hold)) return 'held';
      if (others.some(failed)) return 'lost';
      if (attempt === ATTEMPTS || !cause.CancellationReasons?.some(({ Code }) => isPassing(Code))) {
        throw new CallFailed('throttled', (error as Error).message, { cause });
      }
      await sleep(Math.random() * PAUSE_MILLIS * attempt);
    }
  }
}

const isPassing = (code: string | undefined) => code === 'TransactionConflict' || code === 'ThrottlingError';

function itemsOf(
  TableName: string,
  { version, owner, memory, entries, notOnHold, answered }: Commit,
): { state: TransactWriteItem; hold?: TransactWriteItem; others: TransactWriteItem[] } {
  const puts = entries.map((entry, index) => ({
    Put: { TableName, Item: entryItem(entry, version + 1, index) },
  }));
  const answer = {
    Delete: {
      TableName,
      Key: COMMAND,
      ConditionExpression: 'id = :answered',
      ExpressionAttributeValues: { ':answered': { S: answered ?? '' } },
    },
  };
  return {
    state: {
      Update: {
        TableName,
        Key: STATE,
        UpdateExpression: 'SET version = :next, memory = :memory ADD beat :one',
        ConditionExpression: 'version = :version AND #owner = :me',
        ExpressionAttributeNames: NAMES,
        ExpressionAttributeValues: {
          ':version': { N: String(version) },
          ':next': { N: String(version + 1) },
          ':memory': { S: JSON.stringify(memory) },
          ':one': { N: '1' },
          ':me': { S: owner },
        },
      },
    },
    hold: notOnHold
      ? { ConditionCheck: { TableName, Key: HOLD, ConditionExpression: 'attribute_not_exists(part)' } }
      : undefined,
    others: answered === undefined ? puts : [...puts, answer],
  };
}
