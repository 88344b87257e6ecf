/** RDS's windows, in UTC: the weekly one is `ddd:hh:mm-ddd:hh:mm`, the daily one `hh:mm-hh:mm`. The settings and the trial's RDS use this too. */
export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
export const MINUTES_A_DAY = 24 * 60;
export const MINUTES_A_WEEK = 7 * MINUTES_A_DAY;

/** Minutes after midnight, or after the midnight that begins Sunday. */
interface Span {
  readonly begin: number;
  readonly length: number;
}

/** @param text `hh:mm`, or `ddd:hh:mm` */
export const minuteOf = (text: string): number => {
  const [minute, hour, day] = text.split(':').reverse();
  return (DAYS.indexOf(day ?? 'sun') * 24 + Number(hour)) * 60 + Number(minute);
};

function spanOf(window: string, period: number): Span {
  const [begin, end] = window.split('-').map((text) => minuteOf(text)) as [number, number];
  return { begin, length: (end - begin + period) % period };
}

/** Minutes of a weekly window. */
export const minutesOfWeekly = (window: string): number => spanOf(window, MINUTES_A_WEEK).length;
/** Minutes of a daily window. */
export const minutesOfDaily = (window: string): number => spanOf(window, MINUTES_A_DAY).length;

/** @param now milliseconds since 1970 */
export function isInWindow(weekly: string, now: number): boolean {
  const { begin, length } = spanOf(weekly, MINUTES_A_WEEK);
  const date = new Date(now);
  const minute = (date.getUTCDay() * 24 + date.getUTCHours()) * 60 + date.getUTCMinutes();
  return (minute - begin + MINUTES_A_WEEK) % MINUTES_A_WEEK < length;
}

/** Whether they share a minute on any day; two of which one begins when the other ends share none. */
export function overlap(daily: string, weekly: string): boolean {
  const week = spanOf(weekly, MINUTES_A_WEEK);
  const day = spanOf(daily, MINUTES_A_DAY);
  const gap = (day.begin - week.begin + MINUTES_A_WEEK) % MINUTES_A_DAY;
  // The next backup after maintenance has begun, and the one before.
  return gap < week.length || gap + day.length > MINUTES_A_DAY;
}
