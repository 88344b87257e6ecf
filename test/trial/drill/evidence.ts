/** A failover as a drill sees it: killed at 0, decided at 2.2 s, open at 4.3 s, healed at 8.3 s. */
import type { Memory } from '../../../lambda/failover/memory';
import type { Entry } from '../../../lambda/failover/ports';
import type { Evidence } from '../../../trial/drill/drill';
import type { Entry as LedgerEntry } from '../../../trial/load/ledger';
import { WELL } from '../view/facts';

/** Milliseconds since 1970 of the fault. */
export const FAULT_AT = 1_800_000_000_000;

/** Seconds since the fault. */
export const at = (seconds: number): number => FAULT_AT + seconds * 1000;

export const entry = (seconds: number, what: string, changes: Partial<Entry> = {}): Entry => ({
  at: at(seconds),
  epoch: 1,
  phase: 'steady',
  state: /^state (\S+)/.exec(what)?.[1] ?? 'fencing',
  what,
  evidence: [`evidence of ${what}`],
  by: 'run-1',
  ...changes,
});

export const MEMORY: Memory = {
  phase: 'healing',
  epoch: 1,
  primary: 'db-B',
  retired: [],
  unfitSince: {},
  inFlight: [],
  creating: {},
  backoff: {},
  stackPolicy: 'closed',
  failover: {
    kind: 'automatic',
    by: 'controller',
    from: 'db-A',
    suspectedAt: at(0.3),
    decidedAt: at(2.2),
    fence: { 'db-A': { verifiedAt: at(2.9), evidence: 'nobody listens there any more' } },
    fencedAt: at(2.9),
    candidate: 'db-B',
    fork: {
      epoch: 1,
      from: 'db-A',
      to: 'db-B',
      lsn: '0/2800000',
      snapshot: '800:800:',
      timeline: 1,
      system: '7',
      heartbeatAt: at(-0.5),
      at: at(2.9),
    },
    promoteAskedAt: at(2.9),
    promotedAt: at(3.9),
    openedAt: at(4.3),
    siblings: ['db-C'],
  },
};

const create = (write: number, id: number, seconds: number, database: string): LedgerEntry[] => [
  {
    event: 'intended',
    write,
    at: at(seconds - 0.01),
    client: 'visitor 1',
    kind: 'create',
    note: write,
    revision: 1,
  },
  { event: 'acknowledged', write, at: at(seconds), id, server: 'i-1', database },
];

export const LEDGER: readonly LedgerEntry[] = [
  { event: 'begun', at: at(-4), run: 'r', url: 'http://localhost', seed: 1 },
  ...create(1, 1, -2, 'mysite-primary'),
  ...create(2, 2, -0.2, 'mysite-primary'),
  ...create(3, 100_002, 4.7, 'mysite-replica-1'),
  ...create(4, 100_003, 5, 'mysite-replica-1'),
];

const kind = (gap: number, from: number) => ({
  sent: 200,
  failed: 1,
  succeeded: 199,
  p50: 5,
  p95: 19,
  p99: 40,
  longestGap: { milliseconds: gap, from },
});

/** @param changes of a whole drill in which nothing was lost */
export const evidence = (changes: Partial<Evidence> = {}): Evidence => ({
  faultAt: FAULT_AT,
  loadBegunAt: at(-4),
  endedAt: at(9),
  entries: [
    entry(0.3, 'state primary-suspected'),
    entry(2.2, 'state primary-dead'),
    entry(2.2, 'set-groups db-A (mysite-primary)'),
    entry(2.9, 'state candidate-chosen'),
    entry(2.9, 'promote db-B (mysite-replica-1, backupDays 7)'),
    entry(3.9, 'state opening'),
    entry(4.3, 'state opened'),
    entry(8.3, 'state healed'),
  ],
  memories: [{ ...MEMORY, phase: 'steady', epoch: 0, failover: undefined }, MEMORY],
  load: {
    url: 'http://localhost',
    seed: 1,
    ledger: 'load.jsonl',
    seconds: 13,
    reads: kind(120, 2),
    writes: kind(4_700, 4),
    errors: { 'writes: 503': 34 },
    servers: {},
    databases: {
      'own reads': {},
      'other reads': { 'mysite-replica-1': 90 },
      writes: { 'mysite-primary': 3 },
    },
    ownReads: { compared: 3, stale: 0, examples: [] },
    audit: { acknowledged: 4, there: 4, missing: [], inDoubt: { there: 1, notThere: 2 }, doubled: [] },
  },
  ledger: LEDGER,
  marks: [{ at: FAULT_AT, what: 'fault', text: 'mysite-primary was killed, and stays dead.' }],
  before: WELL,
  after: WELL,
  slowness: 1,
  ...changes,
});

/** Acknowledged by `database` at `seconds`, and not there. */
export function missing(seconds: number, database: string, write = 2): Evidence {
  const whole = evidence();
  const lost = {
    event: 'intended' as const,
    write,
    at: at(seconds - 0.01),
    client: 'visitor 1',
    kind: 'create' as const,
    note: write,
    revision: 1,
    acknowledgedAt: at(seconds),
    database,
  };
  const audit = {
    acknowledged: 4,
    there: 3,
    missing: [lost],
    inDoubt: { there: 0, notThere: 0 },
    doubled: [],
  };
  return { ...whole, load: { ...whole.load, audit } };
}
