import { UsageFailure } from '../../lib/terminal/usage';

const MILLIS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000 };

/**
 * Reads `200ms`, `1.5s`, `2min`; 0 needs no unit.
 *
 * @returns milliseconds
 * @throws UsageFailure when it is none, or longer than `longest`
 */
export function readTime(text: string, longest: { readonly millis: number; readonly name: string }): number {
  const [, number, unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)\s?([a-z]*)$/.exec(text) ?? [];
  const factor = Number(number) === 0 && unit === '' ? 1 : MILLIS[unit];
  if (number === undefined || factor === undefined) {
    throw new UsageFailure(`"${text}" is not a time: write it as 200ms, 2s or 1min.`);
  }
  const millis = Number(number) * factor;
  if (millis > longest.millis) throw new UsageFailure(`${text} is too long: ${longest.name} is the most.`);
  return millis;
}

/** @throws UsageFailure when it is no number from `least` to `most` */
export function readNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,12}(\.\d{1,6})?$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new UsageFailure(`--${name} ${text} is not a number from ${least} to ${most}.`);
}

/** @throws as readNumber, also for a fraction */
export function readWholeNumber(name: string, text: string, least: number, most: number): number {
  if (/^\d{1,12}$/.test(text)) return readNumber(name, text, least, most);
  throw new UsageFailure(`--${name} ${text} is not a whole number from ${least} to ${most}.`);
}
