/** Numbers as people read them, the same everywhere in the trial's views. */

export const count = (value: number): string => Math.round(value).toLocaleString('en-US');

/** `0.3 s`, `12 s`, `4 min`, `3 h`, `5 days`. */
export function seconds(value: number): string {
  if (value < 9.95) return `${value.toFixed(1)} s`;
  if (value < 99.5) return `${Math.round(value)} s`;
  if (value < 5400) return `${Math.round(value / 60)} min`;
  return value < 48 * 3600 ? `${count(value / 3600)} h` : `${count(value / (24 * 3600))} days`;
}

/** `0.8 ms`, `12 ms`, `3.1 s`. */
export function milliseconds(value: number): string {
  if (value >= 999.5) return seconds(value / 1000);
  return value < 9.95 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}

/** `512 B`, `1.2 MB`: powers of 1000. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** power;
  return `${power > 0 && scaled < 9.95 ? scaled.toFixed(1) : count(scaled)} ${units[power]}`;
}

/** `48.2`, `1,204`. */
export const rate = (value: number): string => (value < 99.95 ? value.toFixed(1) : count(value));

const clocks = new Map<string | undefined, Intl.DateTimeFormat>();

/** The time of day, with seconds. @param timeZone absent: this machine's */
export function clock(at: number, timeZone?: string): string {
  // To make one takes as long as to print a hundred times with it.
  const form = clocks.get(timeZone) ?? new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone });
  clocks.set(timeZone, form);
  return form.format(at);
}
