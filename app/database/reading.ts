/** Reads: on a replica where there is one, after the reader's own write where they must be. */
import type { Log } from '../log';
import type { Counting } from './counts';
import type { Database, Outcome } from './database';
import type { Endpoint } from './endpoint';
import { DatabaseUnavailable, isWorthAnotherTry } from './errors';
import type { Connection } from './host-pool';
import type { Position, PositionRow } from './position';
import { isAtLeast, POSITION_SHOWN, positionOf } from './position';

export interface ReadingParts {
  /** Absent: there is only the primary. */
  readonly replicas?: Endpoint;
  readonly primary: Endpoint;
  readonly counts: Counting;
  readonly log: Log;
  readonly now: () => number;
}

/** A read is tried on so many replicas, if there are as many, before the primary has to serve it. */
const REPLICAS_TRIED = 2;

const WARN_EVERY_MILLIS = 10_000;

export function reading({ replicas, primary, counts, log, now }: ReadingParts): Database['read'] {
  const warn = warnNowAndThen(log, now);

  return async (work, { after } = {}) => {
    type Found = Outcome<Awaited<ReturnType<typeof work>>>;
    let hasFailed = false;
    /** Takes an error that another server, or the same one later, may not have. */
    const toBeTriedAgain = (error: unknown) => {
      if (!isWorthAnotherTry(error)) throw error;
      hasFailed = true;
      counts.add('retries');
    };
    const readOn = async (connection: Connection): Promise<Found> => ({
      value: await work(connection),
      host: connection.host,
    });

    const onReplicas = async (endpoint: Endpoint): Promise<Found | 'behind' | undefined> => {
      const tried = new Set<string>();
      for (let count = 0; count < REPLICAS_TRIED; count++) {
        try {
          const done = await endpoint.run(
            async (connection) =>
              after && !(await shows(connection, after)) ? ('behind' as const) : readOn(connection),
            tried,
          );
          return done?.value;
        } catch (error) {
          toBeTriedAgain(error);
        }
      }
      return undefined;
    };

    const onPrimary = async (): Promise<Found | undefined> => {
      try {
        return (await primary.run(readOn))?.value;
      } catch (error) {
        // What failed on replicas has had its second attempt by now.
        if (hasFailed) throw error;
        toBeTriedAgain(error);
        await primary.lookUp();
        return (await primary.run(readOn))?.value;
      }
    };

    let found = replicas && (await onReplicas(replicas));
    if (replicas && !found) {
      counts.add('withoutReplica');
      warn();
    }
    if (found === 'behind') counts.add('behind');
    if (!found || found === 'behind') found = await onPrimary();
    if (!found) throw new DatabaseUnavailable(new Error('No database is known'));
    counts.addRead(found.host);
    return found;
  };
}

/**
 * Asked on the very connection that reads, since what it shows only ever grows: what was enough once
 * is enough for as long as the connection lives, and costs no round trip again.
 */
async function shows({ query, memory }: Connection, token: Position): Promise<boolean> {
  if (memory.shown && isAtLeast(memory.shown, token)) return true;
  const [row] = await query<PositionRow>(POSITION_SHOWN);
  memory.shown = positionOf(row);
  return isAtLeast(memory.shown, token);
}

/** One line an interval, however many requests: with the number of reads since the last one. */
function warnNowAndThen(log: Log, now: () => number): () => void {
  let lastAt = -Infinity;
  let reads = 0;
  return () => {
    reads++;
    if (now() - lastAt < WARN_EVERY_MILLIS) return;
    log.warn('no replica can be reached, the primary serves reads', { reads });
    lastAt = now();
    reads = 0;
  };
}
