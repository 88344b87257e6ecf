/** The databases as a whole: which is what, and whether all is as it usually is. Pure. */
import type { Memory, Summary } from '../../lambda/failover/memory';
import type { Stored } from '../../lambda/failover/ports';
import type { DatabaseFacts, NameFacts, TrialFacts } from '../control/contract';
import { leading } from '../view/judge';

/** One look at a trial from both sides. */
export interface Look {
  readonly facts: TrialFacts;
  readonly stored: Stored;
}

export const fitReplicas = ({ seen = [] }: Memory): readonly Summary[] =>
  seen.filter(({ role, fit }) => role === 'replica' && fit);

/** Old primaries that are still there. The memory has one for a while when it has gone. */
export const retiredOf = ({ seen = [] }: Memory): readonly Summary[] =>
  seen.filter(({ role }) => role === 'retired');

export const primaryOf = ({ seen = [], primary }: Memory): Summary | undefined =>
  seen.find(({ resourceId }) => resourceId === primary);

export const databaseOf = ({ databases }: TrialFacts, identifier: string): DatabaseFacts | undefined =>
  databases.find((database) => database.identifier === identifier);

/** Who takes the reads, or the writes: identifiers, by the records as they are now. */
export function targetsOf({ names }: TrialFacts, role: 'reader' | 'writer'): readonly string[] {
  const name = names.find((one) => one.name.startsWith(`${role}.`)) as NameFacts | undefined;
  return name ? leading(name).map(({ to }) => to) : [];
}

/** States in which nothing is left to do; an old primary may wait in quarantine. */
const RESTFUL: readonly string[] = ['healthy', 'retired-waits'];

/**
 * Why the group is not whole yet, in a clause: writes and reads where they belong, as many replicas as wanted, and the
 * controller content.
 *
 * @param wanted replicas
 */
export function missing({ facts, stored: { memory } }: Look, wanted: number): string | undefined {
  if (!memory) return 'the controller has not looked yet';
  if (memory.phase !== 'steady' || !RESTFUL.includes(memory.state?.name ?? '')) {
    return `the controller is ${memory.phase}, and says ${memory.state?.name}: ${memory.state?.reasons.join('; ')}`;
  }
  const fit = fitReplicas(memory);
  if (fit.length !== wanted) return `${fit.length} of ${wanted} replicas are fit`;
  const primary = primaryOf(memory);
  if (targetsOf(facts, 'writer').join() !== primary?.identifier) {
    return `the writer's name leads to ${targetsOf(facts, 'writer').join(', ')}`;
  }
  const readers = fit.map(({ identifier }) => identifier).sort();
  const led = [...targetsOf(facts, 'reader')].sort();
  if (led.join() !== (readers.join() || primary.identifier)) {
    return `the reader's name leads to ${led.join(', ')}`;
  }
  const busy = facts.databases.find(
    ({ identifier, state }) =>
      [primary.identifier, ...readers].includes(identifier) &&
      state !== 'available' &&
      state !== 'backing-up',
  );
  return busy && `${busy.identifier} is ${busy.state}`;
}

/** Why a drill may not begin, in a sentence; undefined when it may. */
export function obstacle(look: Look, wanted: number): string | undefined {
  const { facts, stored } = look;
  const { memory, hold, command } = stored;
  if (facts.faults.length > 0) {
    return `There are faults already (${facts.faults.join('; ')}): npm run trial -- fault heal.`;
  }
  if (hold) return 'The group is on hold: npm run failover -- release --trial.';
  if (command) return 'A command waits for the controller: wait until it is answered.';
  if (memory && retiredOf(memory).length > 0) {
    return 'An old primary is there from an earlier failover: npm run recover -- waive --why drill --trial, then names by npm run failover.';
  }
  const group = facts.databases.map(({ identifier }) => identifier);
  const unusual = memory && primaryOf(memory) && !primaryOf(memory)!.identifier.endsWith('-primary');
  if (unusual)
    return `The names are not the usual ones (${group.join(', ')}): npm run failover -- names --trial.`;
  const lack = missing(look, wanted);
  return lack && `The group is not settled: ${lack}. See npm run trial -- status.`;
}
