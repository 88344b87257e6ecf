/** Promises and times are two things: what a busy machine misses is no broken promise. Pure. */
import type { Verdict } from './drill';

/** A machine that is this many times as slow as alone decides nothing about times: more than its own noise. */
const BUSY = 1.5;

export type Outcome =
  | 'kept'
  /** A promise, or a time on a machine that had nothing else to do. */
  | 'broken'
  /** A time that was missed on a busy machine: to be tried again on a quiet one. */
  | 'undecided';

/** @param slowness of the machine in the same run: 1 is alone */
export function outcomeOf({ isKept, isOfTime }: Verdict, slowness: number): Outcome {
  if (isKept) return 'kept';
  return isOfTime && slowness >= BUSY ? 'undecided' : 'broken';
}

/** What is said of a time that was missed on a busy machine. */
export const excuse = (slowness: number): string =>
  `not decided: this machine was ${slowness.toFixed(1)} times as slow as it is alone; try again when it is quiet`;
