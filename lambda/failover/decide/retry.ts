/** What became of changes, and when one may be asked for again. Pure. */
import { type Action, type ActionKind, keyOf } from '../decision';
import type { Backoff, Memory, Refusal } from '../memory';
import type { Outcome } from '../ports';
import { without } from './step';

export interface Result {
  /** `keyOf` the action. */
  readonly key: string;
  readonly outcome: 'done' | Outcome;
  /** Of a failure: the words of who refused, without secrets. */
  readonly said?: string;
}

const FIRST_WAIT_MILLIS = 1_000;
const LONGEST_WAIT_MILLIS = 60_000;
/** Of what no waiting mends: somebody has to change something first. */
const LONGEST_REFUSED_MILLIS = 5 * 60_000;

/** Clients wait for it. */
const LONGEST_PROMOTION_MILLIS = 15_000;

const REFUSED: readonly Outcome[] = ['invalid', 'denied', 'room'];
/** These say nothing of the request: what was refused before is so still, as far as anybody knows. */
const UNHEARD: readonly Outcome[] = ['throttled', 'timeout', 'failed'];
/** They mend the group and are no part of a failover: that waits no longer than a minute, whatever the answer was. */
const MENDING: readonly string[] = ['create-replica', 'delete', 'modify', 'rename'] satisfies ActionKind[];

function longestOf(key: string, last?: Refusal): number {
  const [kind] = key.split(' ');
  if (kind === 'promote') return LONGEST_PROMOTION_MILLIS;
  const isLong = last && REFUSED.includes(last.outcome) && MENDING.includes(kind!);
  return isLong ? LONGEST_REFUSED_MILLIS : LONGEST_WAIT_MILLIS;
}

/** Doubling, with half of it by chance, so that many do not come back at once. @param chance 0 to 1 */
function waitAfter(key: string, { failures, last }: Omit<Backoff, 'notBefore'>, chance: number): number {
  return Math.min(longestOf(key, last), FIRST_WAIT_MILLIS * 2 ** (failures - 1)) * (0.5 + chance / 2);
}

/**
 * Writes results into the memory.
 *
 * @param results of what was in flight; what has none was cut short, and counts as not answered
 */
export function remember(
  memory: Memory,
  results: readonly Result[],
  now: number,
  random: () => number,
): Memory {
  const told = new Map(results.map((result) => [result.key, result]));
  return memory.inFlight.reduce<Memory>(
    (before, key) => rememberOne(before, told.get(key) ?? { key, outcome: 'timeout' }, now, random),
    { ...memory, inFlight: [] },
  );
}

function rememberOne(
  memory: Memory,
  { key, outcome, said = 'it was not answered' }: Result,
  now: number,
  random: () => number,
): Memory {
  if (outcome === 'done') return { ...memory, backoff: without(memory.backoff, key) };
  const before = memory.backoff[key];
  // A run's last results are not handed on: once a minute a refusal is not heard.
  const isUnheard = UNHEARD.includes(outcome) && before?.last && REFUSED.includes(before.last.outcome);
  const isSame = before?.last?.outcome === outcome;
  const failed = {
    failures: (before?.failures ?? 0) + 1,
    last: isUnheard
      ? before.last
      : {
          outcome,
          times: isSame ? before.last.times + 1 : 1,
          since: isSame ? before.last.since : now,
          said,
        },
  };
  const backoff = {
    ...memory.backoff,
    [key]: { ...failed, notBefore: now + waitAfter(key, failed, random()) },
  };
  const [kind, identifier] = key.split(' ');
  // Not answered: it may be on its way. Refused: it is not.
  const creating =
    kind === 'create-replica' && outcome !== 'timeout'
      ? without(memory.creating, identifier!)
      : memory.creating;
  return { ...memory, backoff, creating };
}

/** Whether an action may be taken now. */
export const isDue = ({ backoff }: Memory, action: Action, now: number): boolean =>
  now >= (backoff[keyOf(action)]?.notBefore ?? 0);

/** The last try of this action failed, or nobody knows: where a mark says "asked", it is to be asked again. */
export const hasFailed = ({ backoff }: Memory, action: Action): boolean => keyOf(action) in backoff;

/** What was answered when this action was last asked for and did not come about. */
export const refusalOf = ({ backoff }: Memory, action: Action): Refusal | undefined =>
  backoff[keyOf(action)]?.last;

/** What nobody has asked for again in this time is not wanted any more. */
const FORGOTTEN_MILLIS = 60 * 60_000;

export const withoutOld = (backoff: Memory['backoff'], now: number): Memory['backoff'] =>
  Object.fromEntries(
    Object.entries(backoff).filter(([, { notBefore }]) => now - notBefore < FORGOTTEN_MILLIS),
  );
