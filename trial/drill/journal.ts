/** The failover controller's journal, as the trial's emulator has it: read, and given commands as people give them. */
import { randomUUID } from 'node:crypto';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  type DescribeStacksCommandOutput,
} from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { putCommand, readEntries, readGroup } from '../../lambda/failover/aws/journal-items';
import type { Command, Entry, Stored } from '../../lambda/failover/ports';
import { TrialFailure } from '../failure';
import { type Target, clientConfig } from '../target';

/** A command without what is the same for all of them. */
export type Asked = Command extends infer C
  ? C extends Command
    ? Omit<C, 'id' | 'by' | 'at'>
    : never
  : never;

export interface Journal {
  read(): Promise<Stored>;
  /** Of one moment and later, the oldest first. */
  since(at: number): Promise<readonly Entry[]>;
  /** @returns its id. @throws TrialFailure when another one waits for its answer */
  put(asked: Asked): Promise<string>;
  close(): void;
}

/** Name of the table, an output of the data stack. */
const OUTPUT = 'FailoverJournal';

const PAGE = 200;

/** @throws TrialFailure when no controller is deployed */
export async function openJournal(target: Target): Promise<Journal> {
  const table = await tableIn(target);
  const client = new DynamoDBClient(clientConfig(target));
  return {
    read: () => readGroup(client, table),
    since: (at) => since(client, table, at),
    async put(asked) {
      const command = { ...asked, id: randomUUID(), by: 'drill', at: Date.now() } as Command;
      if (await putCommand(client, table, command)) return command.id;
      throw new TrialFailure('Another command waits for the controller: wait until it is answered.');
    },
    close: () => client.destroy(),
  };
}

async function since(client: DynamoDBClient, table: string, at: number): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  let before: string | undefined;
  do {
    const page = await readEntries(client, table, { limit: PAGE, before });
    found.push(...page.entries.filter((entry) => entry.at >= at));
    before = page.entries.some((entry) => entry.at < at) ? undefined : page.next;
  } while (before !== undefined);
  return found.reverse();
}

async function tableIn(target: Target): Promise<string> {
  const client = new CloudFormationClient(clientConfig(target));
  try {
    const { Stacks = [] }: DescribeStacksCommandOutput = await client.send(new DescribeStacksCommand({}));
    const table = Stacks.flatMap(({ Outputs = [] }) => Outputs).find(
      ({ OutputKey }) => OutputKey === OUTPUT,
    )?.OutputValue;
    if (table) return table;
  } finally {
    client.destroy();
  }
  throw new TrialFailure(
    `No stack of the trial has a failover controller (no output ${OUTPUT}): drills need the stage "replicated" and failover.mode "automatic".`,
  );
}
