/** Schedules of one kind, for figures about that kind. */
import { generate } from './generate';
import { between, randomOf } from './random';
import type { Fault, Schedule, Setup } from './schedule';

const SETUP: Setup = {
  replicas: 2,
  fencePolicy: 'strict',
  mode: 'automatic',
  minimumIntervalMillis: 60 * 60_000,
  maintenanceWindow: 'sun:03:00-sun:04:00',
  multiAz: false,
  clients: 3,
  clinging: 1,
};

/** Nothing else goes wrong; the moment within the controller's minute is left to chance. */
const alone =
  (what: (at: number) => Fault, setup: Partial<Setup> = {}) =>
  (seed: number): Schedule => ({
    seed,
    setup: { ...SETUP, ...setup },
    faults: [what(between(randomOf(seed, 9), 120, 239))],
  });

export const SCENARIOS = {
  any: { schedule: generate, what: 'faults of every kind, on top of each other' },
  'primary-dies': {
    schedule: alone((at) => ({ kind: 'kill', whom: 'primary', at, lasts: 0 })),
    what: "the primary's server ends by itself, and RDS restarts it",
  },
  'primary-host-lost': {
    schedule: alone((at) => ({ kind: 'lose-host', whom: 'primary', at, lasts: 0 })),
    what: "the primary's host is lost, and RDS replaces it",
  },
  'primary-frozen': {
    schedule: alone((at) => ({ kind: 'freeze', whom: 'primary', at, lasts: 1_800 })),
    what: 'the primary hangs; RDS can restart it',
  },
  'primary-cut-off': {
    schedule: alone((at) => ({ kind: 'isolate', whom: 'primary', at, lasts: 1_800 })),
    what: 'the primary runs on, cut off from everybody, and comes back after half an hour',
  },
  switchover: {
    schedule: alone((at) => ({ kind: 'command', command: { kind: 'switchover' }, at, lasts: 0 })),
    what: 'a planned switchover',
  },
  'class-waits': {
    schedule: alone((at) => ({ kind: 'command', command: { kind: 'switchover' }, at, lasts: 0 }), {
      classWaits: true,
    }),
    what: 'a planned switchover while a change of class waits for the maintenance window',
  },
  'replicas-grown': {
    schedule: (seed) => {
      const at = between(randomOf(seed, 9), 120, 239);
      const grown = ['replica-1', 'replica-2'] as const;
      return {
        seed,
        setup: SETUP,
        faults: [
          ...grown.map((whom): Fault => ({ kind: 'grow', whom, at: 60, lasts: 0 })),
          { kind: 'isolate', whom: 'primary', at: at + 600, lasts: 1_800 },
        ],
      };
    },
    what: 'the primary is cut off for half an hour while the storage of its replicas is being optimized',
  },
  'no-capacity': {
    schedule: (seed) => {
      const at = between(randomOf(seed, 9), 120, 239);
      return {
        seed,
        setup: SETUP,
        faults: [
          { kind: 'lose-host', whom: 'primary', at, lasts: 0 },
          { kind: 'no-capacity', how: seed % 2 ? 'refused' : 'given up', at, lasts: 1_800 },
        ],
      };
    },
    what: 'a failover while RDS has no room for new replicas',
  },
  'replica-dies': {
    schedule: alone((at) => ({ kind: 'dead', whom: 'replica-1', at, lasts: 3_600 })),
    what: 'a replica dies for good',
  },
} as const satisfies Record<string, { schedule(seed: number): Schedule; what: string }>;

export type ScenarioName = keyof typeof SCENARIOS;
