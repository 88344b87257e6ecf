/**
 * Which rows were written after the fork, by the transaction id in each row's `xmin`.
 *
 * The old primary went on from the fork's next transaction id, and the new primary gives out the same ones again: on each
 * server by itself, a row whose `xmin` is at or past that id is later than the fork. Transactions that were under way at
 * the fork have smaller ids. They may have been committed on the old primary afterwards, and are aborted on the new one,
 * which never gives their ids out again: it can be asked what became of them. (The replica's own snapshot cannot: fork.ts.)
 */
import type { Fork } from './fork';
import { Problem } from './problem';
import type { Session } from './session';

export interface Boundary {
  /** The first transaction id that was not over at the fork, 64 bits. */
  readonly next: bigint;
  /** Smaller ones that were under way at the fork, and that the new primary has therefore aborted. */
  readonly underWay: readonly bigint[];
}

/** So many ids between a fork's oldest and next are asked for; more would be a transaction of days. */
const ASKED_AT_MOST = 5_000_000n;

/**
 * A transaction that was prepared at the fork may have been committed later on the new primary, and not on the old one:
 * its rows are later than the fork there, and the old primary's word tells it from one that was over.
 *
 * @throws Problem when the fork is not this server's
 */
export async function boundaryOf({ snapshot }: Fork, primary: Session, old?: Session): Promise<Boundary> {
  const [oldest, next] = snapshot.split(':').map(BigInt) as [bigint, bigint];
  const asked = next - oldest > ASKED_AT_MOST ? next - ASKED_AT_MOST : oldest;
  const [now] = await primary.ask<{ next: string }>(
    'select pg_snapshot_xmax(pg_current_snapshot())::text as next',
  );
  if (BigInt(now!.next) < next) {
    throw new Problem(
      `The fork's next transaction id is ${next}, and ${primary.name} has not come so far (${now!.next}): the fork is not its own. Take the fork of the failover that has made it the primary.`,
    );
  }
  const servers = old ? [primary, old] : [primary];
  const undone = await Promise.all(servers.map((server) => notCommitted(server, oldest, asked, next)));
  return { next, underWay: [...new Set(undone.flat())].map(BigInt) };
}

/** @returns ids; the oldest one is asked for in any case, as it is why there are many */
async function notCommitted(server: Session, oldest: bigint, from: bigint, next: bigint): Promise<string[]> {
  const rows = await server.ask<{ id: string }>(
    `select id::text from (select $1::bigint as id where $1::bigint < $2::bigint
                           union all select generate_series($2::bigint, $3::bigint - 1)) as asked
      where pg_xact_status(id::text::xid8) is distinct from 'committed'`,
    [oldest.toString(), from.toString(), next.toString()],
  );
  return rows.map(({ id }) => id);
}

/**
 * SQL that is true for rows that were written after the fork, and cheap: `age` compares as PostgreSQL does, around the
 * end of the 32 bits. A row that was frozen keeps its `xmin`; one of before the last wrap-around but one could be taken for
 * a new one by chance: it is then found to be the same on both sides.
 *
 * @param xmin the column, with its table: `t.xmin`
 * @param except ids that are no later than the fork after all, on the new primary
 */
export function writtenSince(
  { next, underWay }: Boundary,
  xmin: string,
  except: readonly bigint[] = [],
): string {
  // The first comparison is all that is made for most rows.
  const late = `age(${xmin}) <= age('${short(next)}'::xid) and age(${xmin}) >= 0`;
  const aborted = underWay.length > 0 ? ` or ${xmin}::text = any('{${underWay.map(short).join()}}')` : '';
  const known = except.length > 0 ? ` and ${xmin}::text <> all('{${except.map(short).join()}}')` : '';
  return `(((${late})${aborted})${known})`;
}

/** As it stands in a row: 32 bits. */
export const short = (id: bigint): bigint => id & 0xffff_ffffn;
