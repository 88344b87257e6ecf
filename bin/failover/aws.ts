/** Finds the controller's journal in the account, and reads and writes it there. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientLimits } from '../../lambda/failover/aws/call';
import {
  putCommand,
  putHold,
  readEntries,
  readGroup,
  removeCommand,
  removeHold,
} from '../../lambda/failover/aws/journal-items';
import { Failure } from '../../lib/terminal/failure';
import { explained } from '../people/explain';
import type { JournalAccess } from './journal';
import type { Site } from '../people/site';
import { type FoundStack, clientFor, findStack } from '../people/stack';

/** Name of the table, an output of the data stack. */
export const OUTPUT = 'FailoverJournal';

/** @throws Failure with one sentence */
export async function openJournal(site: Site): Promise<JournalAccess> {
  const { outputs, credentials } = await findStack(site);
  return accessJournal(outputs, credentials, site);
}

/** @throws Failure when the stack has none */
export function accessJournal(
  outputs: FoundStack['outputs'],
  credentials: FoundStack['credentials'],
  site: Site,
): JournalAccess {
  const table = journalTable(outputs, site);
  return access(
    new DynamoDBClient({ ...clientLimits(site.region), ...clientFor(site), credentials }),
    table,
    site,
  );
}

/** @throws Failure when the stack has none */
export function journalTable(outputs: FoundStack['outputs'], { stack, settings }: Site): string {
  const table = outputs[OUTPUT];
  if (table !== undefined) return table;
  throw new Failure(
    `${stack} has no failover controller (no output ${OUTPUT}): it comes with the stage "replicated" and failover.mode "automatic" or "notify"; the settings say "${settings.stage}" and "${settings.failover.mode}". Deploy the stack first.`,
  );
}

function access(client: DynamoDBClient, table: string, site: Site): JournalAccess {
  const skew = skewOf(client);
  const to = <T>(what: string, work: () => Promise<T>): Promise<T> =>
    explained(site, `${what} table ${table}`, work);
  return {
    read: () => to('read', () => readGroup(client, table)),
    entries: (limit) => to('read', () => allEntries(client, table, limit)),
    hold: (hold) => to('write to', () => putHold(client, table, hold)),
    release: () => to('write to', () => removeHold(client, table)),
    put: (command) => to('write to', () => putCommand(client, table, command)),
    withdraw: (id) => to('write to', () => removeCommand(client, table, id)),
    now: () => Date.now() + skew(),
    close: () => client.destroy(),
  };
}

/** Answers say the time in whole seconds, and take a while to come. */
const UNNOTICED_MILLIS = 5_000;

/** @returns how far this machine's clock is behind that of whoever answered last */
function skewOf(client: DynamoDBClient): () => number {
  let skew = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers } = result.response as { headers?: Record<string, string> };
      const difference = Date.parse(headers?.['date'] ?? '') - Date.now();
      skew = Math.abs(difference) > UNNOTICED_MILLIS ? difference : 0;
      return result;
    },
    { step: 'deserialize' },
  );
  return () => skew;
}

/** A page ends at a megabyte, whatever its limit is. */
async function allEntries(client: DynamoDBClient, table: string, limit: number) {
  const found = [];
  let before: string | undefined;
  do {
    const page = await readEntries(client, table, { limit: limit - found.length, before });
    found.push(...page.entries);
    before = page.next;
  } while (before !== undefined && found.length < limit);
  return found;
}
