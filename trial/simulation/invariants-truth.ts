/** Beside the eighteen: what the controller shows of the group is true. */
import type { StateName } from '../../lambda/failover/states';
import { admitsClients, type Facts, OLD_MILLIS } from './facts';
import type { Invariant } from './invariant';

/** States that say: the primary works, whatever else is to be mended. */
const WELL: ReadonlySet<StateName> = new Set<StateName>([
  'healthy',
  'names-astray',
  'replica-unfit',
  'replica-missing',
  'replica-in-excess',
  'naming',
  'retired-waits',
  'retired-goes',
  'healing',
  'healed',
]);

/** Why no client's write is taken, in words. */
function closed({ world, memory }: Facts): string | undefined {
  const server = world.plane.servers.get(memory?.primary ?? '');
  if (!server) return 'there is no primary';
  const name = world.nameOf(server.resourceId);
  if (!admitsClients(server)) return `${name} admits no client`;
  if (!server.works || !server.writable) return `${name} is ${server.describe()}, and takes no write`;
  return undefined;
}

const showsWhatIs = (): Invariant => {
  let closedSince: number | undefined;
  return {
    number: 20,
    sentence: 'What the controller shows as healthy admits clients, now',
    step(facts) {
      closedSince = closed(facts) === undefined ? undefined : (closedSince ?? facts.now);
      return undefined;
    },
    committed(facts, { memory: { state } }) {
      const { world, now } = facts;
      if (!state || !WELL.has(state.name) || closedSince === undefined) return undefined;
      // A look takes its time, and RDS may answer with what was before.
      if (now - closedSince <= OLD_MILLIS + world.staleSeconds * 1000) return undefined;
      const why = closed(facts);
      return why && `the state is ${state.name}, and ${why} for ${Math.round((now - closedSince) / 1000)} s`;
    },
  };
};

export const TRUTH = (): readonly Invariant[] => [showsWhatIs()];
