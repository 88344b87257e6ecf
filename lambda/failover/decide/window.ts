/** RDS's weekly windows, `ddd:hh:mm-ddd:hh:mm` in UTC. */
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTES_A_WEEK = 7 * 24 * 60;

const minuteOf = (text: string): number => {
  const [day, hour, minute] = text.split(':');
  return (DAYS.indexOf(day!) * 24 + Number(hour)) * 60 + Number(minute);
};

/** @param now milliseconds since 1970 */
export function isInWindow(window: string, now: number): boolean {
  const [begin, end] = window.split('-').map((text) => minuteOf(text)) as [number, number];
  const date = new Date(now);
  const minute = (date.getUTCDay() * 24 + date.getUTCHours()) * 60 + date.getUTCMinutes();
  const length = (end - begin + MINUTES_A_WEEK) % MINUTES_A_WEEK;
  return (minute - begin + MINUTES_A_WEEK) % MINUTES_A_WEEK < length;
}
