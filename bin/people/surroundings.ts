import type { Screen } from '../../lib/terminal/watch';
import { Failure } from '../../lib/terminal/failure';

/** What a command of people has around it: a terminal, or a test. */
export interface Surroundings {
  readonly out: Screen;
  readonly err: { write(text: string): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks the person; absent: nobody is there to be asked. */
  readonly ask?: (question: string) => Promise<string>;
  /** Aborts by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Ends early when `signal` aborts; never throws. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Who types, for the journal: `anna@laptop`. */
  readonly by: string;
  /** Folder of cdk.json. */
  readonly project: string;
  /** Where a trial is kept: `.trial`. */
  readonly trial: string;
}

/** Exit codes: what was asked for is so; it is not, or went wrong; the words were wrong; ended by Ctrl-C. */
export const EXIT = { fine: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** It will not be done: a sentence that says why, and what to do instead. */
export class Refusal extends Failure {
  override readonly name = 'Refusal';
}
