/** What a part of the decision hands on: the state it sees, and what is to be done. */
import type { Action } from '../decision';
import type { Memory } from '../memory';
import type { StateName } from '../states';

export interface Step {
  readonly state: StateName;
  readonly reasons: readonly string[];
  readonly memory: Memory;
  readonly actions: readonly Action[];
}

export const step = (
  state: StateName,
  memory: Memory,
  reasons: readonly string[],
  actions: readonly Action[] = [],
): Step => ({ state, memory, reasons, actions });

/** `record` without `key`. */
export const without = <T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
