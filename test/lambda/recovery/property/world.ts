/** Many cases on one pair of servers: a database each, and one fork. */
import { Client } from 'pg';
import type { Fork } from '../../../../lambda/recovery/fork';
import type { Session } from '../../../../lambda/recovery/session';
import { SLOT_NAME, SLOT_PLUGIN } from '../../../../lambda/prepare-database/plan';
import { type Pair, startPair } from '../../../support/fork';
import type { Case } from './case';
import type { Facts } from './judge';
import { UNMOVED, makeHostile } from './hostile';
import { PATIENCE, begin, end, perform } from './perform';
import { AS_TEXT, type Truth, readTruth } from './truth';

export interface Played extends Facts {
  readonly case: Case;
  readonly database: string;
}

export interface World {
  readonly fork: Fork;
  /** The fork is a little earlier than the true one. */
  readonly isEarly: boolean;
  readonly played: readonly Played[];
  client(side: 'old' | 'primary', database: string): Promise<Client>;
  look(side: 'old' | 'primary', one: Played): Promise<Truth>;
  /** As recovery gets them: the recovery slots on both servers are this case's. One case at a time. */
  sessions(
    one: Played,
    options: { readonly hasHistory: boolean },
  ): Promise<{ readonly old: Session; readonly primary: Session }>;
  stop(): Promise<void>;
}

/** As prepare-database makes it, and the controller fills it. */
const OPENING = `
  create schema scale_from_zero;
  create table scale_from_zero.opening (epoch bigint primary key, at timestamptz not null default now(),
    forked_at pg_lsn, slot_from pg_lsn)`;

/** As the controller's default. */
const GAP = 1000;

const AT_ONCE = 4;

async function each<T>(all: readonly T[], work: (one: T, at: number) => Promise<void>): Promise<void> {
  const left = all.entries();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const [at, one] of left) await work(one, at);
    }),
  );
}

/**
 * @param isEarly the fork is what the controller saw before the replica had received the last of what it received, as
 *   happens when the old primary dies a moment after the look
 */
export async function play(cases: readonly Case[], { isEarly = false } = {}): Promise<World> {
  const settings = {
    autovacuum: 'off',
    max_connections: '60',
    max_replication_slots: String(cases.length + 20),
    max_prepared_transactions: '10',
    shared_buffers: '64MB',
  };
  const pair = await startPair({ settings });
  try {
    return await playOn(pair, cases, isEarly);
  } catch (error) {
    await pair.stop();
    throw error;
  }
}

