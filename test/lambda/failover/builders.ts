/** What a round sees and remembers, for tests: a healthy group, and what may happen to its instances. */
import { decide } from '../../../lambda/failover/decide';
import { type Result, remember } from '../../../lambda/failover/decide/retry';
import type { View } from '../../../lambda/failover/decide/view';
import { type Action, type Decision, keyOf } from '../../../lambda/failover/decision';
import type { Failover, FenceProgress, Fork, Memory, Suspicion } from '../../../lambda/failover/memory';
import type { Observation, Reached, SeenInstance, SeenNames } from '../../../lambda/failover/observation';
import type { Policy } from '../../../lambda/failover/policy';
import type { Command } from '../../../lambda/failover/ports';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** A Wednesday at noon, UTC: out of the maintenance window. */
export const T0 = Date.UTC(2026, 0, 7, 12);

export const OPEN_GROUP = 'sg-open';
export const QUARANTINE = 'sg-quarantine';

/** Two replicas are wanted, with the default settings. */
export const policy: Policy = {
  name: 'mysite',
  mode: 'automatic',
  probeIntervalMillis: 5 * SECOND,
  detectAfterMillis: 20 * SECOND,
  maxLagMillis: 30 * SECOND,
  fencePolicy: 'strict',
  minimumIntervalMillis: HOUR,
  replaceAfterMillis: 10 * MINUTE,
  managedFailoverGraceMillis: 3 * MINUTE,
  sequenceGap: 100_000,
  maintenanceWindow: 'sun:03:00-sun:04:00',
  backupWindow: '05:00-06:00',
  replicas: 2,
  databaseGroup: OPEN_GROUP,
  quarantineGroup: QUARANTINE,
  backupDays: 7,
  multiAz: false,
  deletionProtection: true,
};

export const healthyMemory: Memory = {
  phase: 'steady',
  epoch: 1,
  primary: 'db-primary',
  beat: { last: T0 - 5 * SECOND, before: T0 - 10 * SECOND },
  retired: [],
  unfitSince: {},
  inFlight: [],
  creating: {},
  backoff: {},
  stackPolicy: 'open',
};

export const remembering = (change: Partial<Memory>): Memory => ({ ...healthyMemory, ...change });

export type Change = (instance: SeenInstance, at: number) => SeenInstance;

/** By what comes after `mysite-`; `gone`: RDS does not know it. */
export type Changes = Readonly<Record<string, Change | readonly Change[] | 'gone'>>;

export interface Looking {
  /** After T0, in milliseconds. */
  readonly at?: number;
  /** How many replicas there were. */
  readonly replicas?: number;
  readonly names?: SeenNames;
  readonly policy?: Policy;
}

/** A look at a healthy group, but for `changes`. An instance that is in them alone begins as one that follows nobody. */
export function look(changes: Changes = {}, { at = 0, replicas = 2, names }: Looking = {}): Observation {
  const usual = ['primary', ...Array.from({ length: replicas }, (_, index) => `replica-${index + 1}`)];
  const all = [...new Set([...usual, ...Object.keys(changes)])].sort();
  const instances = all.flatMap((who) => {
    const change = changes[who] ?? [];
    if (change === 'gone') return [];
    const begun = who.startsWith('replica') ? replica(who, at) : primary(who, at);
    return [[change].flat().reduce((one, next) => next(one, T0 + at), begun)];
  });
  return { at: T0 + at, instances, names: names ?? namesOf(usual) };
}

/** Where the names lead: the writer to the first, the reader to the others, and to the first when there is nobody else. */
export const namesOf = ([first, ...others]: readonly string[]): SeenNames => ({
  writer: hostOf(first!),
  readers: [first!, ...others]
    .map((who) => ({ identifier: `mysite-${who}`, target: hostOf(who), weight: who === first ? 0 : 100 }))
    .sort((one, other) => (one.identifier < other.identifier ? -1 : 1)),
});

export const hostOf = (who: string): string => `mysite-${who}.db.example`;

export const LSN = '0/3000100';

const reached = (at: number): Reached => ({
  reached: true,
  inRecovery: false,
  startedAt: T0 - 24 * HOUR,
  uptimeMillis: 24 * HOUR + at,
  system: '7000000000000000001',
  timeline: 1,
  received: LSN,
  replayed: LSN,
  receiving: false,
  snapshot: '750:750:',
  heartbeat: { at: T0 + at, epoch: 1 },
  clientSessions: 0,
});

const instance = (who: string, at: number): SeenInstance => ({
  resourceId: `db-${who}`,
  identifier: `mysite-${who}`,
  status: 'available',
  endpoint: { host: hostOf(who), port: 5432 },
  groups: [{ id: OPEN_GROUP, active: true }],
  multiAz: false,
  backupDays: 0,
  deletionProtection: false,
  isOurs: false,
  description: { DBInstanceIdentifier: `mysite-${who}`, DbiResourceId: `db-${who}` },
  probe: reached(at),
});

