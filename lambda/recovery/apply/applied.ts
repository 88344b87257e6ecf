/** What an apply has done: shapes only. */
import type { Outcome } from '../ledger';
import type { Change, Operation } from '../plan';
import type { SequenceOutcome } from '../sequences';

export type Conflicts = 'keep' | 'replace' | 'skip';
export type Triggers = 'skip' | 'fire';

/** What became of one change, now. */
export interface Verdict {
  readonly outcome:
    | Outcome
    /** A conflict that is left open: `--conflicts skip`. */
    | 'skipped'
    /** An earlier run has done it. */
    | 'done before'
    /** The row is as the old primary had it. */
    | 'already here';
  /** A sentence; PostgreSQL's own where it has refused. */
  readonly why?: string;
  readonly sqlState?: string;
  /** The row as it is on the new primary, where it was looked at. */
  readonly present?: string | null;
}

export type Counts = Readonly<Partial<Record<Verdict['outcome'], number>>>;

/** A change that was not made. */
export interface Told extends Pick<Change, 'number' | 'table' | 'key'> {
  readonly operation: Operation;
  readonly why: string;
  readonly sqlState?: string;
}

export interface Applied {
  /** The plan's id. */
  readonly plan: string;
  /** Nothing was written: the rest says what would have been done. */
  readonly isDryRun: boolean;
  /** Changes in the plan. */
  readonly total: number;
  /** Of them so many were dealt with; fewer than `total` only when `isPaused`. */
  readonly done: number;
  readonly counts: Counts;
  readonly tables: readonly { readonly table: string; readonly counts: Counts }[];
  /** The first of them; `counts` has their number. */
  readonly refused: readonly Told[];
  readonly changed: readonly Told[];
  /** Every change is made or decided: nothing was skipped or refused, or has changed since and is left open. */
  readonly isComplete: boolean;
  /** It ended before its end, because it was asked to or its time was over: the same command goes on. */
  readonly isPaused: boolean;
  readonly seconds: number;
  /** Changes made and decided a second. */
  readonly rowsPerSecond: number;
  readonly sequences: readonly SequenceOutcome[];
}
