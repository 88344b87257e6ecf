import { isInWindow } from '../../../../lambda/failover/decide/window';

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
