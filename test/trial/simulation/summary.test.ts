import { STATES } from '../../../lambda/failover/states';
import type { Statistics } from '../../../trial/simulation/statistics';
import {
  add,
  distributionOf,
  emptyTally,
  merge,
  summaryOf,
  summaryText,
} from '../../../trial/simulation/summary';

const STATISTICS: Statistics = {
  failovers: [
    {
      kind: 'automatic',
      failedAt: 0,
      decidedAt: 20_000,
      fencedAt: 50_000,
      promotedAt: 290_000,
      openedAt: 292_000,
      wroteAt: 300_000,
      rdsMillis: 270_000,
      lost: 3,
    },
    // Nobody wrote before the end.
    { kind: 'switchover', failedAt: 0, decidedAt: 0, rdsMillis: 0, lost: 0 },
  ],
  states: { healthy: 2, fencing: 1 },
  writes: 100,
  writesFailed: 25,
  reads: 300,
  readsFailed: 0,
  lost: 3,
  steps: 1_000,
  millis: 3_600_000,
};

test('a distribution has its middle, its 95th and its largest', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(distributionOf(values)).toEqual({ count: 100, median: 51, p95: 96, max: 100 });
  expect(distributionOf([])).toEqual({ count: 0, median: 0, p95: 0, max: 0 });
});

test('tallies of several workers are one', () => {
  const [one, other] = [emptyTally(), emptyTally()];
  add(one, STATISTICS);
  add(other, STATISTICS);
  merge(one, other);
  const summary = summaryOf(one);
  expect(summary).toMatchObject({
    schedules: 2,
    writes: 200,
    withLoss: 2,
    failovers: { automatic: 2, switchover: 2, promote: 0 },
  });
  expect(summary.times.detect).toEqual({ count: 2, median: 20_000, p95: 20_000, max: 20_000 });
  expect(summary.times['in all'].median).toBe(300_000);
  expect(summary.rdsShare.median).toBe(90);
  expect(summary.states.healthy).toBe(4);
  expect(Object.keys(summary.states)).toEqual(Object.keys(STATES));
});

test('the summary can be read', () => {
  const tally = emptyTally();
  add(tally, STATISTICS);
  const text = summaryText(summaryOf(tally));
  expect(text).toContain('1 schedules, 1 hours of virtual time');
  expect(text).toMatch(/failure to first write +1 +300\.0 s +300\.0 s +300\.0 s/);
  expect(text).toMatch(/of that, RDS at work +1 +90 %/);
  expect(text).toContain('failed 20.00 %');
  expect(text).toMatch(/never seen: .*blind/);
});
