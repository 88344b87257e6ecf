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
    case 'kill-function': {
      const name = functionOf(world, fault.function);
      if (!world.lambdas.kill(name)) throw new TrialFailure(`${name} does not run at the moment.`);
      return `${name} was killed in the middle of its run.`;
    }
    case 'cut-off-controller':
      world.controllerPath.set('drop');
      return 'The failover controller is cut off from databases and APIs.';
    case 'reconnect-controller':
      world.controllerPath.set('pass');
      return 'The failover controller reaches databases and APIs again.';
    case 'events':
      world.faults.setEvents(fault.how);
      return `Events of RDS: ${fault.how}.`;
    case 'api':
      world.faults.setCalls(fault.operation, fault.how);
      return `${fault.operation === '*' ? 'Every call of RDS' : fault.operation}: ${fault.how}.`;
    case 'heal':
      world.faults.heal();
      world.controllerPath.set('pass');
      await world.databaseFaults.healAll();
      return 'Every fault that held is taken back.';
    default:
      return world.databaseFaults.apply(fault);
  }
}

/** A sentence for each fault that holds. */
export const holding = (world: World): string[] => [
  ...(world.controllerPath.passage === 'drop' ? ['the failover controller is cut off from everything'] : []),
  ...world.faults.sentences(),
  ...world.databaseFaults.sentences(),
];

/** The name of a function by a part of it. */
function functionOf(world: World, part: string): string {
  const names = world.lambdas.facts().map(({ name }) => name);
  const meant = names.includes(part)
    ? [part]
    : names.filter((name) => name.toLowerCase().includes(part.toLowerCase()));
  if (meant.length === 1) return meant[0]!;
  throw new TrialFailure(
    meant.length > 1
      ? `"${part}" may be ${meant.join(' or ')}: say which.`
      : `No function "${part}" has run: there is ${names.join(', ') || 'none'}.`,
  );
}
