import type { Unrecoverable } from '../finding';
import type { Session } from '../session';

interface Prepared {
  readonly gid: string;
  readonly quoted: string;
  readonly id: string;
  readonly owner: string;
  readonly at: string;
}

const PREPARED = `
  select gid, quote_literal(gid) as quoted, transaction::text as id, quote_ident(owner) as owner,
         to_char(prepared at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as at
    from pg_prepared_xacts where database = current_database() order by prepared`;

/** Transactions that are prepared on the old primary and not over. Those of before the fork are prepared on both. */
export async function findPrepared(old: Session, primary: Session): Promise<Unrecoverable[]> {
  const [there, here] = await Promise.all([old.ask<Prepared>(PREPARED), primary.ask<Prepared>(PREPARED)]);
  return there
    .filter(({ gid, id }) => !here.some((other) => other.gid === gid && other.id === id))
    .map(({ quoted, id, owner, at }) => ({
      kind: 'prepared transaction',
      what: `The transaction ${quoted} of ${owner} was prepared on the old primary at ${at} UTC and is neither committed nor rolled back: nothing of it is in this plan.`,
      remedy:
        'Ask whoever coordinates it. If it shall be committed, commit it on the old primary and plan again; otherwise roll it back there.',
      sql: `commit prepared ${quoted};\n-- or: rollback prepared ${quoted};`,
      transactions: [id],
    }));
}
