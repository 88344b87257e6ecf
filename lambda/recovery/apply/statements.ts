/**
 * The statements of an apply. Rows come as the text of the whole row and are read by the table's own row type, so that
 * every value goes through its type's input function. A table's columns may have any name: everything is qualified by
 * `t` (the table), `x` (what is given) or `v` (the rows that were read), and a qualified name is never a column's alone.
 */
import type { Table } from '../table';

/** A row of the plan, as statements take it. */
export interface Given {
  /** Place in the list that was given. */
  readonly at: number;
  readonly key: readonly string[];
  readonly lost: string | null;
  readonly present: string | null;
}

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** `only`: a table that others inherit from is not those others. Partitions are written through their root. */
export const target = ({ name, isPartitioned }: Pick<Table, 'name' | 'isPartitioned'>): string =>
  isPartitioned ? name : `only ${name}`;

const keyParts = ({ key, keyEquals, columns }: Table) =>
  key!.map((column, part) => ({ ...columns[column]!, equals: keyEquals![part]!, part }));

/**
 * `x(at, k0, k1 …)`: the rows' places and keys, and after them what else is named.
 *
 * @param first the number of the first parameter
 */
export function given(
  { key }: Table,
  rows: readonly Given[],
  { first = 1, more = {} }: { first?: number; more?: Readonly<Record<string, readonly unknown[]>> } = {},
): Statement {
  const columns = [
    { name: 'at', type: 'int', values: rows.map(({ at }) => at) },
    ...key!.map((_, part) => ({ name: `k${part}`, type: 'text', values: rows.map((row) => row.key[part]) })),
    ...Object.entries(more).map(([name, values]) => ({ name, type: 'text', values })),
  ];
  return {
    text: `unnest(${columns.map(({ type }, index) => `$${first + index}::${type}[]`).join(', ')})
           as x(${columns.map(({ name }) => name).join(', ')})`,
    values: columns.map(({ values }) => values),
  };
}

/** That the row `t` has the key of `x`. */
export const isSameKey = (table: Table, t = 't', x = 'x'): string =>
  keyParts(table)
    .map(({ quoted, equals, type, part }) => `${t}.${quoted} ${equals} ${x}.k${part}::${type}`)
    .join(' and ');

/** Which of the rows are as the plan has seen them; locked, but in a dry run. */
export function verify(
  table: Table,
  rows: readonly Given[],
  lock: 'update' | 'no key update' | undefined,
): Statement {
  const { text, values } = given(table, rows, { more: { present: rows.map(({ present }) => present) } });
  return {
    text: `select x.at from ${text} join ${target(table)} as t on ${isSameKey(table)}
            where (t.*)::text operator(pg_catalog.=) x.present${lock ? ` for ${lock} of t` : ''}`,
    values,
  };
}

/** The rows as they are now. */
export function look(table: Table, rows: readonly Given[]): Statement {
  const { text, values } = given(table, rows);
  return {
    text: `select x.at, (t.*)::text as present from ${text} join ${target(table)} as t on ${isSameKey(table)}`,
    values,
  };
}

/** `v.r`: each lost row, read once (`offset 0` keeps the planner from reading it for every column). */
const lostRows = ({ name }: Table, first: number): string =>
  `(select x.lost::${name} as r from unnest($${first}::text[]) as x(lost) offset 0) as v`;

/**
 * Inserts the rows, and passes over those whose key is taken when the key has an index that can say so.
 *
 * @returns a statement whose rows are those that were written
 */
export function insert(table: Table, rows: readonly Given[], hasArbiter: boolean, first = 1): Statement {
  const columns = table.columns.filter(({ isGenerated }) => !isGenerated);
  const key = table.key!.map((column) => table.columns[column]!.quoted).join(', ');
  return {
    text: `insert into ${table.name} as t (${columns.map(({ quoted }) => quoted).join(', ')})
           overriding system value
           select ${columns.map(({ quoted }) => `(v.r).${quoted}`).join(', ')} from ${lostRows(table, first)}
           ${hasArbiter ? `on conflict (${key}) do nothing` : ''} returning 1`,
    values: [rows.map(({ lost }) => lost)],
  };
}

/** What may be set: PostgreSQL computes generated columns, and sets no identity column that is always its own. */
const settable = ({ columns }: Table) =>
  columns.filter(({ isGenerated, identity }) => !isGenerated && identity !== 'always');

/** The rows must have been verified. */
export function update(table: Table, rows: readonly Given[], first = 1): Statement {
  const isIt = keyParts(table)
    .map(({ quoted, equals }) => `t.${quoted} ${equals} (v.r).${quoted}`)
    .join(' and ');
  return {
    text: `update ${target(table)} as t
              set ${settable(table)
                .map(({ quoted }) => `${quoted} = (v.r).${quoted}`)
                .join(', ')}
             from ${lostRows(table, first)} where ${isIt} returning 1`,
    values: [rows.map(({ lost }) => lost)],
  };
}

/** The rows must have been verified. */
export function remove(table: Table, rows: readonly Given[], first = 1): Statement {
  const { text, values } = given(table, rows, { first });
  return {
    text: `delete from ${target(table)} as t using ${text} where ${isSameKey(table)} returning 1`,
    values,
  };
}

/**
 * Rows whose identity columns, always PostgreSQL's own, differ: an update cannot set them. Those of the key do not.
 *
 * @returns undefined when the table has no such column
 */
export function unsettable(table: Table, rows: readonly Given[]): Statement | undefined {
  const own = table.columns.filter(
    ({ identity }, column) => identity === 'always' && !table.key!.includes(column),
  );
  if (own.length === 0) return undefined;
  const differs = own.map(({ quoted }) => `(v.l).${quoted} is distinct from (v.p).${quoted}`).join(' or ');
  return {
    text: `select v.at from (select x.at, x.lost::${table.name} as l, x.present::${table.name} as p
                               from unnest($1::int[], $2::text[], $3::text[]) as x(at, lost, present) offset 0) as v
            where ${differs}`,
    values: [rows.map(({ at }) => at), rows.map(({ lost }) => lost), rows.map(({ present }) => present)],
  };
}
