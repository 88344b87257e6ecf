/** Makes histories happen. What a server refuses is undone, as a site would; nothing here fails for it. */
import type { Client } from 'pg';
import type { Step, UnderWay } from './history';

/** Whoever waits, waits for a transaction that is under way at the fork, and in vain. */
export const PATIENCE = `set lock_timeout = '40ms'`;

const tried = (client: Client, text: string): Promise<boolean> =>
  client.query(text).then(
    () => true,
    () => false,
  );

const CONTROL = /^(savepoint|rollback|set) /;

async function careful(client: Client, statements: readonly string[]): Promise<void> {
  for (const text of statements) {
    if (CONTROL.test(text)) await tried(client, text);
    else if (!(await tried(client, `savepoint each; ${text}; release each`))) {
      await tried(client, 'rollback to each');
    }
  }
}

export async function perform(client: Client, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if ('maintenance' in step) {
      await tried(client, step.maintenance);
      continue;
    }
    await client.query('begin');
    if (step.isCareful) await careful(client, step.statements);
    else for (const text of step.statements) await tried(client, text);
    // A deferred constraint may refuse the commit, which is a rollback then.
    await tried(client, step.end);
  }
}

/** What a transaction does before the fork; it stays open. */
export async function begin(client: Client, { before }: UnderWay): Promise<void> {
  await client.query('begin');
  await careful(client, before);
  // Without an id it would not be under way.
  await client.query('select pg_current_xact_id()');
}

export async function end(client: Client, { after, end: how }: UnderWay): Promise<void> {
  await careful(client, after);
  await tried(client, how);
}
