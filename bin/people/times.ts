/** Moments as people read them. */
import { clock, seconds } from '../../lib/terminal/quantities';

export const moment = clock;

/** `12 s ago`; what a clock that is behind puts into the future is now. */
export const ago = (at: number, now: number): string => `${seconds(Math.max(0, now - at) / 1000)} ago`;

const DAY_MILLIS = 24 * 3600_000;

/** The time of day, with the date when that is longer ago than half a day. */
export function day(at: number, now: number, timeZone?: string): string {
  const time = clock(at, timeZone);
  if (Math.abs(now - at) < DAY_MILLIS / 2) return time;
  return `${new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', timeZone }).format(at)} ${time}`;
}
