/** Finds the controller's journal in the account, and reads and writes it there. */
import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
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

/** Name of the table, an output of the data stack. */
export const OUTPUT = 'FailoverJournal';

/** As with the trial's own clients: emulators take the account from the access key id, and check no secret. */
const clientFor = ({ region, trial }: Site) => ({
  region,
  ...(trial && {
    endpoint: trial.endpoint,
    credentials: { accessKeyId: trial.account, secretAccessKey: 'trial' },
  }),
});

/** @throws Failure with one sentence */
export async function openJournal(site: Site): Promise<JournalAccess> {
  const formation = new CloudFormationClient({ ...clientFor(site), maxAttempts: 3 });
  try {
    const table = await journalOf(formation, site);
    // What has been looked up once, perhaps by a program that asks for a password, is not looked up again.
    const { credentials } = formation.config;
    return access(
      new DynamoDBClient({ ...clientLimits(site.region), ...clientFor(site), credentials }),
      table,
      site,
    );
  } finally {
    formation.destroy();
  }
}

async function journalOf(client: CloudFormationClient, site: Site): Promise<string> {
  const { stack: StackName, settings } = site;
  const { Stacks = [] } = await explained(site, `read stack ${StackName}`, () =>
    client.send(new DescribeStacksCommand({ StackName })),
  );
  const [stack] = Stacks;
  if (stack) checkAccount(stack, site);
  const table = stack?.Outputs?.find(({ OutputKey }) => OutputKey === OUTPUT)?.OutputValue;
  if (table !== undefined && table !== '') return table;
  throw new Failure(
    `${StackName} has no failover controller (no output ${OUTPUT}): it comes with the stage "replicated" and failover.mode "automatic" or "notify"; the settings say "${settings.stage}" and "${settings.failover.mode}". Deploy the stack first.`,
  );
}

/** `arn:aws:cloudformation:REGION:ACCOUNT:stack/…` */
function checkAccount({ StackId, StackName }: Stack, { settings, trial }: Site): void {
  const account = StackId?.split(':')[4];
  if (trial || settings.account === undefined || !account || account === settings.account) return;
  throw new Failure(
    `The credentials are those of account ${account}, and the settings want ${settings.account}: ${StackName} of the wrong account is left alone. Take other credentials.`,
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
