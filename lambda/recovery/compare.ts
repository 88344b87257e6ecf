/** Looks rows up by their keys. */
import { rowId } from './finding';
import type { Session } from './session';
import type { Table } from './table';

export interface Found {
  /** The whole row, as text. */
  readonly row: string;
  /** What `flag` says of it. */
  readonly flag: boolean;
  /** Transaction id that wrote it, 32 bits, decimal. */
  readonly xmin: string;
  /** Its key, where that is equal to the one asked for and not written alike: `1.0` and `1.00`. */
  readonly other: readonly string[] | null;
}

/** One statement asks for this many; more would make it no faster. */
const KEYS_AT_ONCE = 2_000;

/**
 * @param keys as in Touched
 * @param flag SQL of the row `r`, `writtenSince(boundary, 'r.xmin')`; a constant when nobody asks
 * @returns by rowId of the key as it was given; rows that are not there are missing
 */
export async function lookUp(
  session: Session,
  table: Table,
  keys: readonly (readonly string[])[],
  flag = 'false',
): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  const text = statement(table, flag);
  for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
    const some = keys.slice(at, at + KEYS_AT_ONCE);
    const columns = table.key!.map((_, part) => some.map((key) => key[part]));
    const rows = await session.ask<{ i: number } & Found>(text, [some.map((_, i) => i), ...columns]);
    for (const { i, ...row } of rows) found.set(rowId(table.name, some[i]!), row);
  }
  return found;
}

/** By the key's index, whatever the planner thinks of the number of keys. */
function statement({ name, isPartitioned, key, keyEquals, columns }: Table, flag: string): string {
  const parts = key!.map((column, part) => ({ ...columns[column]!, equals: keyEquals![part]!, part }));
  const given = parts.map(({ part }) => `$${part + 2}::text[]`).join(', ');
  const names = parts.map(({ part }) => `k${part}`).join(', ');
  const on = parts.map(({ quoted, equals, type, part }) => `r.${quoted} ${equals} k.k${part}::${type}`);
  // By bytes, whatever the column's collation holds for equal.
  const written = parts.map(({ quoted }) => `format('%s', r.${quoted}) collate "C"`);
  const isOther = parts.map(({ part }) => `${written[part]} <> k.k${part}`).join(' or ');
  return `select k.i, (r.*)::text as row, ${flag} as flag, r.xmin::text as xmin,
                 case when ${isOther} then array[${written.join(', ')}] end as other
            from unnest($1::int[], ${given}) as k(i, ${names})
            join ${isPartitioned ? '' : 'only '}${name} as r on ${on.join(' and ')}`;
}
