/** Keys of rows: how they are read, as text, and which of them a server has no row for. */
import type { Session } from '../session';
import type { Table } from '../table';

export type Key = readonly string[];

/** A table whose rows can be told apart. */
export type KeyedTable = Table & Required<Pick<Table, 'key' | 'keyEquals'>>;

export const isKeyed = (table: Table): table is KeyedTable =>
  table.key !== undefined && table.keyEquals !== undefined;

/** So many keys are looked up by one statement. */
export const KEYS_AT_ONCE = 2_000;

/**
 * SQL: the key of row `t` as an array of texts, each as its type's output function writes it. `format` asks that function;
 * a cast to text does not always (a boolean would be `true`, a char(3) would lose its blanks).
 */
export const keyOf = ({ columns, key }: KeyedTable): string =>
  `array[${key.map((at) => `format('%s', t.${columns[at]!.quoted})`).join()}]`;

/** Of a table that others inherit from, only its own rows; of a partitioned one, those of its partitions. */
export const rowsOf = ({ name, isPartitioned }: Table): string => (isPartitioned ? name : `only ${name}`);

/**
 * Those of the keys that the server has no row for, by the equality of the key's index: two texts may be one value
 * (`1.0` and `1.00`). One look-up into the index for each: with the limit a join by any other way is impossible, and a
 * table's size does not matter.
 */
export async function missing(session: Session, table: KeyedTable, keys: readonly Key[]): Promise<Key[]> {
  if (keys.length === 0) return [];
  const { columns, key, keyEquals } = table;
  const equal = key.map((at, part) => {
    const { quoted, type } = columns[at]!;
    return `t.${quoted} ${keyEquals[part]} w.k${part}::${type}`;
  });
  const rows = await session.ask<{ at: number }>(
    `select w.at::int as at
       from unnest(${key.map((_, part) => `$${part + 1}::text[]`).join()})
            with ordinality as w(${key.map((_, part) => `k${part}`).join()}, at)
       left join lateral (select true as is_there from ${rowsOf(table)} t where ${equal.join(' and ')} limit 1) f on true
      where f.is_there is null order by w.at`,
    key.map((_, part) => keys.map((values) => values[part])),
  );
  return rows.map(({ at }) => keys[at - 1]!);
}

/** The same for any number of keys, some thousand at a time. */
export async function* missingOf(
  session: Session,
  table: KeyedTable,
  keys: Iterable<Key> | AsyncIterable<Key>,
): AsyncGenerator<Key> {
  let batch: Key[] = [];
  for await (const key of keys) {
    batch.push(key);
    if (batch.length === KEYS_AT_ONCE) {
      yield* await missing(session, table, batch);
      batch = [];
    }
  }
  yield* await missing(session, table, batch);
}
