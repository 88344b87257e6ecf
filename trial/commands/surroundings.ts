import type { Screen } from '../../lib/terminal/watch';

/** What a command has around it: a terminal, or a test. */
export interface Surroundings {
  /** `.trial`. */
  readonly folder: string;
  readonly out: Screen;
  readonly err: { write(text: string): unknown };
  readonly env: NodeJS.ProcessEnv;
  /** Asks the person; absent: nobody is there to be asked. */
  readonly ask?: (question: string) => Promise<string>;
  /** Aborts by Ctrl-C: what runs comes to its end. */
  readonly signal: AbortSignal;
  /** Removes what a trial keeps outside of its folder, before the folder is emptied. */
  readonly removeElsewhere?: (folder: string) => void | Promise<void>;
}

/** Exit codes: what was asked for is so; it is not, or went wrong; the words were wrong. */
export const EXIT = { fine: 0, failed: 1, usage: 2 } as const;
