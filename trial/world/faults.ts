import type { Fault } from '../control/contract';
import { TrialFailure } from '../failure';
import type { World } from './world';

/**
 * Makes something go wrong, or right again.
 *
 * @returns what was done, a sentence
 * @throws TrialFailure when it cannot be done
 */
export async function applyFault(world: World, fault: Fault): Promise<string> {
  const done = await apply(world, fault);
  world.events.add('fault', done);
  return done;
}

async function apply(world: World, fault: Fault): Promise<string> {
  switch (fault.kind) {
    case 'kill-server': {
      const known = world.servers?.servers().some(({ id }) => id === fault.server);
      if (!known) throw new TrialFailure(`There is no server ${fault.server}.`);
      world.servers!.signal(fault.server, 'SIGKILL');
      return `Server ${fault.server} was killed.`;
    }
    case 'events':
      world.faults.setEvents(fault.how);
      return `Events of RDS: ${fault.how}.`;
    case 'api':
      world.faults.setCalls(fault.operation, fault.how);
      return `${fault.operation === '*' ? 'Every call of RDS' : fault.operation}: ${fault.how}.`;
    case 'heal':
      world.faults.heal();
      await world.databaseFaults.healAll();
      return 'Every fault that held is taken back.';
    default:
      return world.databaseFaults.apply(fault);
  }
}
