/** Whether an apply may write its next batch. */
import { CallFailed } from '../../failover/ports';
import { Problem } from '../problem';
import type { Parts } from './parts';

/** So often, and not more, the journal is asked. */
const LOOK_MILLIS = 3_000;

/** A journal that does not answer for so long may have somebody's hold. */
const UNSEEN_MILLIS = 15_000;

/** Kept back of the function's time for a batch that waits for locks, and the last words. */
const RESERVE_MILLIS = 60_000;

export interface Watch {
  /** @throws Problem when the primary is not the primary any more */
  mayGoOn(): Promise<boolean>;
  /** Why it may not, a sentence. */
  readonly why?: string;
}

export interface WatchOptions {
  readonly run: string;
  /** Resource id. */
  readonly primary: string;
  /** Milliseconds since 1970: then the function is ended. */
  readonly until: number;
  /** Whether somebody else has begun this run anew. */
  isLost(): boolean;
}

export function watch(
  { journal, runs, now }: Pick<Parts, 'journal' | 'runs' | 'now'>,
  { run, primary, until, isLost }: WatchOptions,
): Watch {
  let seenAt = -Infinity;

  async function look(): Promise<string | undefined> {
    const [{ memory, hold }, isStopped] = await Promise.all([journal(), runs.isStopped(run)]);
    seenAt = now();
    const isPrimary =
      memory?.primary === primary && (memory.phase === 'steady' || memory.phase === 'healing');
    if (!isPrimary) {
      throw new Problem(
        'Another failover has begun: the server is not the primary any more, or may not be for long. What was done before is in the ledger, and goes to the next primary as far as it is replicated. When it is through, make new plans, one for each old primary that waits.',
      );
    }
    if (hold)
      return `On hold since ${new Date(hold.at).toISOString()} by ${hold.by}: after its release, the same command goes on.`;
    return isStopped ? 'Somebody has asked it to pause: the same command goes on.' : undefined;
  }

  const watching = {
    why: undefined as string | undefined,
    async mayGoOn() {
      watching.why = await reason();
      return watching.why === undefined;
    },
  };

  async function reason(): Promise<string | undefined> {
    if (until - now() < RESERVE_MILLIS) return 'Its time is over: the same command goes on.';
    if (isLost()) return 'It was begun anew elsewhere.';
    if (now() - seenAt < LOOK_MILLIS) return undefined;
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      return now() - seenAt < UNSEEN_MILLIS
        ? undefined
        : `The journal does not answer (${error.message}), and nobody can tell whether there is a hold: the same command goes on.`;
    }
  }
  return watching;
}
