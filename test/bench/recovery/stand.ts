/** Two real servers with a table each, parted, with both histories. */
import { connect } from '../../../lambda/recovery/connect';
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
    for (const statement of onOld(truth)) await pair.old.query(statement);
    await open.query('commit');
    await open.end();
    await pair.promote();
    await pair.makeSlot('primary');
    for (const statement of onNew(truth)) await pair.primary.query(statement);
    return { pair, fork, truth, rows };
  } catch (error) {
    await pair.stop();
    throw error;
  }
}
