import type { Drill } from '../drill';
import {
  forkWritten,
  keysAreNew,
  lostOnlyPastFork,
  ownWritesRead,
  promotedOncePerEpoch,
  writtenWithin,
} from '../promises';
import { quarantined, wholeAgain } from '../promises-of-group';
import { identifierOf } from './parties';

/** The primary dies, and does not come back. */
export const primaryKilled: Drill = {
  name: 'primary-killed',
  about: 'the primary dies for good, under load',
  replicas: 2,
  async run(scene) {
    const old = identifierOf(scene.before, 'primary');
    await scene.fault({ kind: 'kill-database', database: old, stays: true });
    await scene.until('another primary', ({ stored: { memory } }) => memory?.phase === 'healing');
    const look = await scene.whole();
    return (evidence) => [
      writtenWithin(evidence, old),
      lostOnlyPastFork(evidence, old),
      forkWritten(evidence),
      keysAreNew(evidence, old),
      promotedOncePerEpoch(evidence, 1),
      ownWritesRead(evidence),
      wholeAgain(look, scene.replicas, old),
      quarantined(look, old),
    ];
  },
};
