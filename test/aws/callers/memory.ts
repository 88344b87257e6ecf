import type { Memory } from '../../../lambda/failover/memory';

export const MEMORY: Memory = {
  phase: 'steady',
  epoch: 1,
  primary: 'db-PRIMARY',
  retired: [],
  unfitSince: {},
  inFlight: [],
  creating: {},
  backoff: {},
  stackPolicy: 'open',
};
