/** Drafts with their values, where these matter for others. */
import { rowId } from '../finding';
import type { Draft } from '../plan';
import { parseRow } from '../row-text';
import type { Table } from '../table';
import type { Link } from './links';

type Values = readonly (string | null)[];

export interface Row {
  readonly draft: Draft;
  readonly table: Table;
  /**
   * Of all columns, as the old primary has them; absent: it has no such row, or nothing is unique in this table and no
   * foreign key is from or to it.
   */
  readonly lost?: Values;
  readonly present?: Values;
}

/** Drafts go by their place in this list, everywhere in this folder. */
export interface Rows {
  readonly all: readonly Row[];
  /** @param key of the draft, or of the row of the new primary that it is about */
  find(table: string, key: readonly string[]): number | undefined;
  of(table: Table | undefined): readonly number[];
}

/** @throws Problem when a row's text cannot be read */
export function rowsOf(drafts: readonly Draft[], tables: readonly Table[], links: readonly Link[]): Rows {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const linked = new Set(links.flatMap(({ child, parent }) => [child.table?.name, parent.table?.name]));
  const places = new Map<string, number>();
  const byTable = new Map<string, number[]>(tables.map(({ name }) => [name, []]));
  const all = drafts.map((draft, place): Row => {
    const table = byName.get(draft.table)!;
    places.set(rowId(draft.table, draft.key), place);
    byTable.get(draft.table)!.push(place);
    if (!linked.has(table.name) && table.uniques.length === 0) return { draft, table };
    const lost = draft.lost === null ? undefined : parseRow(draft.lost);
    const present = draft.present === null ? undefined : parseRow(draft.present);
    // A key may be written in two ways, `1.5` and `1.50`: the new primary tells of its rows in its own.
    if (present) places.set(rowId(table.name, valuesAt(present, table.key!)!), place);
    return { draft, table, ...(lost && { lost }), ...(present && { present }) };
  });
  return {
    all,
    find: (table, key) => places.get(rowId(table, key)),
    of: (table) => (table && byTable.get(table.name)) ?? [],
  };
}

/** The values at some places; undefined when one of them is null: then a foreign key refers to nothing. */
export function valuesAt(values: Values | undefined, positions: readonly number[]): string[] | undefined {
  if (!values) return undefined;
  const some = positions.map((position) => values[position] ?? null);
  return some.includes(null) ? undefined : (some as string[]);
}

/** Also null and null. */
export const sameAt = (one: Values | undefined, other: Values | undefined, at: readonly number[]): boolean =>
  one !== undefined && other !== undefined && at.every((position) => one[position] === other[position]);

/** For people: `public.notes (1, a b)`. */
export const rowName = (table: string, key: readonly string[]): string => `${table} (${key.join(', ')})`;
