/**
 * Asynchronous invocations: Lambda's queue before a function, with its tries again and what becomes of an event at
 * last. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployed } from './deployed';
import type { Invocation } from './pool';

/** Before the second and the third try of a function that failed. */
const WAITS_AFTER_FAILURE_MS = [60_000, 120_000];
/** Of a throttled one: doubling, up to five minutes, until the event is too old. */
const FIRST_WAIT_WHEN_THROTTLED_MS = 1_000;
const LONGEST_WAIT_WHEN_THROTTLED_MS = 300_000;

/** An event that nobody handled. */
export interface GivenUp {
  readonly requestId: string;
  readonly event: unknown;
  readonly why: 'RetriesExhausted' | 'EventAgeExceeded';
  /** Tries that ran. */
  readonly tries: number;
  /** Of the last try; absent when it never ran. */
  readonly error?: Extract<Invocation, { errorType: string }>;
}

export interface AsynchronousOptions {
  readonly invoke: (requestId: string, event: unknown) => Promise<Invocation>;
  /**
   * What the waits after a failure are multiplied by. Those of a throttled event are not: they are for the run that is
   * under way, and nobody makes that faster.
   */
  readonly timeScale: number;
  /** Ends the waiting; nothing is given up then. */
  readonly signal: AbortSignal;
  /** Absent: the machine's. */
  readonly clock?: Clock;
}

/** Time in milliseconds. */
export interface Clock {
  now(): number;
  /** @throws when the signal aborts */
  sleep(millis: number, signal: AbortSignal): Promise<void>;
}

const WALL_CLOCK: Clock = {
  now: Date.now,
  sleep: (millis, signal) => sleep(millis, undefined, { signal }),
};

/**
 * Runs a function for one event until it succeeds or its tries are used up.
 * @returns undefined when it succeeded, or was ended by the signal
 */
export async function handleLater(
  { retries, maximumAgeMillis }: Deployed['asynchronous'],
  event: unknown,
  { invoke, timeScale, signal, clock = WALL_CLOCK }: AsynchronousOptions,
): Promise<GivenUp | undefined> {
  const requestId = randomUUID(); // the same for all tries, as the handler sees it
  const oldAt = clock.now() + maximumAgeMillis;
  let tries = 0;
  let error: GivenUp['error'];
  let throttledWait = FIRST_WAIT_WHEN_THROTTLED_MS;
  for (;;) {
    const outcome = await invoke(requestId, event);
    if (outcome.kind === 'returned' || signal.aborted) return undefined;
    let wait: number;
    if (outcome.kind === 'throttled') {
      wait = throttledWait;
      throttledWait = Math.min(throttledWait * 2, LONGEST_WAIT_WHEN_THROTTLED_MS);
    } else {
      error = outcome;
      if (tries >= retries) return { requestId, event, why: 'RetriesExhausted', tries: tries + 1, error };
      wait = WAITS_AFTER_FAILURE_MS[tries++]! * timeScale;
    }
    if (clock.now() + wait > oldAt) {
      return { requestId, event, why: 'EventAgeExceeded', tries, error };
    }
    try {
      await clock.sleep(wait, signal);
    } catch {
      return undefined;
    }
  }
}
