/** What must not be silent: changes that are refused again and again, and healing that does not come to an end. */
import type { Action } from '../decision';
import { keyOf } from '../decision';
import type { Memory } from '../memory';
import type { Outcome } from '../ports';
import type { StateName } from '../states';
import { refusalOf } from './retry';
import type { Step } from './step';
import { seconds } from './view';

/** So often in a row it is no chance any more: by then about half a minute has passed. */
const REPEATED = 5;

/** A failover's usual healing is over by then (docs/failover.md, "Expected times on AWS"). */
export const STALLED_MILLIS = 30 * 60_000;

/**
 * States that last and call nobody by themselves, or only by what is seen: that a change is refused is more than that. What
 * people are called for critically, and what is told of once, stays as it is.
 */
const MENDING: ReadonlySet<StateName> = new Set<StateName>([
  'healthy',
  'names-astray',
  'replica-unfit',
  'replica-missing',
  'replica-in-excess',
  'naming',
  'retired-waits',
  'retired-goes',
  'healing',
]);

/** The same in a failover, but for the stack policy: nothing waits for that. */
const UNDER_WAY: ReadonlySet<StateName> = new Set<StateName>([
  'fencing',
  'candidate-replaying',
  'promoting',
  'opening',
  'names-moving',
]);

const givesWay = (state: StateName, { kind }: Action): boolean =>
  MENDING.has(state) || (UNDER_WAY.has(state) && kind !== 'stack-policy');

/** What is being mended without a word to anybody. */
const isMending = ({ state, memory: { phase } }: Step): boolean =>
  phase === 'healing' || state === 'healing' || state === 'names-astray';

/** @param next all that the round wants: also what waits after a failure */
export function withTrouble(next: Step, now: number): Step {
  const { state, memory } = next;
  const healingSince = isMending(next) ? (memory.healingSince ?? now) : undefined;
  const troubles = next.actions.flatMap((action) => troubleOf(memory, action));
  const lasts = now - (healingSince ?? now);
  const isStalled = (state === 'healing' || state === 'names-astray') && lasts >= STALLED_MILLIS;
  const isRefused = troubles.some(({ isFinal, action }) => isFinal && givesWay(state, action));
  const reasons = [...new Set(troubles.map(({ sentence }) => sentence))];
  return {
    ...next,
    state: isRefused ? 'change-refused' : isStalled ? 'healing-stalled' : state,
    reasons: [...reasons, ...(isStalled ? [`it has lasted for ${seconds(lasts)} s`] : []), ...next.reasons],
    memory: { ...memory, healingSince },
  };
}

/** The request itself is refused: the same one will be the next time. */
const FINAL: readonly Outcome[] = ['invalid', 'denied'];

interface Trouble {
  readonly action: Action;
  readonly sentence: string;
  /** Asking again is of no use. */
  readonly isFinal: boolean;
}

/** What became of an action that has failed repeatedly. */
function troubleOf(memory: Memory, action: Action): Trouble[] {
  const last = refusalOf(memory, action);
  if (!last || last.times < REPEATED) return [];
  const what = 'on' in action ? `${action.kind} ${action.on.identifier}` : keyOf(action);
  const sentence = `${what} has failed ${last.times} times in a row: ${last.said}`;
  return [{ action, sentence, isFinal: FINAL.includes(last.outcome) }];
}
