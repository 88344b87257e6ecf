/** Keys that are equal though they are not written alike: `1.0` and `1.00`, `Ann` and `ann` by some collations. */
import type { Session } from '../session';
import type { Table } from '../table';

/** Of these, values that are equal are written alike; a numeric when it has a scale, a text by most collations. */
const ALIKE = `'{bool,bytea,"char",date,int2,int4,int8,name,oid,time,timestamp,timestamptz,uuid,text,varchar,bpchar}'`;

const KEYS_AT_ONCE = 2_000;

/**
 * @returns SQL by the table's name, of those whose keys may be equal and not written alike: of the key's texts `k0`, `k1`,
 * a number that equal keys have in common
 */
export async function loose(
  session: Session,
  tables: readonly Table[],
): Promise<ReadonlyMap<string, string>> {
  const columns = tables.flatMap(({ name, key = [], columns }) =>
    key.map((column, part) => ({ name, part, column: columns[column]! })),
  );
  const found = await session.ask<{ at: number; collation: string | null; isAlike: boolean }>(
    `select w.at::int as at,
            case when not c.collisdeterministic then format('%I.%I', n.nspname, c.collname) end as collation,
            coalesce(c.collisdeterministic, true) and (b.typtype = 'e' or b.typnamespace = 'pg_catalog'::regnamespace
              and (b.typname = any (${ALIKE}) or b.typname = 'numeric' and a.atttypmod >= 0)) as "isAlike"
       from unnest($1::text[], $2::text[]) with ordinality as w(tab, col, at)
       join pg_attribute a on a.attrelid = to_regclass(w.tab) and a.attname = w.col
       join pg_type t on t.oid = a.atttypid
       join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
       left join pg_collation c on c.oid = a.attcollation
       left join pg_namespace n on n.oid = c.collnamespace`,
    [columns.map(({ name }) => name), columns.map(({ column }) => column.name)],
  );
  const parts = new Map(found.map((one) => [one.at - 1, one]));
  const sql = new Map<string, string>();
  for (const { name } of tables) {
    const own = [...columns.entries()].filter(([, column]) => column.name === name);
    if (own.every(([at]) => parts.get(at)?.isAlike)) continue;
    const values = own.map(([at, { part, column }]) => {
      const collation = parts.get(at)?.collation;
      return `k${part}::${column.type}${collation ? ` collate ${collation}` : ''}`;
    });
    sql.set(name, `hash_record_extended(row(${values.join(', ')}), 0)`);
  }
  return sql;
}

/** @returns one text for each key; equal keys have the same */
export async function namesOf(
  session: Session,
  sql: string,
  keys: readonly (readonly string[])[],
): Promise<string[]> {
  const names: string[] = [];
  for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
    const some = keys.slice(at, at + KEYS_AT_ONCE);
    const parts = some[0]!.map((_, part) => some.map((key) => key[part]));
    const rows = await session.ask<{ name: string }>(
      `select (${sql})::text as name
         from unnest(${parts.map((_, part) => `$${part + 1}::text[]`).join()})
              with ordinality as w(${parts.map((_, part) => `k${part}`).join()}, at) order by w.at`,
      parts,
    );
    for (const { name } of rows) names.push(name);
  }
  return names;
}
