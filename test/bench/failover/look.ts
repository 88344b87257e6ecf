/** One look at the largest group that RDS allows. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchFacts, sendFault } from '../../../trial/view/source';
import { openJournal } from '../../../trial/drill/journal';
import { missing } from '../../../trial/drill/group';
import { BenchFailure } from '../failure';
import type { Section } from '../figure';
import type { Bench } from '../part';
import { quantity } from '../print';
import { looksMillis } from './own-work';
import { type Stand, withTrial } from './stand';

/** At most so many of one source: RDS user guide, "Working with DB instance read replicas". */
const REPLICAS = 15;

export async function look(bench: Bench): Promise<Section> {
  const values = await withTrial(bench, [`database.replicas=${REPLICAS}`], (stand) => looks(bench, stand));
  return {
    part: 'failover-look',
    title: `One look at a primary and ${REPLICAS} replicas`,
    about:
      'From asking RDS until the last server has answered, as the controller logs it when it sees the group in a new state: a replica is killed and released again, so that the states change. All servers and the controller share the processors of this machine.',
    figures: [{ name: 'a look', unit: 's', values, goal: { atMost: 1 } }],
  };
}

const WAIT_SECONDS = 300;

/** Longer than from one look to the next, shorter than until the replica is replaced. */
const AWAY_MILLIS = 3_000;

async function looks({ runs, say, signal }: Bench, { trial, log }: Stand): Promise<number[]> {
  const { running } = trial;
  const journal = await openJournal(running);
  const whole = async () => {
    for (const end = Date.now() + WAIT_SECONDS * 1000; Date.now() < end; await sleep(500)) {
      const [facts, stored] = await Promise.all([fetchFacts(running), journal.read()]);
      if (signal.aborted) throw new BenchFailure('It was ended before it was over.');
      if (missing({ facts, stored }, REPLICAS) === undefined) return facts;
    }
    throw new BenchFailure(`${REPLICAS} replicas were not fit within ${WAIT_SECONDS} s.`);
  };
  try {
    const values: number[] = [];
    for (let run = 1; run <= runs; run++) {
      const { databases } = await whole();
      const replica = databases.filter(({ role }) => role === 'replica')[run % REPLICAS]!;
      const from = Date.now();
      const database = replica.identifier;
      await sendFault(running, { kind: 'kill-database', database, stays: true });
      await sleep(AWAY_MILLIS);
      await sendFault(running, { kind: 'release-database', database });
      await sleep(AWAY_MILLIS);
      await whole();
      const seen = looksMillis(log(from)).map((millis) => millis / 1000);
      values.push(...seen);
      say(
        `look ${run} of ${runs}: ${seen.map((value) => quantity(value, 's')).join(', ') || 'no state changed'}`,
      );
    }
    if (values.length === 0) throw new BenchFailure('The controller has told of no look.');
    return values;
  } finally {
    journal.close();
  }
}
