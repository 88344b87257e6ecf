/** What a drill is: a failure, its goal, and what must be true of it afterwards. */
import type { Memory } from '../../lambda/failover/memory';
import type { Entry } from '../../lambda/failover/ports';
import type { TrialFacts } from '../control/contract';
import type { Entry as LedgerEntry } from '../load/ledger';
import type { Report } from '../load/load';
import type { Scene } from './scene';

export interface Drill {
  readonly name: string;
  /** What fails, in a clause. */
  readonly about: string;
  /** How many replicas it needs. */
  readonly replicas: number;
  /**
   * Makes the failure, and waits until its goal is reached.
   *
   * @returns what to say of the promises when the load has ended and all of the evidence is there
   * @throws GoalMissed when the goal is not reached in time
   */
  readonly run: (scene: Scene) => Promise<Judge>;
}

export type Judge = (evidence: Evidence) => readonly Verdict[] | Promise<readonly Verdict[]>;

export interface Verdict {
  readonly promise: string;
  readonly isKept: boolean;
  /** What was found, a clause. */
  readonly found: string;
  /** It depends on how busy the machine is: missed on a busy one, it decides nothing (outcome.ts). */
  readonly isOfTime?: boolean;
}

/** All that is known when the load has ended. Times are milliseconds since 1970, by this machine's clock. */
export interface Evidence {
  /** When the first fault was asked for. */
  readonly faultAt: number;
  readonly loadBegunAt: number;
  /** When the drill's goal was reached, or missed. */
  readonly endedAt: number;
  /** Of the journal since the load began, the oldest first. */
  readonly entries: readonly Entry[];
  /** Of the journal, each that differed in its failover, phase or state from the one before. */
  readonly memories: readonly Memory[];
  readonly load: Report;
  readonly ledger: readonly LedgerEntry[];
  /** What the drill itself did or saw. */
  readonly marks: readonly Mark[];
  readonly before: TrialFacts;
  readonly after: TrialFacts;
  /** How many times as slow the machine was as it is alone, in this run: 1 and more. */
  readonly slowness: number;
}

export interface Mark {
  readonly at: number;
  /** `fault`, `thawed`, `names` … */
  readonly what: string;
  readonly text: string;
}

/** The goal was not reached in its time: the drill has failed, and tells what it has seen. */
export class GoalMissed extends Error {
  override readonly name = 'GoalMissed';
}
