/** Wrong about whom to replace, by whom, and when. */
import type { Probe, SeenInstance } from '../../../../lambda/failover/observation';
import { compareLsn } from '../../../../lambda/failover/lsn';
import { QUARANTINE_GROUP } from '../../../../trial/simulation/policy';
import { deciding, eachInstance, type Mutant, REFUSED, remembering, seeing, withoutActions } from './mutant';

const fenced = (instance: SeenInstance): SeenInstance => ({
  ...instance,
  groups: [{ id: QUARANTINE_GROUP, active: true }],
  probe: REFUSED,
});

export const FAILOVER: readonly Mutant[] = [
  {
    name: 'promotes without a fence',
    breaks: [2],
    seed: 1,
    controller: () => ({
      decide: seeing((seen, { failover }) =>
        eachInstance(seen, (one) => (failover?.from === one.resourceId ? fenced(one) : one)),
      ),
    }),
  },
  {
    name: 'does not wait for the restart of the fence',
    breaks: [2],
    seed: 3,
    controller: () => ({
      decide: (seen, memory, policy, asked) => {
        const isIn = ({ groups }: SeenInstance) =>
          groups.every(({ id, active }) => active && id === QUARANTINE_GROUP);
        const hasty = seeing((round, { failover }) =>
          eachInstance(round, (one) =>
            failover && one.resourceId in failover.fence && isIn(one) ? fenced(one) : one,
          ),
        );
        return withoutActions(hasty(seen, memory, policy, asked), 'reboot');
      },
    }),
  },
  {
    name: "ignores the replicas' view",
    breaks: [6],
    seed: 1,
    controller: () => ({
      decide: seeing((seen) =>
        eachInstance(seen, (one) =>
          one.probe.reached ? { ...one, probe: { ...one.probe, receiving: false } } : one,
        ),
      ),
    }),
  },
  {
    name: 'chooses the candidate with the lowest LSN',
    breaks: [7],
    seed: 9,
    controller: () => ({
      decide: deciding((decision, seen) => {
        const { failover } = decision.memory;
        if (decision.state !== 'candidate-chosen' || !failover?.fork || failover.kind !== 'automatic')
          return decision;
        const able = seen.instances.flatMap(({ resourceId, identifier, probe, status }) =>
          failover.siblings.includes(resourceId) &&
          probe.reached &&
          probe.inRecovery &&
          status === 'available'
            ? [{ resourceId, identifier, probe }]
            : [],
        );
        const [worst] = able.sort((one, other) => compareLsn(one.probe.received, other.probe.received));
        if (!worst) return decision;
        const { resourceId, identifier, probe } = worst;
        const fork = { ...failover.fork, to: resourceId, lsn: probe.replayed, snapshot: probe.snapshot };
        return {
          ...decision,
          memory: { ...decision.memory, failover: { ...failover, candidate: resourceId, fork } },
          actions: decision.actions.map((action) =>
            action.kind === 'promote' ? { ...action, on: { resourceId, identifier } } : action,
          ),
        };
      }),
    }),
  },
  {
    name: 'ignores the lag limit',
    breaks: [7, 8],
    seed: 57,
    controller: () => ({ policy: (policy) => ({ ...policy, maxLagMillis: 1e9 }) }),
  },
  {
    name: 'fails over when it is cut off',
    breaks: [5],
    seed: 6,
    controller: () => {
      const last = new Map<string, Probe>();
      return {
        decide: seeing((seen) =>
          eachInstance(seen, (one) => {
            if (one.probe.reached) last.set(one.resourceId, one.probe);
            const before = last.get(one.resourceId);
            // What answered once is taken to be as it was; but not the primary.
            return one.source !== undefined && !one.probe.reached && before?.reached
              ? { ...one, probe: { ...before, receiving: false } }
              : one;
          }),
        ),
      };
    },
  },
  {
    name: 'fails over a second time without an acknowledgement',
    breaks: [19],
    seed: 1542,
    controller: () => ({ decide: remembering(({ lastFailover: _, ...memory }) => memory) }),
  },
  {
    name: 'promotes another one under the same epoch',
    breaks: [4, 16],
    seed: 4,
    controller: () => ({
      decide: deciding((decision, _seen, before) =>
        decision.memory.failover && before.failover?.promoteAskedAt !== undefined
          ? { ...decision, memory: { ...decision.memory, epoch: before.epoch } }
          : decision,
      ),
    }),
  },
  {
    name: 'mends the replicas before it fails over',
    breaks: [14],
    seed: 199,
    controller: () => ({
      decide: deciding((decision, seen, before) => {
        const isTending = before.phase === 'steady' || before.phase === 'healing';
        const isWhole = seen.instances.every(({ source, probe }) => source === undefined || probe.reached);
        if (!isTending || decision.memory.phase !== 'fencing' || isWhole) return decision;
        return { ...decision, state: 'replica-unfit', memory: before, actions: [] };
      }),
    }),
  },
];
