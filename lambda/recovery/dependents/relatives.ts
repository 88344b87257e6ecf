/** Rows of the new primary that lost rows refer to, and rows that refer to what lost changes take away. */
import { parseRow } from '../row-text';
import type { Session } from '../session';
import { type Facts, childrenIn, parentsIn } from './demands';
import { groupBy } from './group';
import type { Link, LinkEnd } from './links';
import { type Rows, valuesAt } from './rows';

type Pair = Facts['pairs'][number];
type Relative = Facts['parents'][number];

/** Without an index on the referring columns each statement reads the whole table: better few of them. */
const VALUES_AT_ONCE = 20_000;

/** Drafts whose lost version is the row that other drafts refer to. */
export async function findPairs(rows: Rows, links: readonly Link[], primary: Session): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const link of links) {
    const { child, parent } = link;
    const children = childrenIn(rows, link);
    const parents = rows
      .of(parent.table)
      .filter((place) => valuesAt(rows.all[place]!.lost, parent.positions) !== undefined);
    if (children.length === 0 || parents.length === 0) continue;
    const valuesOf = (place: number, end: LinkEnd) => valuesAt(rows.all[place]!.lost, end.positions)!;
    if (child.types.every((type, part) => haveOneText(type, parent.types[part]!))) {
      const holders = new Map(parents.map((on) => [JSON.stringify(valuesOf(on, parent)), on]));
      for (const of of children) {
        const on = holders.get(JSON.stringify(valuesOf(of, child)));
        if (on !== undefined) pairs.push({ of, link, on });
      }
      continue;
    }
    const found = await primary.ask<{ of: number; on: number }>(
      `select c.i as of, p.i as on from ${given(child, 'c', 1)} join ${given(parent, 'p', child.types.length + 2)}
           on ${link.operators.map((operator, part) => `p.c${part}::${parent.types[part]} ${operator} c.c${part}::${child.types[part]}`).join(' and ')}`,
      [
        ...arrays(children, (place) => valuesOf(place, child), child),
        ...arrays(parents, (place) => valuesOf(place, parent), parent),
      ],
    );
    for (const { of, on } of found) pairs.push({ of, link, on });
  }
  return pairs;
}

/** Rows that drafts refer to which are in no pair. */
export async function findParents(
  rows: Rows,
  links: readonly Link[],
  pairs: readonly Pair[],
  primary: Session,
): Promise<Relative[]> {
  const parents: Relative[] = [];
  for (const link of links) {
    const { child, parent } = link;
    if (!parent.isReadable) continue;
    const paired = new Set(pairs.filter((pair) => pair.link === link).map(({ of }) => of));
    // Many refer to one.
    const referring = groupBy(
      childrenIn(rows, link).filter((place) => !paired.has(place)),
      (place) => JSON.stringify(valuesAt(rows.all[place]!.lost, child.positions)),
    );
    for (const some of portions([...referring.values()])) {
      const found = await primary.ask<{ i: number; key: string | null }>(
        `select v.i, ${keyOf(parent)} as key from ${given(child, 'v', 1)} join ${rowsIn(parent)}
             on ${link.operators.map((operator, part) => `t.${parent.columns[part]} ${operator} v.c${part}::${child.types[part]}`).join(' and ')}`,
        arrays([...some.keys()], (i) => valuesAt(rows.all[some[i]![0]!]!.lost, child.positions)!, child),
      );
      for (const { i, key } of found) {
        for (const of of some[i]!) parents.push({ of, link, ...(key && { key: parseRow(key) as string[] }) });
      }
    }
  }
  return parents;
}

/** Rows that refer to what drafts take away. */
export async function findChildren(
  rows: Rows,
  links: readonly Link[],
  primary: Session,
): Promise<Relative[]> {
  const children: Relative[] = [];
  for (const link of links) {
    const { child, parent } = link;
    if (!child.isReadable) continue;
    // So many of them may go away: one more, and there is one that stays.
    const limit = rows.of(child.table).filter((place) => rows.all[place]!.present).length + 1;
    for (const some of portions(parentsIn(rows, link))) {
      const found = await primary.ask<{ i: number; key: string | null }>(
        `select i, key from (
           select v.i, ${keyOf(child)} as key, row_number() over (partition by v.i) as n
             from ${given(parent, 'v', 1)} join ${rowsIn(child)}
               on ${link.operators.map((operator, part) => `v.c${part}::${parent.types[part]} ${operator} t.${child.columns[part]}`).join(' and ')}) as found
          where n <= ${limit}`,
        arrays(some, (place) => valuesAt(rows.all[place]!.present, parent.positions)!, parent),
      );
      for (const { i: of, key } of found)
        children.push({ of, link, ...(key && { key: parseRow(key) as string[] }) });
    }
  }
  return children;
}

/** Types of which equal values are equal as text. Of others, `1.0` and `1.00`, only the database knows. */
const ONE_TEXT: readonly RegExp[] = [
  /^(smallint|integer|bigint)$/,
  /^(text|character varying(\(\d+\))?)$/,
  /^uuid$/,
  /^date$/,
  /^boolean$/,
  /^bytea$/,
  /^timestamp(\(\d\))? with time zone$/,
  /^timestamp(\(\d\))? without time zone$/,
];

const haveOneText = (one: string, other: string): boolean =>
  ONE_TEXT.some((types) => types.test(one) && types.test(other));

const keyOf = ({ table }: LinkEnd): string =>
  table?.key
    ? `row(${table.key.map((column) => `t.${table.columns[column]!.quoted}`).join(', ')})::text`
    : 'null';

const rowsIn = ({ name, isPartitioned }: LinkEnd): string => `${isPartitioned ? '' : 'only '}${name} as t`;

/** A table of `i` and a text column for each of the key's columns, from parameters; see `arrays`. */
const given = ({ types }: LinkEnd, alias: string, first: number): string =>
  `unnest($${first}::int[], ${types.map((_, part) => `$${first + 1 + part}::text[]`).join(', ')})
     as ${alias}(i, ${types.map((_, part) => `c${part}`).join(', ')})`;

function arrays(
  places: readonly number[],
  valuesOf: (place: number) => readonly string[],
  { types }: LinkEnd,
): unknown[] {
  const values = places.map(valuesOf);
  return [places, ...types.map((_, part) => values.map((some) => some[part]))];
}

function* portions<T>(all: readonly T[]): Iterable<readonly T[]> {
  for (let at = 0; at < all.length; at += VALUES_AT_ONCE) yield all.slice(at, at + VALUES_AT_ONCE);
}
