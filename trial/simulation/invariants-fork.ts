/** Points 16 and 17: what recovery needs to find the lost writes exactly. */
import type { Asked } from './asked';
import type { Facts } from './facts';
import type { Invariant } from './invariant';
import { promotedBy } from './invariants-failover';
import { lsnNumber, lsnText } from './wal';

/** What is wrong with the fork that is stored for `candidate`. */
function wrongFork({ memory, world }: Facts, candidate: string): string | undefined {
  const fork = memory?.failover?.fork;
  if (!fork) return 'no fork is stored';
  if (fork.epoch !== memory.epoch) return `the fork is that of epoch ${fork.epoch}`;
  if (fork.to !== candidate) return `the fork is that of ${world.nameOf(fork.to)}`;
  const isWhole = /^\d+:\d+:[\d,]*$/.test(fork.snapshot) && /^[\dA-F]+\/[\dA-F]+$/i.test(fork.lsn);
  return isWhole && fork.timeline > 0 && fork.system ? undefined : 'the fork is not whole';
}

const openedBy = ({ world }: Facts, asked: Asked) =>
  asked.kind === 'open' ? world.plane.named(asked.host) : undefined;

const forkFirst: Invariant = {
  number: 16,
  sentence: 'Fork and snapshot are stored before writes open',
  asked(facts, asked) {
    const server = promotedBy(facts, asked) ?? openedBy(facts, asked);
    return server && wrongFork(facts, server.resourceId);
  },
};

const keys = (): Invariant => ({
  number: 16,
  sentence: 'Keys of lost inserts are never given out again: sequences are advanced before writes open',
  wrote({ world: { ledger } }, row) {
    const before = ledger.byKey.get(row.key);
    ledger.byKey.set(row.key, row);
    return before && before !== row ? `key ${row.key} belongs to two acknowledged writes` : undefined;
  },
});

/**
 * Recovery itself is not part of this simulation. What it goes by is: of the writes that the old primary has
 * acknowledged, exactly those whose commit is past the fork are not on the new primary; and its slot still has them.
 */
const partition: Invariant = {
  number: 17,
  sentence:
    'Fork and slot tell the lost writes exactly: a partition, nothing twice, nothing silently dropped',
  asked(facts, asked) {
    const server = openedBy(facts, asked);
    const { failover } = facts.memory ?? {};
    const { fork } = failover ?? {};
    if (!server || !failover || !fork || server.timeline.parent === undefined) return undefined;
    // Then the candidate may have received more between the fork and its promotion: a human's word costs exactness.
    if (facts.unfenced.has(fork.epoch)) return undefined;
    const forked = lsnNumber(fork.lsn);
    const { parent } = server.timeline;
    for (const row of facts.world.ledger.rows) {
      if (row.timeline === server.timeline) continue;
      const isOnNew = server.has(row);
      const isPast = row.timeline === parent && row.lsn > forked;
      if (row.timeline === parent && isOnNew === isPast) {
        return `the write at ${lsnText(row.lsn)} is ${isOnNew ? '' : 'not '}on the new primary, and the fork is at ${fork.lsn}`;
      }
      if (isPast && failover.nothingLost)
        return `the write at ${lsnText(row.lsn)} is lost, and the journal says none is`;
    }
    const old = facts.world.plane.servers.get(failover.from);
    if (old?.slot !== undefined && old.slot > forked && !failover.override?.lag) {
      return `the slot of the old primary is at ${lsnText(old.slot)}, past the fork at ${fork.lsn}`;
    }
    return undefined;
  },
};

/** What the new primary has deleted since the fork has no other trace than its own slot. */
const history = (): Invariant => {
  /** Where each one's slot was made. */
  const made = new Map<string, number>();
  return {
    number: 17,
    sentence:
      'While an old primary waits for recovery, the slot of the new one holds its history since the fork',
    step({ memory, world }) {
      const slot = memory && world.plane.servers.get(memory.primary)?.slot;
      if (!memory?.retired.some(({ recovery }) => recovery === 'needed') || slot === undefined) {
        made.clear();
        return undefined;
      }
      const from = made.get(memory.primary) ?? slot;
      made.set(memory.primary, from);
      return slot > from
        ? `the slot of ${world.nameOf(memory.primary)} is at ${lsnText(slot)}, and was made at ${lsnText(from)}`
        : undefined;
    },
  };
};

export const FORK = (): readonly Invariant[] => [forkFirst, keys(), partition, history()];
