import { closest, distance } from 'fastest-levenshtein';

/** The known name that `given` was probably meant to be; undefined when none is near. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(given, known);
  return distance(given, candidate) <= Math.max(2, Math.ceil(given.length / 3)) ? candidate : undefined;
}
