/** What has happened in a failover so far, in the order of time: from the controller's memory alone. */
import type { Failover, Memory } from '../../lambda/failover/memory';

export interface Milestone {
  readonly at: number;
  /** `suspected`, `decided`, `fenced`, … */
  readonly what: string;
  /** A clause: `no replica receives from it`. */
  readonly text: string;
}

/** Identifier of a resource id, as the last round saw it; the id itself when that is gone. */
export function nameOf({ seen = [] }: Memory, resourceId: string | undefined): string {
  if (resourceId === undefined) return 'nobody';
  return seen.find((instance) => instance.resourceId === resourceId)?.identifier ?? resourceId;
}

const BEGINNINGS: Record<Failover['kind'], string> = {
  automatic: 'failover',
  switchover: 'switchover',
  promote: 'promotion by command',
};

export function timelineOf(memory: Memory): readonly Milestone[] {
  const { failover } = memory;
  if (!failover) return [];
  const { suspectedAt, decidedAt, fence, fencedAt, fork, promoteAskedAt, promotedAt, openedAt } = failover;
  const name = (resourceId: string | undefined) => nameOf(memory, resourceId);
  const found: (Milestone | undefined)[] = [
    mark(suspectedAt, 'suspected', `${name(failover.from)} did not answer`),
    mark(decidedAt, 'decided', `${BEGINNINGS[failover.kind]}, asked for by ${failover.by}`),
    ...Object.entries(fence).flatMap(([resourceId, progress]) => [
      mark(progress.rebootAskedAt, 'restart', `of ${name(resourceId)}, to end its open connections`),
      mark(progress.inForceAt, 'quarantine', `of ${name(resourceId)} is in force`),
      mark(progress.verifiedAt, 'out of reach', `${name(resourceId)}: ${progress.evidence ?? 'verified'}`),
    ]),
    mark(fencedAt, 'fenced', 'no client reaches the old primary'),
    fork && mark(fork.at, 'chosen', `${name(fork.to)}, at ${fork.lsn}`),
    mark(promoteAskedAt, 'asked RDS', `to promote ${name(failover.candidate)}`),
    mark(promotedAt, 'promoted', `${name(failover.candidate)} is out of recovery`),
    mark(openedAt, 'open', `${name(failover.candidate)} has proved a write`),
  ];
  return found.filter((milestone) => milestone !== undefined).sort((one, other) => one.at - other.at);
}

const mark = (at: number | undefined, what: string, text: string): Milestone | undefined =>
  at === undefined ? undefined : { at, what, text };
