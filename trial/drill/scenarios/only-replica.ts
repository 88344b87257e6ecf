import type { Drill } from '../drill';
import { gapAtMost, nothingLost, ownWritesRead } from '../promises';
import { nobodyPromoted, servesAgain } from '../promises-of-group';
import { targetsOf } from '../group';
import { identifierOf } from './parties';

/** Nobody reads from a replica any more: the primary takes the reads until another one is there. */
export const onlyReplica: Drill = {
  name: 'only-replica',
  about: 'the only replica dies for good',
  replicas: 1,
  async run(scene) {
    const primary = identifierOf(scene.before, 'primary');
    const lost = identifierOf(scene.before, 'replica');
    await scene.fault({ kind: 'kill-database', database: lost, stays: true });
    await scene.until('the primary among the readers', ({ facts }) =>
      targetsOf(facts, 'reader').includes(primary),
    );
    scene.mark('reads moved', `the reader's name leads to ${primary}`);
    const look = await scene.whole('another replica');
    scene.mark('replaced', `reads go to ${targetsOf(look.facts, 'reader').join(', ')}`);
    return (evidence) => [
      gapAtMost('reads', 3, evidence),
      {
        promise: 'the primary takes the reads in between',
        isKept: (evidence.load.databases['other reads'][primary] ?? 0) > 0,
        found: `${evidence.load.databases['other reads'][primary] ?? 0} reads`,
      },
      servesAgain(evidence, look, lost, 60),
      nobodyPromoted(evidence),
      nothingLost(evidence),
      ownWritesRead(evidence),
    ];
  },
};