async function playOn(pair: Pair, cases: readonly Case[], isEarly: boolean): Promise<World> {
  const databaseOf = ({ seed }: Case) => `case_${seed}`;
  const client = async (side: 'old' | 'primary', database: string) => {
    const { host, port } = pair[side];
    const made = new Client({ host, port, user: 'postgres', database, options: UNMOVED });
    made.on('error', () => {});
    await made.connect();
    return made;
  };
  const using = async <T>(
    side: 'old' | 'primary',
    database: string,
    work: (client: Client) => Promise<T>,
  ) => {
    const one = await client(side, database);
    try {
      return await work(one);
    } finally {
      await one.end();
    }
  };
  const look = (side: 'old' | 'primary', one: Case) =>
    using(side, databaseOf(one), async (there) => {
      await there.query(AS_TEXT);
      return await readTruth(there, one.site);
    });

  for (const one of cases) await pair.old.query(`create database ${databaseOf(one)}`);
  await each(cases, (one) =>
    using('old', databaseOf(one), async (old) => {
      await old.query(OPENING);
      for (const text of one.site.ddl) await old.query(text);
      await perform(old, one.histories.base);
      for (const text of one.site.late) await old.query(text);
    }),
  );
  // Before anything is under way: a slot waits for whatever is.
  const makeSlot = (side: 'old' | 'primary', one: Case) =>
    using(side, databaseOf(one), (there) =>
      there.query('select pg_create_logical_replication_slot($1, $2)', [databaseOf(one), SLOT_PLUGIN]),
    );
  for (const one of cases) await makeSlot('old', one);

  const underWay = new Map<Case, Client[]>();
  const early = isEarly ? await seen(pair) : undefined;
  await each(cases, (one) =>
    using('old', databaseOf(one), async (old) => {
      await old.query(PATIENCE);
      await perform(old, one.histories.before);
      const open: Client[] = [];
      for (const transaction of one.histories.underWay) {
        const another = await client('old', databaseOf(one));
        await another.query(PATIENCE);
        await begin(another, transaction);
        open.push(another);
      }
      underWay.set(one, open);
    }),
  );
  // The last one that the replica receives; its commit also flushes the WAL of what is under way.
  const [first] = cases;
  const onEdge = (side: 'old' | 'primary', text: string) =>
    using(side, databaseOf(first!), (there) => there.query(text));
  await onEdge('old', `insert into edge values (1, 'last before')`);
  const exact = await pair.part();
  await onEdge('old', `insert into edge values (2, 'first after')`);
  await pair.promote();
  // Not before: a transaction that is under way may hold a lock there, as long as it is.
  const forks = new Map<Case, Truth>();
  await each(cases, async (one) => void forks.set(one, await look('primary', one)));
  for (const one of cases) await makeSlot('primary', one);
  await onEdge('primary', `update edge set note = 'first here' where id = 1`);
  await each(cases, (one) =>
    using('primary', databaseOf(one), async (primary) => {
      await primary.query(
        `insert into scale_from_zero.opening (epoch, forked_at, slot_from)
         select 1, pg_last_wal_replay_lsn(), confirmed_flush_lsn from pg_replication_slots where slot_name = $1`,
        [databaseOf(one)],
      );
      // A replica's sequences are some 32 values ahead, until the old primary has come so far: without the gap as if it had.
      const to = one.hasGap ? `coalesce(last, 1) + ${GAP}` : 'greatest(last - 32, 1)';
      await primary.query(
        `select setval(oid, ${to}) from (
           select oid::regclass, pg_sequence_last_value(oid) as last from pg_class
            where relkind = 'S' and relpersistence = 'p' offset 0) as every where ${one.hasGap} or last is not null`,
      );
      await perform(primary, one.histories.primary);
    }),
  );
  await each(cases, (one) =>
    using('old', databaseOf(one), async (old) => {
      await old.query(PATIENCE);
      const { old: steps, endings, underWay: transactions } = one.histories;
      const open = underWay.get(one)!;
      for (let at = 0; at <= steps.length; at++) {
        for (const [number, connection] of open.entries()) {
          if (endings[number] !== at) continue;
          await end(connection, transactions[number]!);
          await connection.end();
        }
        await perform(old, steps.slice(at, at + 1));
      }
    }),
  );

  for (const one of cases) await makeHostile(pair, databaseOf(one), one.seed);

  const played: Played[] = [];
  for (const one of cases) {
    const [old, present, names] = await Promise.all([
      look('old', one),
      look('primary', one),
      using('primary', databaseOf(one), (there) => namesOf(there, one)),
    ]);
    const tables = [...one.site.tables, one.site.edge].map((table, at) => ({ ...table, known: names[at]! }));
    played.push({ case: one, database: databaseOf(one), tables, fork: forks.get(one)!, old, present });
  }
  return {
    fork: early ?? exact,
    isEarly,
    played,
    client,
    look: (side, one) => look(side, one.case),
    async sessions({ database }, { hasHistory }) {
      await takeSlot(pair, 'old', database, true);
      await takeSlot(pair, 'primary', database, hasHistory);
      const old = await pair.session('old', { database, isReadOnly: true });
      const primary = await pair.session('primary', { database });
      return { old, primary };
    },
    stop: () => pair.stop(),
  };
}

/** A slot's name is one in the whole server: the case's own is copied to it. */
async function takeSlot(
  pair: Pair,
  side: 'old' | 'primary',
  database: string,
  isWanted: boolean,
): Promise<void> {
  const session = await pair.session(side, { database });
  try {
    await session.ask(
      'select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1',
      [SLOT_NAME],
    );
    if (isWanted) await session.ask('select pg_copy_logical_replication_slot($1, $2)', [database, SLOT_NAME]);
  } finally {
    await session.close();
  }
}

async function namesOf(client: Client, { site }: Case): Promise<string[]> {
  const tables = [...site.tables, site.edge];
  const { rows } = await client.query<{ names: string[] }>(
    `select array_agg(format('%I.%I', schema, relation) order by at) as names
       from unnest($1::text[], $2::text[]) with ordinality as site(schema, relation, at)`,
    [tables.map(({ schema }) => schema), tables.map(({ relation }) => relation)],
  );
  return rows[0]!.names;
}

/** What the controller sees of a replica; the fork, unless more comes. */
async function seen(pair: Pair): Promise<Fork> {
  const [fork] = await pair.primary.query(
    `select 1 as epoch, pg_last_wal_replay_lsn()::text as lsn, pg_current_snapshot()::text as snapshot,
            (select timeline_id from pg_control_checkpoint()) as timeline,
            (select system_identifier::text from pg_control_system()) as system, 0 as "heartbeatAt"`,
  );
  return fork as Fork;
}
