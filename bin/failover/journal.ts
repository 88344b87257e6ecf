import type { Command, Entry, Hold, Stored } from '../../lambda/failover/ports';

/** What people read and write of the controller's journal. Every failure is thrown as a `Failure`: one sentence. */
export interface JournalAccess {
  /** The newest, never a stale one. */
  read(): Promise<Stored>;
  /** The newest first. */
  entries(limit: number): Promise<readonly Entry[]>;
  /** @returns false, and nothing is written, when there is a hold already */
  hold(hold: Hold): Promise<boolean>;
  /** Nothing happens when there is none. */
  release(): Promise<void>;
  /** @returns false, and nothing is written, when another command waits for its answer */
  put(command: Command): Promise<boolean>;
  /** @returns false when it is no longer there: the controller has taken it */
  withdraw(id: string): Promise<boolean>;
  /**
   * Milliseconds since 1970, by AWS's clock once something was read: a laptop whose clock is wrong must not take the
   * controller for silent.
   */
  now(): number;
  close(): void;
}
