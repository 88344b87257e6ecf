/** A rule between settings that does not hold. The first path is where it is reported. */
export interface Broken {
  readonly paths: readonly [string, ...string[]];
  readonly allowed: string;
}

export const when = (broken: boolean, paths: Broken['paths'], allowed: string): Broken[] =>
  broken ? [{ paths, allowed }] : [];
