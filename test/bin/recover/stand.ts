/** Recovery in an account that is a test: runs that do what is written for them, a bucket in memory. */
import type { Cloud } from '../../../bin/recover/cloud';
import type { Surroundings as AroundFailover } from '../../../bin/failover/surroundings';
import { run } from '../../../bin/recover/run';
import type { Memory } from '../../../lambda/failover/memory';
import { encodePlan } from '../../../lambda/recovery/plan-file';
import type { Plan } from '../../../lambda/recovery/plan';
import { type RunRequest, type RunState, planKeys } from '../../../lambda/recovery/run-state';
import { FakeJournal, HEALTHY, NOW, type Said, type Stand, saidBy } from '../failover/stand';

export { NOW };

export const FORK = {
  ...{ epoch: 3, lsn: '0/3000148', snapshot: '741:744:', timeline: 1, system: '7446743201940000000' },
  ...{ heartbeatAt: NOW - 61_000, from: 'db-OLD', to: 'db-P', at: NOW - 60_000 },
};

export const AFTER_FAILOVER: Memory = {
  ...HEALTHY,
  retired: [{ resourceId: 'db-OLD', epoch: 3, fork: FORK, recovery: 'needed', since: NOW - 60_000 }],
  seen: [
    ...HEALTHY.seen!,
    {
      ...{ resourceId: 'db-OLD', identifier: 'mysite-old', role: 'retired', status: 'available' },
      ...{ reached: true, fit: false },
    },
  ],
};

/** What the function has written when it is next looked at; undefined: as before. */
export type Step = (request: RunRequest, now: number) => Partial<RunState> | undefined;

export class FakeCloud implements Cloud {
  readonly started: RunRequest[] = [];
  readonly stopped: string[] = [];
  readonly files = new Map<string, string>();
  known: RunState[] = [];
  steps: Step[] = [];
  closed = 0;

  constructor(readonly journal: FakeJournal = new FakeJournal(AFTER_FAILOVER)) {}

  close = () => void this.closed++;
  runs = async () => this.known;

  async start(request: RunRequest): Promise<void> {
    this.started.push(request);
  }

  async run(id: string): Promise<RunState | undefined> {
    const now = this.journal.now();
    const request = this.started.at(-1) ?? this.known.find((one) => one.request.run === id)!.request;
    const before = this.known.find((one) => one.request.run === id);
    const next = this.steps.shift()?.(request, now);
    if (!next) return before;
    const state: RunState = {
      ...(before ?? { request, startedAt: now, starts: 1, state: 'running' }),
      updatedAt: now,
      ...next,
    };
    this.known = [state, ...this.known.filter((one) => one !== before)];
    return state;
  }

  async stop(id: string): Promise<void> {
    this.stopped.push(id);
  }

  async *file(key: string): AsyncIterable<Uint8Array> {
    const text = this.files.get(key);
    if (text === undefined) throw new Error(`NoSuchKey ${key}`);
    yield Buffer.from(text);
  }

  /** @returns what the plan is known by */
  keep(plan: Plan): string {
    const { portions, sha256 } = encodePlan(plan);
    this.files.set(planKeys(plan.head.id).plan, [...portions].join(''));
    return sha256();
  }
}

export const working =
  (step: string, done: number, total: number): Step =>
  (_, now) => ({ state: 'running', progress: { step, done, total, unit: 'rows' }, stepAt: now - 2_000 });

export const failing =
  (problem: string): Step =>
  () => ({ state: 'failed', problem });

/** Nothing is there yet. */
export const nothing: Step = () => undefined;

/** Runs a command line with that account. */
export function said(
  args: readonly string[] | string,
  cloud: FakeCloud = new FakeCloud(),
  stand: Omit<Stand, 'journal'> = {},
): Promise<Said> {
  const program = (words: readonly string[], around: AroundFailover) =>
    run(words, { ...around, cloud: async () => cloud });
  return saidBy(program, args, { ...stand, journal: cloud.journal });
}
