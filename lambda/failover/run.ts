/** One invocation: takes the lease, repeats rounds until its time is over, gives the lease back. */
import type { Decide } from './decide';
import type { Memory } from './memory';
import { messageOf } from './observe';
import type { Policy } from './policy';
import { CallFailed, type Ports } from './ports';
import { LEASE_MILLIS, round } from './round';
import type { Result } from './decide/retry';

export interface RunOptions {
  readonly ports: Ports;
  readonly policy: Policy;
  /** New for each run. */
  readonly owner: string;
  /** Milliseconds since 1970 by `ports.clock`: no round begins later. */
  readonly until: number;
  readonly decide?: Decide;
}

const WAIT_MILLIS = 1_000;

/** @throws CallFailed only when the journal never answered */
export async function run(options: RunOptions): Promise<'ended' | 'lease-held' | 'lease-lost'> {
  const { ports, owner, until } = options;
  const { clock, journal, log } = ports;
  if (!(await takeLease(options))) return 'lease-held';

  let results: readonly Result[] = [];
  try {
    while (clock.now() < until) {
      const begun = clock.now();
      let pause = pauseFor(options.policy, undefined);
      try {
        const stored = await journal.read();
        if (stored.lease?.owner !== owner) return 'lease-lost';
        const rounded = await round({ ...options, knownSince: begun }, stored, results);
        // Not written: the lease is another's, or a command was withdrawn meanwhile. The next look at the journal tells.
        results = rounded.results;
        if (rounded.outcome === 'not-written') pause = 0;
        if (rounded.decision) pause = pauseFor(options.policy, rounded.decision.memory);
      } catch (error) {
        // What it was about to do is not written down, so nothing was done.
        if (!(error instanceof CallFailed)) throw error;
        log.warn('the journal does not answer', { error: messageOf(error) });
      }
      const rest = Math.min(begun + pause, until) - clock.now();
      if (rest > 0) await clock.sleep(rest);
    }
    return 'ended';
  } finally {
    await journal.release(owner).catch((error: unknown) => {
      log.warn('the lease was not given back', { error: messageOf(error) });
    });
  }
}

/** Often while something is going on: but not more often than the APIs bear. */
const QUICKEST_MILLIS = 200;
const SLOWEST_WHEN_URGENT_MILLIS = 1_000;

function pauseFor({ probeIntervalMillis }: Policy, memory: Memory | undefined): number {
  const isUrgent =
    memory !== undefined &&
    ((memory.phase !== 'steady' && memory.phase !== 'healing') || memory.suspicion !== undefined);
  return isUrgent
    ? Math.min(SLOWEST_WHEN_URGENT_MILLIS, Math.max(QUICKEST_MILLIS, probeIntervalMillis / 5))
    : probeIntervalMillis;
}

/**
 * @returns false when somebody else works, and goes on working
 * @throws CallFailed when the journal has not answered once
 */
async function takeLease({
  ports,
  owner,
  until,
}: Pick<RunOptions, 'ports' | 'owner' | 'until'>): Promise<boolean> {
  const { clock, journal, log } = ports;
  let seen: { beat: number; at: number } | undefined;
  let failure: CallFailed | undefined;
  let isHeard = false;
  while (clock.now() < until) {
    try {
      const stored = await journal.read();
      isHeard = true;
      if (!stored.lease) {
        if (await journal.take(stored, owner)) return true;
      } else {
        if (seen?.beat !== stored.lease.beat) seen = { beat: stored.lease.beat, at: clock.now() };
        else if (clock.now() - seen.at >= LEASE_MILLIS && (await journal.take(stored, owner))) return true;
      }
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      failure = error;
      log.warn('the journal does not answer', { error: messageOf(error) });
    }
    await clock.sleep(WAIT_MILLIS);
  }
  if (failure && !isHeard) throw failure;
  return false;
}
