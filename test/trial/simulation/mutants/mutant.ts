/** A wrong controller: ours, with one small change. */
import type { Action, Decision } from '../../../../lambda/failover/decision';
import { decide as ours, type Decide } from '../../../../lambda/failover/decide';
import type { Memory } from '../../../../lambda/failover/memory';
import type {
  Blindness,
  Observation,
  SeenInstance,
  Unreached,
} from '../../../../lambda/failover/observation';
import type { Controller } from '../../../../trial/simulation/world';

export interface Mutant {
  readonly name: string;
  /** The points that it means to break (trial/simulation/invariants.ts); any other may be broken before. */
  readonly breaks: readonly number[];
  /** Of a schedule that finds it. @default - the first few are tried */
  readonly seed?: number;
  /** New for each schedule: some remember. */
  controller(): Controller;
}

/** Decides on something else than what it saw. */
export const seeing = (change: (seen: Observation, memory: Memory) => Observation): Decide =>
  ((seen, memory, policy, asked) =>
    ours('missing' in seen ? seen : change(seen, memory), memory, policy, asked)) satisfies Decide;

/** Changes what was decided. */
export const deciding =
  (change: (decision: Decision, seen: Observation, memory: Memory) => Decision): Decide =>
  (seen: Observation | Blindness, memory, policy, asked) => {
    const decision = ours(seen, memory, policy, asked);
    return 'missing' in seen ? decision : change(decision, seen, memory);
  };

/** Remembers something else. */
export const remembering = (change: (memory: Memory) => Memory): Decide =>
  deciding((decision) => ({ ...decision, memory: change(decision.memory) }));

export const eachInstance = (
  seen: Observation,
  change: (instance: SeenInstance) => SeenInstance,
): Observation => ({
  ...seen,
  instances: seen.instances.map(change),
});

export const withoutActions = (decision: Decision, kind: Action['kind']): Decision => ({
  ...decision,
  actions: decision.actions.filter((action) => action.kind !== kind),
});

export const REFUSED: Unreached = { reached: false, why: 'refused', message: 'refused' };
