import { type Random, seeded } from '../load/random';

export { oneOf, type Random, seeded } from '../load/random';

/** A whole number from `least` to `most`, both included. */
export const between = (random: Random, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1));

export const chance = (random: Random, share: number): boolean => random() < share;

/** One of the keys, each as often as its weight says. */
export function weighted<T extends string>(random: Random, weights: Readonly<Record<T, number>>): T {
  const entries = Object.entries(weights) as [T, number][];
  let left = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [key, weight] of entries) {
    left -= weight;
    if (left < 0) return key;
  }
  return entries.at(-1)![0];
}

/** A seed from several numbers: the same for the same ones, and far from that of their neighbours. */
export function mixed(...numbers: readonly number[]): number {
  let seed = 0x9e3779b9;
  for (const number of numbers) {
    seed = Math.imul(seed ^ (number | 0), 0x85ebca6b);
    seed = (seed ^ (seed >>> 13)) | 0;
  }
  return seed >>> 0;
}

/** Numbers of one part of a schedule, which those of no other part disturb. */
export const randomOf = (...numbers: readonly number[]): Random => seeded(mixed(...numbers));