const primary = (who: string, at: number): SeenInstance => ({
  ...instance(who, at),
  backupDays: 7,
  deletionProtection: true,
  probe: { ...reached(at), clientSessions: 8, write: 'written' },
});

/** It has the heartbeat of the round before. */
const replica = (who: string, at: number): SeenInstance => ({
  ...instance(who, at),
  source: 'mysite-primary',
  probe: {
    ...reached(at),
    inRecovery: true,
    receiving: true,
    heartbeat: { at: T0 + at - 5 * SECOND, epoch: 1 },
    replayedAt: T0 + at - SECOND,
  },
});

/** What may have happened to an instance. */
export const with_ =
  (change: Partial<SeenInstance>): Change =>
  (one) => ({ ...one, ...change });

export const says =
  (change: Partial<Reached>): Change =>
  (one) =>
    one.probe.reached ? { ...one, probe: { ...one.probe, ...change } } : one;

const MESSAGES = {
  refused: 'connection refused',
  silent: 'no answer in 2 s',
  starting: 'the database system is starting up',
  rejected: 'password authentication failed',
  unnamed: 'its name is not known',
} as const;

export const unreached = (why: keyof typeof MESSAGES = 'silent'): Change =>
  with_({ probe: { reached: false, why, message: MESSAGES[why] } });

/** Nobody has written since: replicas have nothing to receive. */
export const dead = unreached('silent');
export const refusing = unreached('refused');

export const notReceiving = says({ receiving: false });
export const status = (text: string): Change => with_({ status: text });
export const follows = (who: string): Change => with_({ source: `mysite-${who}` });
export const followsNobody = with_({ source: undefined });
export const ours = with_({ isOurs: true });
export const multiAz = with_({ multiAz: true });

/** Somebody has asked for another class, which waits for the maintenance window. */
export const classWaits: Change = (one) => ({
  ...one,
  description: { ...one.description, PendingModifiedValues: { DBInstanceClass: 'db.r7g.large' } },
});

/** Its heartbeat is this old, by the last that the primary wrote at T0, and so is the last commit. */
export const behind = (milliseconds: number): Change =>
  says({ heartbeat: { at: T0 - milliseconds, epoch: 1 }, replayedAt: T0 - milliseconds });

/** Received and replayed. */
export const has = (received: string, replayed = received): Change => says({ received, replayed });

export const inGroup = (id: string, active = true): Change => with_({ groups: [{ id, active }] });
export const quarantined = inGroup(QUARANTINE);
export const nearlyQuarantined = inGroup(QUARANTINE, false);

/** Was restarted at T0 + `at`, and has no client. */
export const restarted =
  (at: number): Change =>
  (one, now) =>
    says({ startedAt: T0 + at, uptimeMillis: now - (T0 + at), clientSessions: 0 })(one, now);

export const beingMade = with_({
  status: 'creating',
  endpoint: undefined,
  probe: { reached: false, why: 'unnamed', message: 'it is creating, and has no address' },
});

/** RDS has promoted it. */
export const promoted: Change = (one, at) =>
  says({ inRecovery: false, receiving: false, timeline: 2 })(
    { ...one, source: undefined, backupDays: 7 },
    at,
  );

/** It has proved a write under this epoch. */
export const opened =
  (epoch: number): Change =>
  (one, at) =>
    says({ heartbeat: { at, epoch } })(one, at);

/** It follows `who`, which has proved a write at `at` under `epoch`. */
export const followsNew =
  (who: string, epoch = 2): Change =>
  (one, at) =>
    says({ heartbeat: { at: at - 5 * SECOND, epoch }, receiving: true, timeline: epoch })(
      follows(who)(one, at),
      at,
    );

export const viewOf = (seen: Observation, memory: Memory = healthyMemory, rules: Policy = policy): View => ({
  observation: seen,
  memory,
  policy: rules,
  now: seen.at,
});

export interface Played {
  readonly decision: Decision;
  /** As the next round gets it: every action was done, or had the given outcome. */
  readonly memory: Memory;
}

/** One round. @param outcomes by the kind of the action, `done` for all others */
export function round(
  seen: Observation | { at: number; missing: readonly string[] },
  memory: Memory = healthyMemory,
  {
    rules = policy,
    outcomes = {},
    command,
    hold,
  }: {
    rules?: Policy;
    outcomes?: Partial<Record<Action['kind'], Result['outcome']>>;
    command?: Command;
    hold?: { by: string; at: number; why: string };
  } = {},
): Played {
  const decision = decide(seen, memory, rules, { command, hold });
  const results = decision.actions.map((action) => ({
    key: keyOf(action),
    outcome: outcomes[action.kind] ?? ('done' as const),
  }));
  const inFlight = decision.actions.map(keyOf);
  // As it comes back from the journal.
  const written = JSON.parse(JSON.stringify({ ...decision.memory, inFlight })) as Memory;
  return { decision, memory: remember(written, results, seen.at, () => 0.5) };
}

