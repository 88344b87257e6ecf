/** Every call to AWS, with its limits: nothing is waited for longer, be it the name, the connection or the answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CallFailed } from '../ports';
import { callFailed } from './errors';

/** In all. A round is late after it, and the next one asks again. */
const CALL_MILLIS = 5_000;

/** Of each attempt of what is asked again when the answer does not come: a lost packet costs little, a slow service none. */
const ATTEMPT_MILLIS = [1_500, 1_500, 2_000];
const CONNECT_MILLIS = 1_500;

/** The longest pause before the second attempt; twice as long before the third. */
const PAUSE_MILLIS = 200;

/** What tells by chance; what is denied or wrong is so the next time as well. */
const BY_CHANCE = ['throttled', 'timeout', 'failed'];

/** Of every client. It asks once: what is asked again, and when, is decided here. */
export const clientLimits = (region: string) => ({
  region,
  maxAttempts: 1,
  requestHandler: { connectionTimeout: CONNECT_MILLIS },
});

/** Of a client that asks once an hour or less: a connection that was kept would long be dead, and the call with it. */
export const rareClientLimits = (region: string) => ({
  ...clientLimits(region),
  requestHandler: {
    connectionTimeout: CONNECT_MILLIS,
    httpAgent: { keepAlive: false },
    httpsAgent: { keepAlive: false },
  },
});

export type Send<T> = (options: { readonly abortSignal: AbortSignal }) => Promise<T>;

/**
 * A change: asked once.
 *
 * @param what the call, for people
 * @throws CallFailed; `timeout`: whether it was done is not known
 */
export async function once<T>(what: string, send: Send<T>, milliseconds = CALL_MILLIS): Promise<T> {
  try {
    return await limited(what, send, milliseconds);
  } catch (error) {
    throw callFailed(what, error);
  }
}

/**
 * What may be asked twice: up to three times, with pauses by chance, and no longer in all than once() lasts.
 *
 * @throws CallFailed of the last attempt
 */
export async function patiently<T>(what: string, send: Send<T>): Promise<T> {
  const end = performance.now() + CALL_MILLIS;
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(what, send, Math.min(ATTEMPT_MILLIS[attempt - 1]!, end - performance.now()));
    } catch (error) {
      const pause = Math.random() * PAUSE_MILLIS * attempt;
      const isOver = attempt === ATTEMPT_MILLIS.length || performance.now() + pause >= end;
      if (isOver || !BY_CHANCE.includes((error as CallFailed).outcome)) throw error;
      await sleep(pause);
    }
  }
}

/** The signal ends the request; the race ends the wait for what heeds no signal, such as credentials. */
async function limited<T>(what: string, send: Send<T>, milliseconds: number): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new CallFailed('timeout', `${what}: timeout: no answer within ${Math.round(milliseconds)} ms`));
      controller.abort();
    }, milliseconds);
  });
  try {
    return await Promise.race([send({ abortSignal: controller.signal }), late]);
  } finally {
    clearTimeout(timer);
  }
}
