/** Moments and lengths of time in a report: UTC, as nobody knows where it is read. */

/** `2026-11-22 18:30:01.250001 UTC`; what is no time is given back as it is. */
export function moment(iso: string): string {
  const [, day, time, fraction = ''] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00(:?00)?)$/.exec(iso) ?? [];
  if (day === undefined) return iso;
  const digits = fraction.replace(/\.?0+$/, '');
  return `${day} ${time}${digits} UTC`;
}

/** @param millis since 1970 */
export const momentOf = (millis: number): string => moment(new Date(millis).toISOString());

/** `6 ms`, `2.8 s`, `4 min`, `3.2 h` between two moments. */
export function lengthOf(first: string, last: string): string {
  const seconds = (Date.parse(last) - Date.parse(first)) / 1000;
  if (!Number.isFinite(seconds)) return 'an unknown time';
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 90) return `${seconds.toFixed(1)} s`;
  return seconds < 5400 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

export const count = (value: number): string => value.toLocaleString('en-US');

/** `1 row`, `2 rows` */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;
