/** Beside the eighteen: what the controller shows of the group is true. */
import type { StateName } from '../../lambda/failover/states';
import type { Asked } from './asked';
import { admitsClients, type Facts, OLD_MILLIS } from './facts';
import type { Invariant } from './invariant';
import { keyOf } from './invariants-work';

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
      if (now - closedSince <= OLD_MILLIS + (world.stale?.seconds ?? 0) * 1000) return undefined;
      const why = closed(facts);
      return why && `the state is ${state.name}, and ${why} for ${Math.round((now - closedSince) / 1000)} s`;
    },
  };
};

/**
 * After so many refusals in a row, the round that asks for the next one has told of them. The controller tells of five that
 * it knows of; a run's last round hands none on, and in a calm minute there are two.
 */
const TOLD_AFTER = 12;

/** States of a failover that goes on. */
const UNDER_WAY: ReadonlySet<StateName> = new Set<StateName>([
  'fencing',
  'candidate-replaying',
  'promoting',
  'opening',
  'names-moving',
]);

/** Whether a state says nothing of a change that is refused. A failover does not wait for the stack policy. */
const isSilent = (state: StateName, { kind }: Asked): boolean =>
  (WELL.has(state) && state !== 'healed') || (UNDER_WAY.has(state) && kind !== 'stack');

const refusalsAreTold = (): Invariant => {
  /** In a row, by what was asked for; `before` the last time that it was. */
  const refused = new Map<string, { readonly times: number; readonly before: number }>();
  return {
    number: 21,
    sentence: 'A change that is refused again and again is shown as refused',
    asked({ memory }, asked) {
      if (asked.kind === 'keep') return undefined;
      const key = keyOf(asked);
      const before = refused.get(key)?.times ?? 0;
      // It counts on when it is refused once more.
      refused.set(key, { times: 0, before });
      const state = memory?.state?.name ?? 'healthy';
      return before >= TOLD_AFTER && isSilent(state, asked)
        ? `${key} was refused ${before} times, and the state is ${state}`
        : undefined;
    },
    failed(_facts, asked, outcome) {
      if (outcome !== 'denied' && outcome !== 'invalid') return;
      const key = keyOf(asked);
      const { before } = refused.get(key) ?? { before: 0 };
      refused.set(key, { times: before + 1, before });
    },
  };
};

export const TRUTH = (): readonly Invariant[] => [showsWhatIs(), refusalsAreTold()];
