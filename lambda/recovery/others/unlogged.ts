import { sqlState } from '../../../app/database/errors';
import type { Unrecoverable } from '../finding';
import type { Session } from '../session';
import { SITE } from './objects';

const INSUFFICIENT_PRIVILEGE = '42501';

interface UnloggedTable {
  readonly name: string;
  readonly isReadable: boolean;
  /** -1: never counted. */
  readonly estimate: number;
  readonly bytes: string;
}

const TABLES = `
  select format('%I.%I', n.nspname, c.relname) as name, c.reltuples::float8 as estimate,
         has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') as "isReadable",
         pg_relation_size(c.oid) as bytes
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'm') and c.relpersistence = 'u' and ${SITE}
   order by 1`;

/** Whatever is in them, no replica has ever had it: they are not in the WAL. Partitions are told one by one. */
export async function findUnlogged(old: Session): Promise<Unrecoverable[]> {
  const found: Unrecoverable[] = [];
  for (const { name, isReadable, estimate, bytes } of await old.ask<UnloggedTable>(TABLES)) {
    if (bytes === '0') continue;
    const isEmpty = isReadable ? await hasNone(old, name) : undefined;
    if (isEmpty) continue;
    const rows =
      estimate > 0 ? `about ${Math.round(estimate)} rows` : isEmpty === false ? 'rows' : `${bytes} bytes`;
    found.push({
      kind: 'unlogged',
      table: name,
      what: `${name} is unlogged, so that no replica ever had its rows: it has ${rows} on the old primary and began empty on the new one.`,
      remedy: `If they are worth it, copy them from the old primary: pg_dump --data-only --table='${name}', then load that into the new one. A table that must outlive a server has to be logged: alter table ${name} set logged.`,
      transactions: [],
    });
  }
  return found;
}

/** @returns undefined when it may not be read: its rows are hidden by policies */
const hasNone = (old: Session, name: string): Promise<boolean | undefined> =>
  old.ask<{ none: boolean }>(`select not exists (select from only ${name}) as none`).then(
    ([row]) => row!.none,
    (error: unknown) => {
      if (sqlState(error) === INSUFFICIENT_PRIVILEGE) return undefined;
      throw error;
    },
  );
