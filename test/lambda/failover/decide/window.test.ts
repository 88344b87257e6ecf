import {
  isInWindow,
  minutesOfDaily,
  minutesOfWeekly,
  overlap,
} from '../../../../lambda/failover/decide/window';

const at = (text: string) => Date.parse(`${text}Z`);

// 2026-01-04 is a Sunday.
test.each([
  ['sun:03:00-sun:04:00', '2026-01-04T02:59', false],
  ['sun:03:00-sun:04:00', '2026-01-04T03:00', true],
  ['sun:03:00-sun:04:00', '2026-01-04T03:59:59', true],
  ['sun:03:00-sun:04:00', '2026-01-04T04:00', false],
  ['sun:03:00-sun:04:00', '2026-01-05T03:30', false],
  ['sat:23:30-sun:00:30', '2026-01-04T00:10', true],
  ['sat:23:30-sun:00:30', '2026-01-03T23:40', true],
  ['sat:23:30-sun:00:30', '2026-01-03T23:20', false],
  ['sat:23:30-sun:00:30', '2026-01-04T00:30', false],
  ['mon:00:00-mon:00:30', '2026-01-05T00:00', true],
])('%s at %s: %s', (window, now, expected) => {
  expect(isInWindow(window, at(now))).toBe(expected);
});

test.each([
  ['sun:03:00-sun:04:00', 60],
  ['sat:23:30-sun:00:30', 60],
  ['sun:03:00-mon:03:00', 24 * 60],
  ['mon:00:00-mon:00:00', 0],
])('%s is %d minutes long', (window, minutes) => {
  expect(minutesOfWeekly(window)).toBe(minutes);
});

test.each([
  ['05:00-06:00', 60],
  ['23:45-00:15', 30],
])('each day %s is %d minutes long', (window, minutes) => {
  expect(minutesOfDaily(window)).toBe(minutes);
});

test.each([
  ['03:00-04:00', 'sun:03:00-sun:04:00', true],
  ['02:30-03:01', 'sun:03:00-sun:04:00', true],
  ['03:59-04:29', 'sun:03:00-sun:04:00', true],
  ['02:00-05:00', 'sun:03:00-sun:04:00', true],
  ['03:10-03:40', 'wed:03:00-wed:04:00', true],
  // One begins when the other ends.
  ['02:00-03:00', 'sun:03:00-sun:04:00', false],
  ['04:00-05:00', 'sun:03:00-sun:04:00', false],
  ['05:00-06:00', 'sun:03:00-sun:04:00', false],
  // Over midnight, and over the end of the week.
  ['23:45-00:15', 'tue:00:00-tue:01:00', true],
  ['23:45-00:15', 'sat:23:00-sat:23:50', true],
  ['00:10-00:40', 'sat:23:30-sun:00:30', true],
  ['00:30-01:00', 'sat:23:30-sun:00:30', false],
  ['23:00-23:30', 'sat:23:30-sun:00:30', false],
  ['12:00-12:30', 'sun:13:00-mon:12:30', true],
  ['12:30-13:00', 'sun:13:00-mon:12:30', false],
  ['12:30-13:00', 'sun:13:00-mon:13:00', true],
])('each day %s and %s overlap: %s', (daily, weekly, expected) => {
  expect(overlap(daily, weekly)).toBe(expected);
});
