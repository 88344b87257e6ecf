/** Which servers a run works on, by the failover controller's journal. */
import type { Memory } from '../../failover/memory';
import type { Stored } from '../../failover/ports';
import type { Fork } from '../fork';
import { FORK } from '../fork';
import { Problem } from '../problem';

export interface Chosen {
  readonly fork: Fork;
  /** Resource ids. */
  readonly old: string;
  readonly primary: string;
}

/**
 * The primary, when nobody else is about to become it.
 * @throws Problem
 */
export function primaryOf({ memory }: Stored): string {
  if (!memory) {
    throw new Problem(
      'The failover controller has written nothing into its journal yet: no failover can have lost anything. Is it running? npm run failover -- status tells.',
    );
  }
  if (memory.phase !== 'steady' && memory.phase !== 'healing') {
    throw new Problem(
      `A failover is under way (phase ${memory.phase}): wait until it is through, as npm run failover -- status tells, and begin again.`,
    );
  }
  return memory.primary;
}

/**
 * @param epoch of the failover. @default - the only one whose old primary waits for recovery
 * @throws Problem that names those that may be meant
 */
export function choose(stored: Stored, epoch?: number): Chosen {
  const primary = primaryOf(stored);
  const memory = stored.memory!;
  const found = epoch === undefined ? waiting(memory) : known(memory).filter((one) => one.epoch === epoch);
  const [fork] = found;
  if (found.length === 1) return { primary, old: fork!.from, fork: FORK.parse(fork) };
  const epochs = (forks: readonly { readonly epoch: number }[]) =>
    forks.map((one) => one.epoch).join(', ') || 'none';
  if (epoch !== undefined) {
    throw new Problem(
      `The journal has ${found.length === 0 ? 'no fork' : 'several forks'} of epoch ${epoch}. It has those of epochs ${epochs(known(memory))}.`,
    );
  }
  throw new Problem(
    found.length === 0
      ? `No old primary waits for recovery. To look at one that does not wait any more, name the epoch of its failover (--epoch); the journal has ${epochs(known(memory))}.`
      : `${found.length} old primaries wait for recovery, of epochs ${epochs(found)}: name one of these (--epoch), the earliest first.`,
  );
}

const waiting = ({ retired }: Memory) =>
  retired.flatMap(({ recovery, fork }) => (recovery === 'needed' && fork ? [fork] : []));

/** Each of them once: what waits is among those that are remembered for good, since that is done. */
function known(memory: Memory) {
  const all = [...(memory.forks ?? []), ...memory.retired.flatMap(({ fork }) => fork ?? [])];
  return [...new Map(all.map((fork) => [`${fork.epoch} ${fork.from}`, fork])).values()];
}

/** Resource id of the old primary of `of`, when it still waits for recovery. */
export const waitingOf = ({ memory }: Stored, of: Fork): string | undefined =>
  memory?.retired.find(
    ({ recovery, fork }) =>
      recovery === 'needed' &&
      fork &&
      (['epoch', 'system', 'lsn'] as const).every((part) => fork[part] === of[part]),
  )?.resourceId;
