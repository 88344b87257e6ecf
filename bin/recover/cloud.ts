import type { RunRequest, RunState } from '../../lambda/recovery/run-state';
import type { JournalAccess } from '../failover/journal';

/** What people have of recovery in an account. Every failure is thrown as a `Failure`: one sentence. */
export interface Cloud {
  readonly journal: JournalAccess;
  /** The newest, never a stale one; absent: the function has not begun. */
  run(id: string): Promise<RunState | undefined>;
  /** Of some months, the latest first. */
  runs(): Promise<readonly RunState[]>;
  /** Lambda takes the request, and begins when it can. */
  start(request: RunRequest): Promise<void>;
  /** Asks a run to pause. Nothing happens when it is not there. */
  stop(run: string): Promise<void>;
  /** A file of the bucket. */
  file(key: string): AsyncIterable<Uint8Array>;
  close(): void;
}
