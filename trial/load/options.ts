import { TrialFailure } from '../failure';

export interface LoadOptions {
  /** Of the site; on this machine. */
  readonly url: string;
  /** Where the ledger is written. */
  readonly folder: string;
  /** Absent: until it is stopped, at most an hour. */
  readonly seconds?: number;
  /** Requests a second, whether the site keeps up or not. */
  readonly rate: number;
  /** Share of the requests that are writes, 0 to 1. */
  readonly writes: number;
  /** Visitors; one half writes and reads back, the other reads. */
  readonly clients: number;
  /** The same seed asks for the same things in the same order. */
  readonly seed: number;
  /** After so long a request counts as unanswered. */
  readonly timeoutMillis?: number;
  /** How long to keep asking for the notes at the end, while the site fails. */
  readonly checkWithinMillis?: number;
}

export const DEFAULTS = { seconds: 30, rate: 50, writes: 0.2, clients: 10 } as const;

/** Longer than the load balancer waits for anything that still succeeds, shorter than a person does. */
export const TIMEOUT_MILLIS = 10_000;

export const CHECK_WITHIN_MILLIS = 60_000;

/** Beyond these, this machine measures itself. */
export const LIMITS = { seconds: 3600, rate: 2000, clients: 1000 } as const;

/**
 * @returns the site's origin
 * @throws TrialFailure when it is not on this machine: a load that reaches somebody else is an attack
 */
export function siteUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.protocol !== 'http:') {
    throw new TrialFailure(`"${text}" is not the URL of a trial's site, such as http://localhost:8080.`);
  }
  // What begins with 127. is an address by now: the URL parser has made one of 0x7f.1 and 2130706433 alike.
  const isLoopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (!isLoopback) {
    throw new TrialFailure(
      `${url.host} is not on this machine: load is sent to localhost and 127.0.0.0/8 only.`,
    );
  }
  return new URL(url.origin);
}
