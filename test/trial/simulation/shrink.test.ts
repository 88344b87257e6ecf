import { violationText } from '../../../trial/simulation/report';
import type { Schedule } from '../../../trial/simulation/schedule';
import { shrink, smallerThan } from '../../../trial/simulation/shrink';
import { simulate } from '../../../trial/simulation/simulate';
import { MUTANTS } from './mutants/all';

/** Only the first of them has to do with what goes wrong. */
const SCHEDULE: Schedule = {
  seed: 7,
  setup: {
    replicas: 3,
    fencePolicy: 'best-effort',
    mode: 'automatic',
    minimumIntervalMillis: 0,
    maintenanceWindow: 'sun:03:00-sun:04:00',
    multiAz: false,
    clients: 3,
    clinging: 2,
  },
  faults: [
    { kind: 'kill', whom: 'primary', at: 123, lasts: 0 },
    { kind: 'stale', seconds: 1, at: 90, lasts: 30 },
    { kind: 'cut', one: 'clients', other: 'replica-1', at: 130, lasts: 77 },
    { kind: 'calls', service: 'stack', fate: 'fails', share: 0.5, at: 140, lasts: 60 },
  ],
};

const controller = MUTANTS.find(({ name }) => name === 'promotes without a fence')!.controller;

test('a schedule that breaks a promise becomes as small as it can be', async () => {
  const failed = await simulate(SCHEDULE, controller());
  expect(failed.violation?.number).toBe(2);
  const { schedule, violation, trace } = await shrink(failed, controller());
  expect(violation?.number).toBe(2);
  expect(schedule.faults).toEqual([{ kind: 'kill', whom: 'primary', at: 120, lasts: 0 }]);
  expect(schedule.setup).toMatchObject({ replicas: 1, clients: 1, clinging: 0, fencePolicy: 'strict' });
  expect(trace.some(({ text }) => text.startsWith('VIOLATION of 2'))).toBe(true);
}, 60_000);

test('what is printed names the promise, the schedule and the seed', async () => {
  const failed = await simulate(SCHEDULE, controller());
  const text = violationText(failed, failed);
  expect(text).toMatch(/^Point 2 is broken: Promotion is never asked for before the fence is verified/);
  expect(text).toContain('2:03.0  kill primary');
  expect(text).toContain('npm run simulate -- --seed 7 --verbose');
});

test('every smaller schedule is smaller in one respect', () => {
  const all = [...smallerThan(SCHEDULE)];
  expect(all.slice(0, 2).map(({ faults }) => faults.length)).toEqual([2, 2]);
  for (const one of all) expect(one).not.toEqual(SCHEDULE);
  expect([
    ...smallerThan({
      ...SCHEDULE,
      faults: [],
      setup: { ...SCHEDULE.setup, replicas: 1, clients: 1, clinging: 0, fencePolicy: 'strict' },
    }),
  ]).toEqual([]);
});
