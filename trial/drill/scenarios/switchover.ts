import { rivalries } from '../clients';
import type { Drill } from '../drill';
import { gapAtMost, keysAreNew, nothingLost, ownWritesRead, promotedOncePerEpoch } from '../promises';
import { oneWritable, wholeAgain } from '../promises-of-group';
import { identifierOf } from './parties';

/** Nothing fails: a person wants another primary. */
export const switchover: Drill = {
  name: 'switchover',
  about: 'a person wants another primary; nothing fails',
  replicas: 2,
  async run(scene) {
    const old = identifierOf(scene.before, 'primary');
    await scene.rivals();
    scene.mark('command', 'switchover');
    await scene.command({ kind: 'switchover' });
    await scene.until('another primary', ({ stored: { memory } }) => memory?.phase === 'healing');
    const look = await scene.whole();
    const commits = await scene.endRivals();
    return (evidence) => [
      nothingLost(evidence),
      gapAtMost('writes', 3, evidence),
      keysAreNew(evidence, old),
      ownWritesRead(evidence),
      oneWritable(rivalries(commits), commits.length),
      promotedOncePerEpoch(evidence, 1),
      wholeAgain(look, scene.replicas, old),
    ];
  },
};
