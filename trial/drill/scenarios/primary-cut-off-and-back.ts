import { rivalries } from '../clients';
import type { Drill } from '../drill';
import { lostOnlyPastFork, ownWritesRead, promotedOncePerEpoch } from '../promises';
import { keptOut, oneWritable, quarantined, wholeAgain } from '../promises-of-group';
import { partyOf } from './parties';

/** How long the old primary has, after it is back, to do harm. */
const AFTER_RETURN_SECONDS = 8;

/**
 * The dangerous one: neither controller nor replicas reach the primary, and clients do. What they write meanwhile is not
 * replicated; what must not be is that they go on when another one takes writes.
 */
export const primaryCutOffAndBack: Drill = {
  name: 'primary-cut-off-and-back',
  about: 'clients alone still reach the primary; later all do',
  replicas: 2,
  async run(scene) {
    const old = partyOf(scene.before, 'primary');
    await scene.rivals();
    await scene.pause(1);
    await scene.fault({ kind: 'cut-off', database: old.identifier, from: 'replicas' });
    await scene.fault({ kind: 'cut-off', database: old.identifier, from: 'controller' });
    await scene.until('another primary', ({ stored: { memory } }) => memory?.phase === 'healing');
    await scene.whole();
    await scene.fault({ kind: 'reconnect', database: old.identifier, to: 'everybody' }, 'reconnected');
    await scene.pause(AFTER_RETURN_SECONDS);
    const look = await scene.whole();
    const commits = await scene.endRivals();
    return (evidence) => [
      oneWritable(rivalries(commits), commits.length),
      keptOut(commits, old.address!, evidence),
      lostOnlyPastFork(evidence, old.identifier),
      promotedOncePerEpoch(evidence, 1),
      ownWritesRead(evidence),
      wholeAgain(look, scene.replicas, old.identifier),
      quarantined(look, old.identifier),
    ];
  },
};
