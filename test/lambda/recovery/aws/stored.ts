/** The failover controller's journal, as recovery reads it. */
import type { Fork, Memory, Retired } from '../../../../lambda/failover/memory';
import type { Stored } from '../../../../lambda/failover/ports';

export const T0 = Date.parse('2026-11-22T19:05:00Z');

export const forkOf = (epoch: number, changes: Partial<Fork> = {}): Fork => ({
  epoch,
  from: `db-OLD-${epoch}`,
  to: `db-NEW-${epoch}`,
  lsn: '0/3000148',
  snapshot: '741:744:',
  timeline: epoch,
  system: '7440000000000000000',
  heartbeatAt: T0,
  at: T0,
  ...changes,
});

export const retiredOf = (fork: Fork, recovery: Retired['recovery'] = 'needed'): Retired => ({
  resourceId: fork.from,
  epoch: fork.epoch,
  fork,
  recovery,
  since: T0,
});

export const stored = (changes: Partial<Memory> = {}, more: Partial<Stored> = {}): Stored => ({
  version: 7,
  memory: {
    phase: 'steady',
    epoch: 3,
    primary: 'db-NEW-3',
    retired: [],
    unfitSince: {},
    inFlight: [],
    creating: {},
    backoff: {},
    stackPolicy: 'open',
    ...changes,
  },
  ...more,
});
