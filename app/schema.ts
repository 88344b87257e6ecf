/** The tables of the site, made and changed by the site itself when it starts. */
import type { Database } from './database/database';
import type { Log } from './log';

/** Applied in this order, each once. Only ever add to the end: what was applied is not looked at again. */
const STEPS = [
  `create table notes (
     id bigint generated always as identity primary key,
     author text not null check (char_length(author) between 1 and 60),
     text text not null check (char_length(text) between 1 and 2000),
     version integer not null default 1,
     created_at timestamptz not null default now(),
     updated_at timestamptz not null default now()
   )`,
];

/** Any number, as long as every server takes the same: whoever has it may change the schema. */
export const SCHEMA_LOCK = 7_301_965;

/**
 * Brings the schema up to date, in one transaction under a lock, so that any number of servers may
 * start at once: the first does the work, the others find it done.
 * @returns how many steps were applied
 */
export const prepareSchema = async (database: Database): Promise<number> => {
  const { value } = await database.write(async ({ query }) => {
    await query('select pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    // Asked first: "create table if not exists" wants the right to create even when there is nothing to do.
    const [found] = await query<{ exists: boolean }>(
      `select to_regclass('site_schema') is not null as exists`,
    );
    if (!found?.exists) {
      await query(
        'create table site_schema (step integer primary key, applied_at timestamptz not null default now())',
      );
    }
    const [done] = await query<{ steps: number }>('select count(*)::integer as steps from site_schema');
    const missing = STEPS.slice(done?.steps ?? 0);
    for (const [index, step] of missing.entries()) {
      await query(step);
      await query('insert into site_schema (step) values ($1)', [(done?.steps ?? 0) + index + 1]);
    }
    return missing.length;
  });
  return value;
};

/** Waits between attempts: doubling, so that a database that comes back is not met by a crowd. */
const FIRST_WAIT_MILLIS = 250;
const LONGEST_WAIT_MILLIS = 5_000;

/** Tries until it succeeds or `signal` aborts. Never throws: a site without database is still a site. */
export async function keepPreparingSchema(database: Database, log: Log, signal: AbortSignal): Promise<void> {
  for (let wait = FIRST_WAIT_MILLIS; !signal.aborted; wait = Math.min(wait * 2, LONGEST_WAIT_MILLIS)) {
    try {
      log.info('schema ready', { stepsApplied: await prepareSchema(database) });
      return;
    } catch (error) {
      log.warn('schema not ready, trying again', { error });
    }
    // Half of it random: servers that started together do not try together.
    await pause(wait * (0.5 + Math.random() / 2), signal);
  }
}

const pause = (millis: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve(); // an abort that has been is not told again
    const timer = setTimeout(resolve, millis);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
