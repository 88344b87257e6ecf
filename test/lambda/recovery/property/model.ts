/** What a plan must say, from what is true: the rows at the fork, of the old primary, and of the new one. */
import type { ConflictKind, Operation } from '../../../../lambda/recovery/plan';
import type { TrueRow } from './truth';

export interface Versions {
  readonly fork?: TrueRow;
  readonly old?: TrueRow;
  readonly present?: TrueRow;
}

/** What recovery has to go by. */
export interface Sight {
  /** Whether it can know what was first done with a row on the old primary: by the slot. */
  readonly seesOld: boolean;
  /** The same of the new primary. */
  readonly seesNew: boolean;
  /**
   * The first transaction id that was not over at the fork as it was stored. Who has only that takes what came between it
   * and the true fork for later than the fork, on both servers.
   */
  readonly next: bigint;
}

export type Verdict =
  /** Nothing is lost: a change of it would do harm, a conflict would be noise. */
  | { readonly say: 'nothing' }
  | { readonly say: 'apply'; readonly operation: Operation; readonly or: readonly ConflictKind[] }
  | { readonly say: 'conflict'; readonly kinds: readonly ConflictKind[]; readonly orNothing: boolean }
  /** Whatever is made of it, as long as nothing is done that must not. */
  | { readonly say: 'unsure'; readonly truth: Verdict };

const NOTHING: Verdict = { say: 'nothing' };
const apply = (operation: Operation, ...or: ConflictKind[]): Verdict => ({ say: 'apply', operation, or });
const conflict = (...kinds: ConflictKind[]): Verdict => ({ say: 'conflict', kinds, orNothing: false });

/** No transaction writes two versions of a row that are both committed. */
const isSame = (one: TrueRow | undefined, other: TrueRow | undefined): boolean =>
  one === undefined ? other === undefined : one.xmin === other?.xmin;

/** What may be said of one key. */
export function verdict(versions: Versions, sight: Sight): Verdict {
  const isBetween = versions.fork !== undefined && BigInt(versions.fork.xmin) >= sight.next;
  return isBetween && !sight.seesOld && !sight.seesNew
    ? { say: 'unsure', truth: exact(versions, sight) }
    : exact(versions, sight);
}

function exact({ fork, old, present }: Versions, { seesOld, seesNew }: Sight): Verdict {
  if (isSame(fork, old)) return NOTHING;
  // Both have none, or the very same one: put back by somebody else, or undone by those who had done it.
  if (old?.bits === present?.bits) return NOTHING;
  const isSince = !isSame(fork, present);
  const knowsBase = seesOld || seesNew;
  if (!fork) {
    // Inserted and deleted again.
    if (!old) return NOTHING;
    if (!present) return knowsBase ? apply('insert') : apply('insert', 'cannot be told');
    return knowsBase ? conflict('key taken') : conflict('key taken', 'both changed', 'cannot be told');
  }
  if (!old) {
    if (!isSince) return apply('delete');
    if (knowsBase) return conflict('changed here');
    // By its looks the new primary's own row.
    return { say: 'conflict', kinds: ['changed here', 'cannot be told'], orNothing: true };
  }
  // Written again as it was: nothing is lost by leaving it, and saying so is no harm.
  const orNothing = old.bits === fork.bits;
  if (!present) {
    return {
      say: 'conflict',
      kinds: knowsBase ? ['deleted here'] : ['deleted here', 'cannot be told'],
      orNothing,
    };
  }
  if (isSince) {
    const kinds: ConflictKind[] = knowsBase
      ? ['both changed']
      : ['both changed', 'key taken', 'cannot be told'];
    return { say: 'conflict', kinds, orNothing };
  }
  return apply('update');
}
