import type { Phase } from '../../../lambda/failover/memory';
import type { Drill, Evidence, Verdict } from '../drill';
import { keysAreNew, lostOnlyPastFork, promotedOncePerEpoch } from '../promises';
import { quarantined, wholeAgain } from '../promises-of-group';
import type { Scene } from '../scene';
import { identifierOf } from './parties';

const PHASES: readonly Phase[] = ['fencing', 'promoting', 'opening', 'healing'];

/** The end of the function's name (lib/data/failover-controller.ts). */
const CONTROLLER = /-failover$/;

/** Killed in the middle of each phase, and its lease with it: another run has to wait for that, and goes on. */
export const controllerCrashes: Drill = {
  name: 'controller-crashes',
  about: 'the primary dies, the controller in each phase',
  replicas: 2,
  async run(scene) {
    const old = identifierOf(scene.before, 'primary');
    await scene.fault({ kind: 'kill-database', database: old, stays: true });
    const killed: Phase[] = [];
    for (const phase of PHASES) if (await killIn(scene, phase)) killed.push(phase);
    const look = await scene.whole();
    return (evidence) => [
      {
        promise: 'it was killed in each phase',
        isKept: killed.length === PHASES.length,
        found: killed.join(', ') || 'in none',
      },
      promotedOncePerEpoch(evidence, epochsOf(evidence)),
      oneEpoch(evidence),
      lostOnlyPastFork(evidence, old),
      keysAreNew(evidence, old),
      wholeAgain(look, scene.replicas, old),
      quarantined(look, old),
    ];
  },
};

/** A phase may be over in a moment: then the controller is killed in the next one. @returns whether it was in time */
async function killIn(scene: Scene, phase: Phase): Promise<boolean> {
  const order = PHASES.indexOf(phase);
  const memory = await scene.soon(`the phase ${phase}`, (now) => {
    const at = PHASES.indexOf(now.phase);
    return at >= order || (now.phase === 'steady' && now.epoch > scene.epochBefore);
  });
  try {
    await scene.fault({ kind: 'kill-function', function: controllerOf(scene) }, 'killed');
  } catch (error) {
    scene.say((error as Error).message);
    return false;
  }
  return memory.phase === phase;
}

const controllerOf = ({ before }: Scene): string =>
  before.functions.find(({ name }) => CONTROLLER.test(name))?.name ?? 'failover';

const epochsOf = ({ entries }: Evidence): number =>
  new Set(entries.filter(({ what }) => what.startsWith('promote ')).map(({ epoch }) => epoch)).size;

function oneEpoch(evidence: Evidence): Verdict {
  const epochs = epochsOf(evidence);
  return { promise: 'one failover became of it', isKept: epochs === 1, found: `${epochs} epochs promoted` };
}
