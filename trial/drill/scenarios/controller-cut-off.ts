import type { Drill } from '../drill';
import { failedLessThan, nothingLost, ownWritesRead } from '../promises';
import { nothingChanged, stateSeen, wholeAsBefore } from '../promises-of-group';

/** Several times as long as a primary must be silent until it counts as dead. */
const SECONDS = 12;

/** First from all databases, then from AWS's APIs as well: in both it must do nothing. */
export const controllerCutOff: Drill = {
  name: 'controller-cut-off',
  about: 'the controller reaches no database, then no API',
  replicas: 2,
  async run(scene) {
    const identifiers = scene.before.databases.map(({ identifier }) => identifier);
    for (const database of identifiers) await scene.fault({ kind: 'cut-off', database, from: 'controller' });
    await scene.until('the state cut-off', ({ stored: { memory } }) => memory?.state?.name === 'cut-off');
    await scene.pause(SECONDS);
    for (const database of identifiers) {
      await scene.fault({ kind: 'reconnect', database, to: 'controller' }, 'reconnected');
    }
    await scene.whole('a content controller');
    await scene.fault({ kind: 'cut-off-controller' }, 'cut off from all');
    await scene.pause(SECONDS);
    await scene.fault({ kind: 'reconnect-controller' }, 'reconnected');
    const since = Date.now();
    await scene.until(
      'a controller that works again',
      ({ stored: { memory } }) => (memory?.roundAt ?? 0) > since,
    );
    const look = await scene.whole('a content controller');
    return (evidence) => [
      nothingChanged(evidence),
      stateSeen(evidence, 'cut-off'),
      failedLessThan('reads', 0.001, evidence),
      failedLessThan('writes', 0.001, evidence),
      nothingLost(evidence),
      ownWritesRead(evidence),
      wholeAsBefore(look, evidence),
    ];
  },
};
