import type { Client } from 'pg';
import { connected, rivalries, serverAddress, writerCredentials } from '../clients';
import type { Drill, Verdict } from '../drill';
import type { Scene } from '../scene';
import { lostOnlyPastFork, promotedOncePerEpoch } from '../promises';
import { keptOut, oneWritable, quarantined, wholeAgain } from '../promises-of-group';
import { partyOf } from './parties';

/** How many sessions are held: each with a transaction of its own that has written already. */
const SESSIONS = 5;

/** How long the old primary has, after it is thawed, to do harm. */
const AFTER_THAW_SECONDS = 8;

/** Its host stops, with every session open, and goes on when another one is the primary. */
export const primaryFrozenAndThawed: Drill = {
  name: 'primary-frozen-and-thawed',
  about: 'the primary stops, and goes on after the failover',
  replicas: 2,
  async run(scene) {
    const old = partyOf(scene.before, 'primary');
    const sessions = await open(scene, old.address!);
    await scene.rivals();
    await scene.fault({ kind: 'freeze-database', database: old.identifier, stays: true });
    await scene.until('another primary', ({ stored: { memory } }) => memory?.phase === 'healing');
    await scene.whole();
    await scene.fault({ kind: 'thaw-database', database: old.identifier }, 'thawed');
    const committed = await commitAll(sessions);
    await scene.pause(AFTER_THAW_SECONDS);
    const look = await scene.whole();
    const commits = await scene.endRivals();
    return (evidence) =>
      [
        {
          promise: `no session that was open before can commit after the thaw`,
          isKept: committed === 0,
          found: `${committed} of ${SESSIONS} did`,
        },
        oneWritable(rivalries(commits), commits.length),
        keptOut(commits, old.address!, evidence),
        lostOnlyPastFork(evidence, old.identifier),
        promotedOncePerEpoch(evidence, 1),
        wholeAgain(look, scene.replicas, old.identifier),
        quarantined(look, old.identifier),
      ] satisfies Verdict[];
  },
};

/** Sessions from a server of the site, by the way that clients have to the primary before the fault. */
async function open(scene: Scene, to: string): Promise<Client[]> {
  const credentials = await writerCredentials(scene.running);
  const from = serverAddress(scene.before);
  return Promise.all(
    Array.from({ length: SESSIONS }, async () => {
      const client = await connected({ to, from, credentials });
      await client.query('begin');
      await client.query('select pg_current_xact_id()');
      return client;
    }),
  );
}

const COMMIT_WITHIN_MILLIS = 5_000;

/** @returns how many of them the server said yes to */
async function commitAll(sessions: readonly Client[]): Promise<number> {
  const outcomes = await Promise.all(
    sessions.map((client) => {
      const late = new Promise<boolean>((resolve) =>
        setTimeout(() => resolve(false), COMMIT_WITHIN_MILLIS).unref(),
      );
      const done = client.query('commit').then(
        () => true,
        () => false,
      );
      return Promise.race([done, late]);
    }),
  );
  for (const client of sessions) void client.end().catch(() => undefined);
  return outcomes.filter((isCommitted) => isCommitted).length;
}
