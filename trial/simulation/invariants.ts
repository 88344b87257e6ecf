/**
 * "What must hold, always", in the design. Point 18 is recovery's own, which is no part of this simulation.
 *
 * A schedule has checks of its own: some remember what was before.
 */
import { converges, eventsChangeNothing } from './convergence';
import type { Invariant } from './invariant';
import { EVIDENCE } from './invariants-evidence';
import { FAILOVER } from './invariants-failover';
import { FORK } from './invariants-fork';
import { NAMES } from './invariants-names';
import { TRUTH } from './invariants-truth';
import { WORK } from './invariants-work';

export const invariants = (): readonly Invariant[] => [
  ...FAILOVER(),
  ...NAMES(),
  ...WORK(),
  ...FORK(),
  ...TRUTH(),
  ...EVIDENCE(),
  converges,
  eventsChangeNothing,
];
