import type { Drill } from './drill';
import { primaryKilled } from './scenarios/primary-killed';

/** In the order in which `drill all` goes through them: those that need the same number of replicas follow each other. */
export const DRILLS: readonly Drill[] = [primaryKilled];
