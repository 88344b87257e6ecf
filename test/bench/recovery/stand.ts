/** Two real servers with a table each, parted, with both histories. */
import { connect } from '../../../lambda/recovery/connect';
import { OPENING_TABLE } from '../../../lambda/prepare-database/plan';
import { OWN_SCHEMA, SLOT_NAME } from '../../../lambda/prepare-database/plan';
import type { Fork } from '../../../lambda/recovery/fork';
import { type Pair, startPair } from '../../support/fork';
import { CREATE, fill, onNew, onOld, TABLE, underWay } from './data';
import { FUNCTIONS } from './pg-comparator';
import { type Truth, truthOf } from './truth';

export interface Stand {
  readonly pair: Pair;
  readonly fork: Fork;
  readonly truth: Truth;
  readonly rows: number;
}

/** So many rows a statement, so that somebody sees that it goes on. */
const PORTION = 1_000_000;

/** As on servers that have run for a while: nothing but what is measured, no checkpoint in between. */
const SETTINGS = {
  synchronous_commit: 'off',
  autovacuum: 'off',
  shared_buffers: '512MB',
  maintenance_work_mem: '256MB',
  max_wal_size: '16GB',
  checkpoint_timeout: '1h',
};

/** @param rows of the table at the fork */
export async function startStand(rows: number, say: (text: string) => void): Promise<Stand> {
  const truth = truthOf(rows);
  const pair = await startPair({
    settings: SETTINGS,
    async prepare(old) {
      const session = await connect(
        { ...old, user: 'postgres', database: 'postgres' },
        { isReadOnly: false },
      );
      try {
        await session.ask(CREATE);
        // What the others need on the servers; later it would be one more lost change.
        await session.ask(FUNCTIONS);
        await session.ask('create extension postgres_fdw');
        await session.ask(`create schema ${OWN_SCHEMA};
          create table ${OPENING_TABLE} (epoch bigint primary key, at timestamptz, forked_at pg_lsn, slot_from pg_lsn)`);
        for (let done = 0; done < rows; done += PORTION) {
          await session.ask(fill(done + 1, Math.min(rows, done + PORTION)));
          if (rows > PORTION) say(`rows: ${Math.min(rows, done + PORTION).toLocaleString('en-US')}`);
        }
        await session.ask(`vacuum (analyze) ${TABLE}`);
      } finally {
        await session.close();
      }
    },
  });
  try {
    await pair.makeSlot('old');
    const open = await pair.old.connect();
    await open.query('begin');
    await open.query(underWay(truth));
    const fork = await pair.part();
    await run(pair, 'old', onOld(truth));
    await open.query('commit');
    await open.end();
    await pair.promote();
    await pair.makeSlot('primary');
    // As the failover controller does before it opens writes.
    await pair.primary.query(`
      insert into ${OPENING_TABLE} (epoch, at, forked_at, slot_from)
      select ${fork.epoch}, now(), '${fork.lsn}', confirmed_flush_lsn from pg_replication_slots where slot_name = '${SLOT_NAME}'`);
    await run(pair, 'primary', onNew(truth));
    return { pair, fork, truth, rows };
  } catch (error) {
    await pair.stop();
    throw error;
  }
}

/** Each statement is a transaction. */
async function run(pair: Pair, side: 'old' | 'primary', statements: readonly string[]): Promise<void> {
  const session = await pair.session(side);
  try {
    for (const statement of statements) await session.ask(statement);
  } finally {
    await session.close();
  }
}
