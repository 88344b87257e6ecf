import { AFTER } from './after';
import { FAILOVER } from './failover';
import type { Mutant } from './mutant';
import { WORK } from './work';

export const MUTANTS: readonly Mutant[] = [...FAILOVER, ...AFTER, ...WORK];