/** Round after round, each with the memory of the one before. @returns all of them */
export function play(
  looks: readonly Observation[],
  memory: Memory = healthyMemory,
  options: Parameters<typeof round>[2] = {},
): Played[] {
  const rounds: Played[] = [];
  let before = memory;
  for (const seen of looks) {
    const played = round(seen, before, options);
    rounds.push(played);
    before = played.memory;
  }
  return rounds;
}

/** The last of them. */
export const after = (...args: Parameters<typeof play>): Played => play(...args).at(-1)!;

/** Short forms of actions: `reboot primary`, `stack-policy denied`, … */
export const short = ({ actions }: Decision): string[] =>
  actions.map((action) => {
    const what =
      'on' in action
        ? action.on.identifier
        : action.kind === 'create-replica'
          ? action.identifier
          : action.kind === 'stack-policy'
            ? action.updates
            : action.to.writer!.replace('.db.example', '');
    return `${action.kind} ${what.replace('mysite-', '')}`;
  });

/** Nobody has had a sign of life of the primary for so long, at T0. */
export const silentFor = (milliseconds: number): Suspicion => {
  const looks = { since: T0 - milliseconds, probes: 9 };
  return { ...looks, last: T0 - SECOND, silence: looks };
};

/** A failover from the primary, decided at T0. */
export const failover = (change: Partial<Failover> = {}): Failover => ({
  kind: 'automatic',
  by: 'controller',
  from: 'db-primary',
  suspectedAt: T0 - 20 * SECOND,
  decidedAt: T0,
  fence: { 'db-primary': {} },
  siblings: ['db-replica-1', 'db-replica-2'],
  ...change,
});

export const isFenced: FenceProgress = {
  inForceAt: T0,
  rebootAskedAt: T0,
  verifiedAt: T0 + SECOND,
  evidence: 'nobody listens there any more',
};

export const fork: Fork = {
  epoch: 2,
  from: 'db-primary',
  to: 'db-replica-1',
  lsn: LSN,
  snapshot: '750:750:',
  timeline: 1,
  system: '7000000000000000001',
  heartbeatAt: T0 - 5 * SECOND,
  at: T0 + SECOND,
};

/** In the phase `fencing`, since T0. */
export const fencingMemory = (change: Partial<Failover> = {}): Memory =>
  remembering({ phase: 'fencing', epoch: 2, failover: failover(change) });

/** The fence holds; nobody has been asked to be promoted. */
export const choosingMemory = (change: Partial<Failover> = {}): Memory =>
  remembering({
    phase: 'promoting',
    epoch: 2,
    stackPolicy: 'closed',
    failover: failover({ fence: { 'db-primary': isFenced }, fencedAt: T0 + SECOND, ...change }),
  });

/** Replica 1 has been asked, at T0 + 1 s. */
export const promotingMemory = (change: Partial<Failover> = {}): Memory =>
  choosingMemory({
    candidate: 'db-replica-1',
    asked: 'db-replica-1',
    fork,
    nothingLost: false,
    promoteAskedAt: T0 + SECOND,
    ...change,
  });

export const openingMemory = (change: Partial<Failover> = {}): Memory => ({
  ...promotingMemory({ promotedAt: T0 + 2 * SECOND, ...change }),
  phase: 'opening',
});

/** Replica 1 is the primary of epoch 2, and nothing is healed yet. */
export const healingMemory = (change: Partial<Memory> = {}): Memory => ({
  ...openingMemory({ openedAt: T0 + 3 * SECOND }),
  phase: 'healing',
  primary: 'db-replica-1',
  beat: { last: T0, before: T0 },
  retired: [{ resourceId: 'db-primary', epoch: 2, fork, recovery: 'needed', since: T0 }],
  ...change,
});

/** The group that goes with it: replica 1 is the primary, the old one is dead and fenced, replica 2 follows that. */
export const afterFailover: Changes = {
  primary: [quarantined, dead],
  'replica-1': [promoted, opened(2)],
  'replica-2': notReceiving,
};

/** Whole again, with names that are not the usual ones: replicas 2 and 3 follow replica 1. */
export const wholeAgain: Changes = {
  ...afterFailover,
  'replica-1': [promoted, opened(2), with_({ deletionProtection: true })],
  'replica-2': [ours, followsNew('replica-1')],
  'replica-3': [ours, followsNew('replica-1')],
};

export const command = (one: Pick<Command, 'kind'> & Record<string, unknown>): Command =>
  ({ id: 'c-1', by: 'anna', at: T0, ...one }) as Command;
