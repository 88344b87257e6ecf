import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { readGroup } from '../../lambda/failover/aws/journal-items';
import type { FailoverEnvironmentVariables } from '../../lambda/failover/environment';
import type { Memory } from '../../lambda/failover/memory';
import type { Hold } from '../../lambda/failover/ports';
import { getFromLambda } from '../lambdas/emulator';
import { type Target, clientConfig } from '../target';

/** What is known of the failover controller: by its own journal, which nobody needs to ask it for. */
export interface SeenController {
  /** Absent until its first round. */
  readonly memory?: Memory;
  readonly hold?: Hold;
  readonly quarantineGroup: string;
}

interface FunctionConfiguration {
  readonly Environment?: { readonly Variables?: Partial<FailoverEnvironmentVariables> };
}

/** Reads the controller's journal. */
export class ControllerFinder {
  private client?: DynamoDBClient;

  /** @param group name of the site, with which the function's name begins */
  constructor(
    private readonly target: Target,
    private readonly group: string | undefined,
  ) {}

  /** @returns undefined when no controller is deployed, or the emulator does not answer */
  async look(): Promise<SeenController | undefined> {
    const { target, group } = this;
    if (group === undefined) return undefined;
    try {
      const path = `/2015-03-31/functions/${group}-failover/configuration`;
      const found = await getFromLambda<FunctionConfiguration>(target, path);
      const { JOURNAL_TABLE: table, QUARANTINE_GROUP_ID: quarantineGroup } =
        found?.Environment?.Variables ?? {};
      if (table === undefined || quarantineGroup === undefined) return undefined;
      this.client ??= new DynamoDBClient(clientConfig(target));
      const { memory, hold } = await readGroup(this.client, table);
      return { memory, hold, quarantineGroup };
    } catch {
      return undefined;
    }
  }
}
