/** What happened when, from the journal: pure. */
import type { Failover, Memory } from '../../lambda/failover/memory';
import type { Entry } from '../../lambda/failover/ports';
import type { Evidence, Mark } from './drill';

/** A stretch of time, for a bar. */
export interface Span {
  readonly what: string;
  readonly from: number;
  readonly to: number;
  /** Of what clients saw, instead of what was done. */
  readonly isGap?: boolean;
}

type Known = Pick<Evidence, 'entries' | 'memories' | 'marks' | 'faultAt' | 'endedAt'>;

/** The failover of the newest epoch, as far as it came. */
export const failoverOf = ({ memories }: { readonly memories: readonly Memory[] }): Failover | undefined =>
  [...memories].reverse().find(({ failover }) => failover)?.failover;

/** When the state was told first, at or after `from`. */
export const stateAt = (entries: readonly Entry[], state: string, from = 0): number | undefined =>
  entries.find(({ at, what }) => at >= from && what === `state ${state}`)?.at;

/** What was asked of AWS or of a database: everything but states and answers. */
export const changesIn = (entries: readonly Entry[]): readonly Entry[] =>
  entries.filter(({ what }) => !/^(state|command) /.test(what));

/** In the order of time. */
export function milestones(known: Known): readonly Mark[] {
  const { entries, marks, faultAt } = known;
  const failover = failoverOf(known);
  const found = failover ? failoverMilestones(failover, entries) : stateMilestones(entries, faultAt);
  const naming = stateAt(entries, 'naming', faultAt);
  return [...marks, ...found, ...mark(naming, 'naming', 'databases get their usual names')].sort(
    (one, other) => one.at - other.at,
  );
}

const mark = (at: number | undefined, what: string, text: string): Mark[] =>
  at === undefined ? [] : [{ at, what, text }];

function failoverMilestones(failover: Failover, entries: readonly Entry[]): Mark[] {
  const { suspectedAt, decidedAt, fencedAt, promoteAskedAt, promotedAt, openedAt, fence, from } = failover;
  return [
    ...mark(suspectedAt, 'suspected', 'the primary did not answer'),
    ...mark(decidedAt, 'decided', failover.kind === 'automatic' ? 'a failover begins' : failover.kind),
    ...mark(fencedAt, 'fenced', fence[from]?.evidence ?? 'no client reaches the old primary'),
    ...mark(promoteAskedAt, 'promote asked', `the fork is at ${failover.fork?.lsn ?? 'no known place'}`),
    ...mark(promotedAt, 'promoted', 'the candidate is out of recovery'),
    ...mark(openedAt, 'open', 'it has proved a write, and the names lead to it'),
    ...mark(stateAt(entries, 'healed', openedAt ?? decidedAt), 'healed', 'the wanted replicas follow'),
  ];
}

function stateMilestones(entries: readonly Entry[], faultAt: number): Mark[] {
  return entries
    .filter(({ at, what }) => at >= faultAt && what.startsWith('state '))
    .map(({ at, state, evidence }) => ({ at, what: state, text: evidence[0] ?? '' }));
}

/** The phases of a failover, or the controller's states when there was none. */
export function spans(known: Known): readonly Span[] {
  const failover = failoverOf(known);
  return failover ? failoverSpans(known, failover) : stateSpans(known);
}

function failoverSpans({ entries, faultAt, endedAt }: Known, failover: Failover): Span[] {
  const { decidedAt, fencedAt, promotedAt, openedAt } = failover;
  const healedAt = stateAt(entries, 'healed', openedAt ?? decidedAt);
  const namingAt = stateAt(entries, 'naming', decidedAt);
  const namedAt = namingAt && entries.find(({ at, what }) => at > namingAt && /^state /.test(what))?.at;
  const steps: [string, number | undefined, number | undefined][] = [
    ['detect', Math.min(faultAt, decidedAt), decidedAt],
    ['fence', decidedAt, fencedAt],
    ['promote', fencedAt, promotedAt],
    ['open', promotedAt, openedAt],
    ['heal', openedAt, healedAt],
    ['names', namingAt, namedAt],
  ];
  return steps.flatMap(([what, from, to]) => (from === undefined ? [] : [{ what, from, to: to ?? endedAt }]));
}

/** `healthy` is nothing to show. */
function stateSpans({ entries, faultAt, endedAt }: Known): Span[] {
  const states = entries.filter(({ at, what }) => at >= faultAt && what.startsWith('state '));
  return states
    .map(({ at, state }, index) => ({ what: state, from: at, to: states[index + 1]?.at ?? endedAt }))
    .filter(({ what }) => what !== 'healthy');
}
