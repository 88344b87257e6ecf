/** The group as people are shown it: from the journal alone, and the same as JSON. */
import type { Memory, Phase, Retired, Summary } from '../../lambda/failover/memory';
import type { Command, Hold, Stored } from '../../lambda/failover/ports';
import { STATES, type StateName } from '../../lambda/failover/states';
import { seconds } from '../../lib/terminal/quantities';
import { type Milestone, nameOf, timelineOf } from './timeline';

/** Rounds are seconds apart, and a run begins each minute: who is silent for longer does not work. */
export const SILENT_AFTER_MILLIS = 2 * 60_000;

/** Times are milliseconds since 1970. */
export interface StatusView {
  readonly site: string;
  readonly at: number;
  /** What somebody should know first. */
  readonly warnings: readonly string[];
  readonly controller: { readonly lastRoundAt?: number; readonly isSilent: boolean; readonly owner?: string };
  /** Absent until the controller has decided for the first time. */
  readonly phase?: Phase;
  readonly epoch?: number;
  readonly state?: StateView;
  readonly stackPolicy?: Memory['stackPolicy'];
  readonly hold?: Hold;
  /** Waits for its answer. */
  readonly command?: Command;
  readonly answer?: Memory['answer'];
  readonly naming?: Memory['naming'];
  readonly failover?: FailoverView;
  readonly lastFailover?: Memory['lastFailover'];
  readonly retired: readonly RetiredView[];
  readonly instances: readonly Summary[];
}

export interface StateView {
  readonly name: StateName;
  readonly since: number;
  readonly seen: string;
  readonly done: string;
  readonly severity?: 'info' | 'warning' | 'critical';
  readonly reasons: readonly string[];
}

export interface FailoverView {
  readonly kind: 'automatic' | 'switchover' | 'promote';
  readonly by: string;
  /** Identifiers. */
  readonly from: string;
  readonly candidate?: string;
  readonly override?: {
    readonly fence: boolean;
    readonly lag: boolean;
    readonly by: string;
    readonly why: string;
  };
  readonly timeline: readonly Milestone[];
}

export interface RetiredView extends Pick<Retired, 'resourceId' | 'epoch' | 'recovery' | 'since' | 'why'> {
  readonly identifier: string;
  /** A clause. */
  readonly waitsFor: string;
}

export function viewOf(site: string, stored: Stored, now: number): StatusView {
  const { memory, hold, command, lease } = stored;
  const silence = silenceOf(stored, now);
  return {
    site,
    at: now,
    warnings: warningsOf(memory, silence),
    controller: {
      ...(memory?.roundAt !== undefined && { lastRoundAt: memory.roundAt }),
      isSilent: silence !== undefined,
      ...(lease && { owner: lease.owner }),
    },
    ...(hold && { hold }),
    ...(command && { command }),
    ...(memory && remembered(memory)),
    retired: memory?.retired.map((retired) => retiredOf(memory, retired)) ?? [],
    instances: memory?.seen ?? [],
  };
}

function remembered(memory: Memory) {
  const { phase, epoch, stackPolicy, state, answer, naming, lastFailover, failover } = memory;
  return {
    phase,
    epoch,
    stackPolicy,
    ...(state && { state: stateOf(state) }),
    ...(answer && { answer }),
    ...(naming && { naming }),
    ...(lastFailover && { lastFailover }),
    ...(failover && {
      failover: {
        kind: failover.kind,
        by: failover.by,
        from: nameOf(memory, failover.from),
        ...(failover.candidate !== undefined && { candidate: nameOf(memory, failover.candidate) }),
        ...(failover.override && { override: failover.override }),
        timeline: timelineOf(memory),
      },
    }),
  };
}

/** A newer controller may know states that this checkout does not. */
export function stateOf({ name, since, reasons }: NonNullable<Memory['state']>): StateView {
  const { seen, done, severity } = (Object.hasOwn(STATES, name) ? STATES[name] : undefined) ?? {
    seen: 'this checkout does not know the state: it is older than what was deployed',
    done: 'see the log of the controller',
  };
  return { name, since, seen, done, ...(severity && { severity }), reasons };
}

/** How long the controller has said nothing, when that is too long. */
export function silenceOf({ memory }: Stored, now: number): number | undefined {
  if (memory?.roundAt === undefined) return undefined;
  const age = now - memory.roundAt;
  return age > SILENT_AFTER_MILLIS ? age : undefined;
}

function warningsOf(memory: Memory | undefined, silence: number | undefined): string[] {
  if (!memory) return ['The controller has not looked yet: it begins within a minute of its deployment.'];
  if (memory.closed) return ['The stack is being deleted: the controller does nothing any more.'];
  if (silence === undefined) return [];
  return [
    `The controller has given no sign of life for ${seconds(silence / 1000)}: what follows is that old, and nobody fails over. Look at its alarms and its log.`,
  ];
}

const WAITING: Record<Retired['recovery'], string> = {
  needed: 'waits until recovery has finished or is waived',
  done: 'recovery has finished: it is deleted',
  waived: 'recovery was waived: it is deleted',
  'nothing lost': 'nothing was lost with it: it is deleted',
};

const retiredOf = (memory: Memory, retired: Retired): RetiredView => ({
  resourceId: retired.resourceId,
  identifier: nameOf(memory, retired.resourceId),
  epoch: retired.epoch,
  recovery: retired.recovery,
  since: retired.since,
  ...(retired.why !== undefined && { why: retired.why }),
  waitsFor: WAITING[retired.recovery],
});
