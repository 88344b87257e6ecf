/** What is said of who comes and goes (decide/steadiness.ts). */
import { FLAPPING_WINDOW_MILLIS, PRIMARY_FALLS, REPLICA_FALLS, STEADY_MILLIS } from '../policy';
import type { View } from './view';

const minutes = (milliseconds: number): number => Math.round(milliseconds / 60_000);

/** In words, when `resourceId` comes and goes. */
export function flapping({ memory }: Pick<View, 'memory'>, resourceId: string): string | undefined {
  if (memory.steadiness?.[resourceId]?.isFlapping !== true) return undefined;
  const falls = resourceId === memory.primary ? PRIMARY_FALLS : REPLICA_FALLS;
  return (
    `comes and goes: ${falls} times within ${minutes(FLAPPING_WINDOW_MILLIS)} min; ` +
    `it counts as well when it has been so for ${minutes(STEADY_MILLIS)} min`
  );
}
