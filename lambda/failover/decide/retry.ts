/** What became of changes, and when one may be asked for again. Pure. */
import { type Action, keyOf } from '../decision';
import type { Memory } from '../memory';
import type { Outcome } from '../ports';
import { without } from './step';

export interface Result {
  /** `keyOf` the action. */
  readonly key: string;
  readonly outcome: 'done' | Outcome;
}

const FIRST_WAIT_MILLIS = 1_000;
const LONGEST_WAIT_MILLIS = 60_000;

/** Doubling, with half of it by chance, so that many do not come back at once. @param chance 0 to 1 */
const waitAfter = (failures: number, chance: number): number =>
  Math.min(LONGEST_WAIT_MILLIS, FIRST_WAIT_MILLIS * 2 ** (failures - 1)) * (0.5 + chance / 2);

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
  const told = new Map(results.map(({ key, outcome }) => [key, outcome]));
  return memory.inFlight.reduce<Memory>(
    (before, key) => rememberOne(before, key, told.get(key) ?? 'timeout', now, random),
    { ...memory, inFlight: [] },
  );
}

function rememberOne(
  memory: Memory,
  key: string,
  outcome: 'done' | Outcome,
  now: number,
  random: () => number,
): Memory {
  if (outcome === 'done') return { ...memory, backoff: without(memory.backoff, key) };
  const failures = (memory.backoff[key]?.failures ?? 0) + 1;
  const backoff = {
    ...memory.backoff,
    [key]: { failures, notBefore: now + waitAfter(failures, random()) },
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

/** What nobody has asked for again in this time is not wanted any more. */
const FORGOTTEN_MILLIS = 60 * 60_000;

export const withoutOld = (backoff: Memory['backoff'], now: number): Memory['backoff'] =>
  Object.fromEntries(
    Object.entries(backoff).filter(([, { notBefore }]) => now - notBefore < FORGOTTEN_MILLIS),
  );
