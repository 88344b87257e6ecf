/** Numbers from 0 up to but not including 1, as Math.random gives them. */
export type Random = () => number;

/**
 * The same numbers for the same seed, so that a run can be repeated: mulberry32 by Tommy Ettinger (public domain).
 * Good enough to spread requests, and nothing else.
 */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * One of the records, each as often as its weight says. Weight 0 is never chosen, unless all have it: then all are
 * alike. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-weighted.html
 *
 * @param records at least one
 */
export function weighted<Item extends { readonly weight?: number }>(
  records: readonly Item[],
  random: Random,
): Item {
  const sum = records.reduce((total, { weight = 0 }) => total + weight, 0);
  if (sum === 0) return records[Math.floor(random() * records.length)]!;
  let left = random() * sum;
  return records.find(({ weight = 0 }) => (left -= weight) < 0)!;
}
