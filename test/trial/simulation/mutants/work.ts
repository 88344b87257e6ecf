/** Wrong about how it goes about its work. */
import { decide } from '../../../../lambda/failover/decide';
import { deciding, type Mutant, remembering, withoutActions } from './mutant';

export const WORK: readonly Mutant[] = [
  {
    name: 'says nothing of a change that is refused for ever',
    breaks: [21],
    seed: 33,
    controller: () => ({
      decide: remembering((memory) =>
        memory.state?.name === 'change-refused'
          ? { ...memory, state: { ...memory.state, name: 'healing' } }
          : memory,
      ),
    }),
  },
  {
    name: 'shows a primary that keeps clients out as healthy',
    breaks: [20],
    seed: 1,
    controller: () => ({
      decide: remembering((memory) =>
        memory.state?.name === 'primary-closed'
          ? { ...memory, state: { ...memory.state, name: 'healthy' } }
          : memory,
      ),
    }),
  },
  {
    name: 'shows a writer whose name leads nowhere as healthy',
    breaks: [20],
    seed: 281,
    controller: () => ({
      decide: (seen, memory, policy, asked) => {
        const isTending = memory.phase === 'steady' || memory.phase === 'healing';
        const decision = decide(seen, memory, policy, asked);
        const isAstray = decision.state === 'names-astray' || decision.state === 'primary-renamed';
        if (!isTending || !isAstray) return decision;
        const state = { ...decision.memory.state!, name: 'healthy' as const };
        return withoutActions({ ...decision, memory: { ...decision.memory, state } }, 'move-names');
      },
    }),
  },
  {
    name: 'forgets who comes and goes',
    breaks: [26],
    seed: 162,
    controller: () => ({ decide: remembering(({ steadiness: _, ...memory }) => memory) }),
  },
  {
    name: 'says nothing of a promotion that sticks',
    breaks: [27],
    seed: 4261,
    controller: () => ({
      decide: remembering((memory) =>
        memory.state?.name === 'promotion-stuck'
          ? { ...memory, state: { ...memory.state, name: 'promoting' } }
          : memory,
      ),
    }),
  },
  {
    name: 'waits for one replica for ever',
    breaks: [27],
    seed: 4,
    controller: () => ({
      decide: remembering((memory) =>
        memory.failover?.promotionSince === undefined
          ? memory
          : { ...memory, failover: { ...memory.failover, promotionSince: memory.roundAt } },
      ),
    }),
  },
  {
    name: 'forgets the lease',
    breaks: [3],
    seed: 6,
    controller: () => {
      const taken = new Set<string>();
      return {
        ports: (ports, { owner }) => {
          const { journal } = ports;
          return {
            ...ports,
            journal: {
              ...journal,
              // It believes that the lease is its own, whoever has it, and writes over what others have written.
              read: async () => ({
                ...(await journal.read()),
                lease: taken.has(owner) ? { owner, beat: 0 } : undefined,
              }),
              take: async () => Boolean(taken.add(owner)),
              commit: async (commit) => {
                const { version, lease } = await journal.read();
                if (!lease) await journal.take(await journal.read(), owner);
                return journal.commit({ ...commit, version, owner: lease?.owner ?? owner });
              },
            },
          };
        },
      };
    },
  },
  {
    name: 'acts on hold',
    breaks: [10],
    seed: 30,
    controller: () => ({
      ports: (ports) => ({
        ...ports,
        journal: {
          ...ports.journal,
          read: async () => ({ ...(await ports.journal.read()), hold: undefined }),
          commit: (commit) => ports.journal.commit({ ...commit, notOnHold: false }),
        },
      }),
    }),
  },
  {
    name: 'writes no journal entry before a change',
    breaks: [15],
    seed: 1,
    controller: () => ({
      ports: (ports) => ({
        ...ports,
        journal: { ...ports.journal, commit: (commit) => ports.journal.commit({ ...commit, entries: [] }) },
      }),
    }),
  },
  {
    name: 'writes entries without evidence',
    breaks: [15],
    seed: 1,
    controller: () => ({
      ports: (ports) => ({
        ...ports,
        journal: {
          ...ports.journal,
          commit: (commit) =>
            ports.journal.commit({
              ...commit,
              entries: commit.entries.map((one) => ({ ...one, evidence: [] })),
            }),
        },
      }),
    }),
  },
  {
    name: 'does not back off',
    breaks: [14],
    seed: 3,
    controller: () => ({
      decide: remembering((memory) => ({
        ...memory,
        backoff: Object.fromEntries(
          Object.entries(memory.backoff).map(([key, { failures }]) => [key, { failures, notBefore: 0 }]),
        ),
      })),
    }),
  },
  {
    name: 'changes everything immediately',
    breaks: [22],
    seed: 14,
    controller: () => ({
      ports: (ports) => ({
        ...ports,
        rds: {
          call: (operation, request) =>
            ports.rds.call(
              operation,
              operation === 'ModifyDBInstance' ? { ...request, ApplyImmediately: true } : request,
            ),
        },
      }),
    }),
  },
  {
    name: 'leaves dead replicas among the readers',
    breaks: [8],
    seed: 1,
    controller: () => ({
      decide: deciding((decision, _seen, before) =>
        before.phase === 'steady' ? withoutActions(decision, 'move-names') : decision,
      ),
    }),
  },
  {
    name: 'lets deployments touch promoted databases',
    breaks: [12],
    seed: 1,
    controller: () => ({ decide: deciding((decision) => withoutActions(decision, 'stack-policy')) }),
  },
];
