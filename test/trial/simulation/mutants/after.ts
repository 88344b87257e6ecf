/** Wrong about what follows a promotion. */
import type { Action } from '../../../../lambda/failover/decision';
import { DATABASE_GROUP } from '../../../../trial/simulation/policy';
import { deciding, type Mutant, remembering, withoutActions } from './mutant';

export const AFTER: readonly Mutant[] = [
  {
    name: 'moves the names before the write is proved',
    breaks: [9, 8],
    seed: 3,
    controller: () => ({
      decide: deciding((decision, seen) => {
        const { failover, phase } = decision.memory;
        const candidate = seen.instances.find(({ resourceId }) => resourceId === failover?.candidate);
        if (phase !== 'opening' || !candidate?.endpoint || decision.state !== 'opening') return decision;
        const { identifier, endpoint } = candidate;
        const to = {
          writer: endpoint.host,
          readers: [{ identifier, target: endpoint.host, weight: 0 }],
        };
        const move: Action = { kind: 'move-names', from: seen.names, to };
        return {
          ...decision,
          actions: [move, ...decision.actions.filter(({ kind }) => kind !== 'move-names')],
        };
      }),
    }),
  },
  {
    name: 'heals before it opens',
    breaks: [8, 9, 12, 16],
    seed: 4,
    controller: () => ({
      decide: deciding((decision, seen) => {
        const { failover, phase } = decision.memory;
        if (phase !== 'opening' || !failover?.candidate) return decision;
        return {
          ...decision,
          state: 'healing',
          actions: [],
          memory: {
            ...decision.memory,
            phase: 'healing',
            primary: failover.candidate,
            retired: [
              ...decision.memory.retired,
              {
                resourceId: failover.from,
                epoch: decision.memory.epoch,
                fork: failover.fork,
                recovery: 'needed',
                since: seen.at,
              },
            ],
          },
        };
      }),
    }),
  },
  {
    name: 'forgets to advance the sequences',
    breaks: [16],
    seed: 13,
    controller: () => ({
      ports: (ports) => ({
        ...ports,
        databases: { ...ports.databases, open: (address, epoch) => ports.databases.open(address, epoch, 0) },
      }),
    }),
  },
  {
    name: 'stores the fork after opening',
    breaks: [16],
    seed: 3,
    controller: () => ({
      decide: remembering((memory) =>
        memory.failover && memory.phase !== 'healing'
          ? { ...memory, failover: { ...memory.failover, fork: undefined } }
          : memory,
      ),
    }),
  },
  {
    name: 'stores a fork that is too late',
    breaks: [17],
    seed: 13,
    controller: () => ({
      decide: deciding((decision, seen) => {
        const { failover } = decision.memory;
        const old = seen.instances.find(({ resourceId }) => resourceId === failover?.from);
        if (!failover?.fork || !old?.probe.reached || old.probe.inRecovery) return decision;
        const fork = { ...failover.fork, lsn: old.probe.received };
        return { ...decision, memory: { ...decision.memory, failover: { ...failover, fork } } };
      }),
    }),
  },
  {
    name: 'lets the slot go as far as the primary is',
    breaks: [17],
    seed: 9,
    controller: () => ({
      ports: (ports) => ({
        ...ports,
        databases: {
          ...ports.databases,
          probe: (address, keep) =>
            ports.databases.probe(address, keep && { ...keep, slotUpTo: 'FFFFFFFF/FFFFFFFF' }),
        },
      }),
    }),
  },
  {
    name: 'lets the slot of a new primary go on while recovery waits',
    breaks: [17],
    seed: 9,
    controller: () => ({
      ports: (ports) => ({
        ...ports,
        databases: {
          ...ports.databases,
          // What was once the same: not to be moved, and as far as the primary is.
          probe: (address, keep) =>
            ports.databases.probe(
              address,
              keep && { ...keep, slotUpTo: keep.slotUpTo ?? 'FFFFFFFF/FFFFFFFF' },
            ),
        },
      }),
    }),
  },
  {
    name: 'doubles the replicas',
    breaks: [12],
    seed: 1,
    controller: () => ({ policy: (policy) => ({ ...policy, replicas: 2 * policy.replicas }) }),
  },
  {
    name: 'deletes the old primary early',
    breaks: [11],
    seed: 13,
    controller: () => ({
      decide: remembering((memory) => ({
        ...memory,
        retired: memory.retired.map((one) => ({ ...one, recovery: 'nothing lost' })),
      })),
    }),
  },
  {
    name: 'lets the old primary out of quarantine',
    breaks: [1, 2, 11],
    seed: 3,
    controller: () => ({
      decide: deciding((decision, seen) => {
        const { failover, phase } = decision.memory;
        const isUnderWay = phase === 'promoting' || phase === 'opening';
        const old = seen.instances.find(({ resourceId }) => resourceId === failover?.from);
        if (!isUnderWay || !old || old.status !== 'available') return decision;
        if (old.groups.some(({ id }) => id === DATABASE_GROUP)) return withoutActions(decision, 'set-groups');
        const { resourceId, identifier } = old;
        const open: Action = { kind: 'set-groups', on: { resourceId, identifier }, groups: [DATABASE_GROUP] };
        return { ...decision, actions: [...decision.actions, open] };
      }),
    }),
  },
];
