import type { Drill } from '../drill';
import { targetsOf } from '../group';
import { lostOnlyPastFork, ownWritesRead, promotedOncePerEpoch, writtenWithin } from '../promises';
import { promotedIs, wholeAgain } from '../promises-of-group';
import { identifierOf } from './parties';

/** Longer than any limit of a drill. */
const HOURS_SECONDS = 3_600;

/** One replica replays too late. It takes no more reads; and it is not promoted when the primary dies. */
export const replicaLagging: Drill = {
  name: 'replica-lagging',
  about: 'a replica lags too far, and then the primary dies',
  replicas: 2,
  async run(scene) {
    const old = identifierOf(scene.before, 'primary');
    const [lagging, other] = [0, 1].map((index) => identifierOf(scene.before, 'replica', index));
    await scene.fault({ kind: 'delay-replay', database: lagging!, seconds: HOURS_SECONDS }, 'lagging');
    // What it shows may be as old as the limit until then: that is what "within the limit" means.
    await scene.until('readers without it', ({ facts }) => !targetsOf(facts, 'reader').includes(lagging!));
    scene.mark('left the readers', `reads go to ${other}`);
    await scene.fault({ kind: 'kill-database', database: old, stays: true }, 'killed');
    const killedAt = Date.now();
    await scene.until('another primary', ({ stored: { memory } }) => memory?.phase === 'healing');
    const look = await scene.whole();
    return (evidence) => [
      promotedIs(evidence, other!),
      writtenWithin({ ...evidence, faultAt: killedAt }, old),
      ownWritesRead(evidence),
      lostOnlyPastFork(evidence, old),
      promotedOncePerEpoch(evidence, 1),
      wholeAgain(look, scene.replicas, old),
    ];
  },
};
