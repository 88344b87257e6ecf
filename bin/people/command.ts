import type { Surroundings } from './surroundings';

export interface CommandOfPeople<S extends Surroundings = Surroundings> {
  /** One line, in the help of all. */
  readonly about: string;
  readonly help: string;
  /** @returns the exit code; throws Failure with a sentence */
  run(args: readonly string[], surroundings: S): Promise<number>;
}
