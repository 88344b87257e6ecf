/**
 * Databases in pairs on one server, as they are when a plan is applied: `old` has what was lost, `primary` is written by
 * the role `recovery` with its real rights. How changes are found is other tests' affair: here a plan is simply the
 * difference of the two.
 */
import { ROLES, type RoleName, rolesPlan } from '../../../../lambda/prepare-database/plan';
import { readTables } from '../../../../lambda/recovery/catalog';
import { target } from '../../../../lambda/recovery/apply/statements';
import { connect } from '../../../../lambda/recovery/connect';
import type { Change, Plan } from '../../../../lambda/recovery/plan';
import { planSequences, readSequences } from '../../../../lambda/recovery/sequences';
import type { Session } from '../../../../lambda/recovery/session';
import type { Table } from '../../../../lambda/recovery/table';
import { type TestPostgres, type PostgresOptions, startPostgres } from '../../../support/postgres';

export interface Site {
  readonly database: string;
  /** A superuser's. */
  readonly old: Session;
  readonly admin: Session;
  /** Of the role `recovery`. */
  readonly primary: Session;
  /** Another session of the role, or of another one; ended with the stand. */
  session(user?: string): Promise<Session>;
  /**
   * @param order of tables: inserts and updates in it, then deletes in the opposite one; all tables by name if absent
   */
  plan(order?: readonly string[], change?: (change: Change) => Partial<Change>): Promise<Plan>;
  /** Ends the three sessions, and drops both databases. */
  close(): Promise<void>;
  /** Rows of a table as text, sorted. */
  rows(side: 'old' | 'primary', table: string): Promise<string[]>;
}

export interface Stand {
  readonly server: TestPostgres;
  /**
   * @param both what both sides have, run as app_writer; then `lost` on the old side and `since` on the new one
   */
  site(both: string, lost?: string, since?: string): Promise<Site>;
  stop(): Promise<void>;
}

export async function startStand(options: PostgresOptions = {}): Promise<Stand> {
  const server = await startPostgres(options);
  const sessions: Session[] = [];
  let sites = 0;
  let roles: readonly string[] = [];
  const session = async (database: string, user: string, name?: string) => {
    const { host, port } = server;
    const made = await connect({ host, port, database, user, name }, { isReadOnly: false });
    sessions.push(made);
    return made;
  };
  return {
    server,
    async site(both, lost = '', since = '') {
      const number = ++sites;
      const [old, primary] = ['old', 'new'].map((side) => `${side}_${number}`) as [string, string];
      for (const database of [old, primary]) {
        await server.query(`create database ${database}`);
        const admin = await session(database, 'postgres');
        const verifiers = Object.fromEntries(ROLES.map((role) => [role, 'unused'])) as Record<
          RoleName,
          string
        >;
        const observed = {
          ...{ master: 'postgres', masterReplicates: true, database, roles },
          ...{ writerTables: [], writerSequences: [] },
        };
        for (const statement of rolesPlan(observed, verifiers)) await admin.ask(statement);
        roles = ROLES;
        await admin.ask(`grant create on database ${database} to app_writer`);
        const writer = await session(database, 'app_writer');
        await writer.ask('set search_path to default');
        await writer.ask(both);
        const more = database === old ? lost : since;
        if (more) await writer.ask(more);
        await writer.close();
        await admin.close();
      }
      const there = await session(old, 'postgres', 'old');
      const admin = await session(primary, 'postgres');
      const here = await session(primary, 'recovery', 'new');
      return {
        database: primary,
        old: there,
        admin,
        primary: here,
        async close() {
          for (const each of [there, admin, here]) await each.close();
          for (const each of [old, primary]) await server.query(`drop database ${each} with (force)`);
        },
        session: (user = 'recovery') => session(primary, user, 'new'),
        plan: (order, change) => differenceOf(there, here, primary, order, change),
        rows: async (side, table) =>
          (
            await (side === 'old' ? there : admin).ask<{ row: string }>(
              `select (t.*)::text as row from ${table} as t order by 1`,
            )
          ).map(({ row }) => row),
      };
    },
    async stop() {
      for (const each of sessions) await each.close().catch(() => undefined);
      await server.stop();
    },
  };
}

async function differenceOf(
  old: Session,
  primary: Session,
  database: string,
  order: readonly string[] | undefined,
  change: (change: Change) => Partial<Change> = () => ({}),
): Promise<Plan> {
  const catalog = await readTables(primary);
  const tables = (order ?? [...catalog.keys()]).map((name) => {
    const table = catalog.get(name);
    if (!table) throw new Error(`${name} is none of ${[...catalog.keys()].join(', ')}`);
    return table;
  });
  const changes: Change[] = [];
  const add = (made: Omit<Change, 'number' | 'transactions'>) => {
    const whole: Change = { number: changes.length + 1, transactions: ['1'], ...made };
    changes.push({ ...whole, ...change(whole) });
  };
  const sides = new Map<Table, readonly [Rows, Rows]>();
  for (const table of tables) sides.set(table, [await byKey(old, table), await byKey(primary, table)]);
  for (const [{ name }, [there, here]] of sides) {
    for (const operation of ['insert', 'update'] as const) {
      for (const [id, { key, row }] of there) {
        const present = here.get(id)?.row ?? null;
        if (present === row || (present === null) !== (operation === 'insert')) continue;
        add({ table: name, key, operation, lost: row, present });
      }
    }
  }
  for (const [{ name }, [there, here]] of [...sides].reverse()) {
    for (const [id, { key, row }] of here) {
      if (!there.has(id)) add({ table: name, key, operation: 'delete', lost: null, present: row });
    }
  }
  const [server] = await primary.ask<{ system: string }>(
    'select system_identifier::text as system from pg_control_system()',
  );
  return {
    head: {
      format: 'scale-from-zero recovery plan',
      version: 1,
      id: `plan-of-${database}`,
      madeAt: '2026-11-22T19:05:01.000Z',
      fork: {
        ...{ epoch: 1, lsn: '0/1', snapshot: '3:3:', timeline: 0, heartbeatAt: 0 },
        system: server!.system,
      },
      ...{ from: 'old', to: 'new', database, timeline: 1, method: 'slot', tables },
      sequences: planSequences(await readSequences(old), await readSequences(primary)),
      ...{ transactions: [], unrecoverable: [], gaps: [], alreadyHere: 0 },
    },
    changes,
  };
}

type Rows = ReadonlyMap<string, { readonly key: string[]; readonly row: string }>;

async function byKey(session: Session, table: Table): Promise<Rows> {
  const key = table.key!.map((column) => `format('%s', t.${table.columns[column]!.quoted})`).join(', ');
  const rows = await session.ask<{ key: string[]; row: string }>(
    `select array[${key}]::text[] as key, (t.*)::text as row from ${target(table)} as t order by ${key}`,
  );
  return new Map(rows.map((row) => [JSON.stringify(row.key), row]));
}
