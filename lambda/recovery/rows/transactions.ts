/** When transactions were committed, where the server remembers it. */
import type { LostTransaction } from '../finding';
import type { Session } from '../session';

const IDS_AT_ONCE = 10_000;

/** @param ids as in xmin, 32 bits */
export async function transactionsOf(old: Session, ids: readonly string[]): Promise<LostTransaction[]> {
  const [setting] = await old.ask<{ is_on: boolean }>(
    `select current_setting('track_commit_timestamp')::bool as is_on`,
  );
  if (!setting!.is_on) return ids.map((id) => ({ id }));
  const found: LostTransaction[] = [];
  for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
    const rows = await old.ask<{ id: string; at: string | null }>(
      `select id, to_char(pg_xact_commit_timestamp(id::xid) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
         from unnest($1::text[]) as id`,
      [ids.slice(at, at + IDS_AT_ONCE)],
    );
    found.push(...rows.map(({ id, at: committedAt }) => ({ id, ...(committedAt && { committedAt }) })));
  }
  return found;
}
