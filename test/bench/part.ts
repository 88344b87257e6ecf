import type { Section } from './figure';
import type { Programs } from './programs';

export interface Bench {
  readonly programs: Programs;
  /** How often to measure. */
  readonly runs: number;
  /** How long to look for false alarms. */
  readonly hours: number;
  /** Sizes of the tables for recovery. @default - what the part says */
  readonly rows?: readonly number[];
  /** Aborts when somebody wants the end. */
  readonly signal: AbortSignal;
  /** Tells a person what is going on. */
  say(text: string): void;
}

/** One thing to measure: a name for the command line, and the measuring. */
export type Part = (bench: Bench) => Promise<Section>;
