import type { Drill } from '../drill';
import { targetsOf } from '../group';
import { failedLessThan, gapAtMost, nothingLost, ownWritesRead } from '../promises';
import { nobodyPromoted, servesAgain } from '../promises-of-group';
import { identifierOf } from './parties';

/** Reads spread over the others until another one is there. */
export const oneOfThreeReplicas: Drill = {
  name: 'one-of-three-replicas',
  about: 'one replica of three dies for good',
  replicas: 3,
  async run(scene) {
    const lost = identifierOf(scene.before, 'replica', 1);
    await scene.fault({ kind: 'kill-database', database: lost, stays: true });
    await scene.until('readers without it', ({ facts }) => !targetsOf(facts, 'reader').includes(lost));
    scene.mark('left the readers', `reads go to the others`);
    const look = await scene.whole('another replica');
    scene.mark('replaced', `reads go to ${targetsOf(look.facts, 'reader').join(', ')}`);
    return (evidence) => [
      gapAtMost('reads', 3, evidence),
      failedLessThan('reads', 0.005, evidence),
      servesAgain(evidence, look, lost, 20),
      nobodyPromoted(evidence),
      nothingLost(evidence),
      ownWritesRead(evidence),
    ];
  },
};
