/** Brings one database into the state of plan.ts. */
import type { Client } from 'pg';
import type { ObservedSlot, Observed, RoleName } from './plan';
import { ROLES, SLOT_NAME, rolesPlan, slotPlan } from './plan';

/** Any number, as long as every run takes the same; the site's own is in app/schema.ts. */
const PREPARE_LOCK = 7_301_966;

/** Of each statement, and of the wait for another run. Making a slot waits for the transactions that are open. */
const STATEMENT_TIMEOUT_MILLIS = 60_000;

/**
 * Makes roles, grants, heartbeat and slot, or finds them made. Any number of runs may go on at once: one works, the
 * others wait for it.
 *
 * @param client signed in as the master user
 * @returns how many statements were run
 * @throws Error when the server is a replica, and whatever PostgreSQL refuses; nothing is left half done
 */
export async function prepareDatabase(
  client: Client,
  verifiers: Readonly<Record<RoleName, string>>,
): Promise<number> {
  await client.query(`set statement_timeout = ${STATEMENT_TIMEOUT_MILLIS}`);
  const [server] = await rows<{ replica: boolean }>(client, 'select pg_is_in_recovery() as replica');
  if (server?.replica) {
    throw new Error(`${client.host} is a replica: roles are made on the primary, is a failover under way?`);
  }
  // The session's, not the transaction's: making the slot is outside of it. It goes with the connection.
  await client.query('select pg_advisory_lock($1)', [PREPARE_LOCK]);

  await client.query('begin');
  const observed = await observe(client);
  const statements = rolesPlan(observed, verifiers);
  for (const statement of statements) await client.query(statement);
  await client.query('commit');

  const slotStatements = slotPlan(await observeSlot(client), observed.database);
  for (const statement of slotStatements) await client.query(statement);
  await client.query('select pg_advisory_unlock($1)', [PREPARE_LOCK]);
  return statements.length + slotStatements.length;
}

const rows = async <Row extends object>(client: Client, text: string, values?: unknown[]): Promise<Row[]> =>
  (await client.query<Row>(text, values)).rows;

async function observe(client: Client): Promise<Observed> {
  const [self] = await rows<Omit<Observed, 'roles' | 'writerTables' | 'writerSequences'>>(
    client,
    `select current_user as master, current_database() as database,
            (select rolreplication from pg_roles where rolname = current_user) as "masterReplicates"`,
  );
  const roles = await rows<{ name: string }>(
    client,
    'select rolname as name from pg_roles where rolname = any($1)',
    [[...ROLES, 'rds_replication']],
  );
  const owned = await rows<{ name: string; kind: string }>(
    client,
    `select format('%I.%I', 'public', c.relname) as name, c.relkind as kind
       from pg_class c join pg_roles r on r.oid = c.relowner
      where r.rolname = 'app_writer' and c.relnamespace = 'public'::regnamespace`,
  );
  const ofKinds = (kinds: string) => owned.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
  return {
    ...self!,
    roles: roles.map(({ name }) => name),
    // Tables, partitioned and foreign ones, views, materialized views (PostgreSQL manual, catalog pg_class).
    writerTables: ofKinds('rpfvm'),
    writerSequences: ofKinds('S'),
  };
}

async function observeSlot(client: Client): Promise<ObservedSlot | undefined> {
  const [slot] = await rows<ObservedSlot>(
    client,
    `select plugin, database, wal_status as "walStatus", active from pg_replication_slots where slot_name = $1`,
    [SLOT_NAME],
  );
  return slot;
}
