/** Facts of trials that never ran. */
import type { DatabaseFacts, ServerFacts, TrialFacts } from '../../../trial/control/contract';

const AT = Date.UTC(2026, 10, 22, 14, 3, 22);

export const server = (last: number, changes: Partial<ServerFacts> = {}): ServerFacts => ({
  id: `i-0123456789abcdef${last}`,
  zone: `eu-central-1${'abc'[last % 3]}`,
  state: 'healthy',
  address: `127.78.0.${last + 1}:8080`,
  requestsPerSecond: 24.1,
  ...changes,
});

export const primary = (changes: Partial<DatabaseFacts> = {}): DatabaseFacts => ({
  identifier: 'mysite-primary',
  state: 'available',
  role: 'primary',
  inQuarantine: false,
  address: '127.77.0.1:5432',
  server: { inRecovery: false, lsn: '0/3A2B1C8', connections: 12 },
  ...changes,
});

export const replica = (number: number, changes: Partial<DatabaseFacts> = {}): DatabaseFacts => ({
  identifier: `mysite-replica-${number}`,
  state: 'available',
  role: 'replica',
  inQuarantine: false,
  source: 'mysite-primary',
  address: `127.77.0.${number + 1}:5432`,
  server: { inRecovery: true, lsn: '0/3A2B1C8', connections: 8, lagBytes: 0 },
  ...changes,
});

/** All is well. */
export const WELL: TrialFacts = {
  at: AT,
  stage: 'replicated',
  site: 'http://localhost:8080',
  names: [
    { name: 'api.mysite.com', leadsTo: [{ to: 'load balancer' }] },
    { name: 'writer.mysite.internal', leadsTo: [{ to: 'mysite-primary' }] },
    {
      name: 'reader.mysite.internal',
      leadsTo: [
        { to: 'mysite-replica-1', weight: 10 },
        { to: 'mysite-replica-2', weight: 10 },
      ],
    },
  ],
  loadBalancer: {
    url: 'http://localhost:8080',
    requestsPerSecond: 48.2,
    answers: { '2xx': 2831, '3xx': 3, '4xx': 0, '5xx': 0 },
    p95Milliseconds: 12.3,
  },
  servers: [server(0), server(1)],
  databases: [primary(), replica(1), replica(2)],
  functions: [
    { name: 'mysite-failover', lastStart: AT - 4_200, lastOutcome: 'steady' },
    { name: 'mysite-prepare-database' },
  ],
  events: [
    { at: AT - 61_000, about: 'mysite-replica-2', message: 'Replication for the Read Replica resumed' },
    { at: AT - 65_000, about: 'mysite-replica-2', message: 'DB instance created' },
  ],
  faults: [],
};

/** A replica lags, a server drains. */
export const LAGGING: TrialFacts = {
  ...WELL,
  names: [
    ...WELL.names.slice(0, 2),
    {
      name: 'reader.mysite.internal',
      leadsTo: [
        { to: 'mysite-replica-1', weight: 10 },
        { to: 'mysite-replica-2', weight: 1 },
      ],
    },
  ],
  servers: [
    server(0),
    server(1, { state: 'draining', requestsPerSecond: 0.4 }),
    server(2, { state: 'starting', requestsPerSecond: 0 }),
  ],
  databases: [
    primary(),
    replica(1),
    replica(2, {
      server: { inRecovery: true, lsn: '0/3A1B1C8', connections: 3, lagBytes: 1_048_576, lagSeconds: 2.4 },
    }),
  ],
  faults: ['mysite-replica-2: replay is delayed by 2 s'],
};

/** The primary is down, writes fail. */
export const DOWN: TrialFacts = {
  ...WELL,
  loadBalancer: {
    ...WELL.loadBalancer!,
    requestsPerSecond: 31,
    answers: { '2xx': 1210, '3xx': 0, '4xx': 2, '5xx': 214 },
  },
  databases: [
    primary({ server: undefined }),
    replica(1, {
      server: { inRecovery: true, lsn: '0/3A2B1C8', connections: 17, lagBytes: 0, lagSeconds: 0.3 },
    }),
    replica(2, { state: 'creating', server: undefined, address: undefined }),
  ],
  events: [{ at: AT - 2_000, about: 'mysite-primary', message: 'DB instance shutdown' }, ...WELL.events],
  faults: ['mysite-primary: killed, stays away until it is released'],
};

/** Promoted, and named as it was; the old primary waits for recovery. */
export const FAILED_OVER: TrialFacts = {
  ...WELL,
  names: [
    { name: 'writer.mysite.internal', leadsTo: [{ to: 'mysite-replica-1' }] },
    { name: 'reader.mysite.internal', leadsTo: [{ to: 'mysite-replica-3', weight: 100 }] },
  ],
  databases: [
    primary({ role: 'retired', inQuarantine: true, server: undefined }),
    primary({ identifier: 'mysite-replica-1', address: '127.77.0.2:5432' }),
    replica(3, { source: 'mysite-replica-1' }),
  ],
  controller: {
    state: 'retired-waits',
    phase: 'steady',
    epoch: 2,
    reasons: ['mysite-primary waits for recovery, or until it is waived'],
    roundAt: AT - 800,
  },
};
