/**
 * Transactions that are past the stored fork and on the new primary all the same: it replayed them between the look at it
 * and its promotion. Their ids are past the fork's next one, as if it had made them itself.
 */
import { compareLsn } from '../failover/lsn';
import { SLOT_NAME } from '../prepare-database/plan';
import type { Fork } from './fork';
import type { PairFacts } from './pair';
import type { Session } from './session';

/** More would be a fork that was stored long before. */
const IDS_AT_MOST = 1_000_000n;

/**
 * All ids with their subtransactions, between the fork's next one and the one that the new primary's slot was made at,
 * before its writes opened: the slot keeps it as long as it stays there.
 *
 * @returns undefined when there may be some, and nobody can tell which
 */
export async function windowedOf(
  primary: Session,
  { lsn, snapshot }: Fork,
  { forkedAt, slotFrom }: Pick<PairFacts, 'forkedAt' | 'slotFrom'>,
): Promise<readonly bigint[] | undefined> {
  if (!forkedAt || compareLsn(forkedAt, lsn) <= 0) return [];
  const [slot] = await primary.ask<{ first: string | null }>(
    `select catalog_xmin::text as first from pg_replication_slots
      where slot_name = $1 and confirmed_flush_lsn = $2::pg_lsn`,
    [SLOT_NAME, slotFrom ?? null],
  );
  if (!slot?.first) return undefined;
  const next = BigInt(snapshot.split(':')[1]!);
  const length = BigInt.asIntN(32, BigInt(slot.first) - next);
  if (length > IDS_AT_MOST) return undefined;
  if (length <= 0n) return [];
  const ids = await primary.ask<{ id: string }>(
    `select id::text from generate_series($1::bigint, $1::bigint + $2::bigint - 1) as id
      where pg_xact_status(id::text::xid8) = 'committed'`,
    [next.toString(), length.toString()],
  );
  return ids.map(({ id }) => BigInt(id));
}

export const windowGap = ({ lsn }: Fork, { forkedAt }: Pick<PairFacts, 'forkedAt'>): string =>
  `The new primary had come to ${forkedAt} when it was promoted, and its fork was stored at ${lsn}: which transactions it replayed between is not known. ` +
  `A row that they wrote counts as written by the new primary itself: that lost transactions deleted such a row is not found by rows, and if they changed one, that is a conflict.`;
