/** What a command will do and what that costs on AWS, for whoever is asked to confirm it. */
import type { Memory } from '../../lambda/failover/memory';
import { replicasOf } from './refusals';
import { nameOf } from './timeline';

export interface Chosen {
  readonly kind: 'switchover' | 'promote' | 'names';
  /** Identifier. */
  readonly to?: string;
  readonly withoutFence?: boolean;
  readonly acceptLoss?: boolean;
}

/** "can take several minutes or longer to complete": RDS User Guide, "Promoting a read replica to be a standalone DB instance". */
const PROMOTION =
  'On AWS, writes stop for the restart of the old primary and the promotion, which "can take several minutes or longer" (RDS guide).';

/** No figure is documented; a replica is a restored snapshot, and a creation "can take up to 20 minutes" (RDS guide). */
const HEALING =
  'Afterwards the other replicas are created anew, up to 20 minutes each; until "names" a deployment may not touch the databases.';

/** "The new DNS name ... becomes effective in about 10 minutes": RDS User Guide, "Renaming a DB instance". */
const RENAMING =
  'On AWS each renaming restarts its instance, and its new address works after about 10 minutes (RDS guide): of the primary, that is a gap in writes.';

/** Sentences, one a line. */
export function planOf(chosen: Chosen, memory: Memory): readonly string[] {
  const primary = nameOf(memory, memory.primary);
  switch (chosen.kind) {
    case 'switchover':
      return [
        `${target(chosen, memory)} takes the writes over from ${primary}.`,
        `Writers are stopped first, and the replica gets everything that ${primary} has: nothing is lost. If that fails, ${primary} goes on.`,
        PROMOTION,
        HEALING,
      ];
    case 'promote':
      return [
        `${target(chosen, memory)} is promoted, whether ${primary} lives or not.`,
        chosen.withoutFence
          ? `WITHOUT A FENCE: when a client can still reach ${primary}, both take writes, and they part.`
          : `${primary} is fenced first: nothing is promoted until no client can reach it.`,
        chosen.acceptLoss
          ? 'THE LOSS IS ACCEPTED: writes that the replica has not received are missing until a recovery puts them back.'
          : 'A replica that is further behind than the limit is refused; what the promoted one has not received is missing until a recovery.',
        PROMOTION,
        HEALING,
      ];
    case 'names':
      return [renamings(memory), RENAMING];
  }
}

function target({ kind, to }: Chosen, memory: Memory): string {
  if (to !== undefined) return to;
  const [first, ...others] = replicasOf(memory).filter(({ fit }) => fit);
  // A switchover waits until its candidate has everything; otherwise who has most is chosen after the fence.
  const isKnown = first && (kind === 'switchover' || others.length === 0);
  return isKnown ? first.identifier : 'The replica that has received the most';
}

function renamings({ seen = [] }: Memory): string {
  const all = seen.map(({ identifier, role }) => `${identifier} (${role})`).join(', ');
  return `The databases get the names of the template again, one after the other; now there are ${all || 'none'}.`;
}
