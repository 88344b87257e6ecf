import type { Memory } from '../../lambda/failover/memory';
import type { Commit, Outcome } from '../../lambda/failover/ports';
import type { Asked } from './asked';
import type { Facts } from './facts';
import type { Run } from './run';
import type { Server } from './server';
import type { Row } from './wal';

/** Something that must hold always. Each check says in a sentence what is wrong, or nothing. */
export interface Invariant {
  /** The point under "What must hold, always". */
  readonly number: number;
  readonly sentence: string;
  step?(facts: Facts): string | undefined;
  /** Before the call is made. */
  asked?(facts: Facts, asked: Asked, run: Run): string | undefined;
  /** RDS has taken the call. */
  accepted?(facts: Facts, asked: Asked): void;
  failed?(facts: Facts, asked: Asked, outcome: Outcome): void;
  committed?(facts: Facts, commit: Commit, before: Memory | undefined): string | undefined;
  served?(facts: Facts, server: Server, what: 'read' | 'write'): string | undefined;
  wrote?(facts: Facts, row: Row): string | undefined;
  /** Long after the last fault. */
  end?(facts: Facts): string | undefined;
}

export interface Violation {
  readonly number: number;
  readonly sentence: string;
  readonly detail: string;
  /** Milliseconds after the beginning. */
  readonly at: number;
}
