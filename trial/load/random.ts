/** Numbers that come again with the same seed: mulberry32, https://github.com/bryc/code/blob/master/jshash/PRNGs.md */
export type Random = () => number;

/** @returns numbers from 0 up to, not including, 1 */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @throws when there is nothing to choose from */
export function oneOf<T>(random: Random, all: readonly T[]): T {
  if (all.length === 0) throw new Error('There is nothing to choose from');
  return all[Math.floor(random() * all.length)]!;
}
