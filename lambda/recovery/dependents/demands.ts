/** What each draft needs of others before it can be made, or why it cannot be made whatever they do. */
import type { Change } from '../plan';
import type { Unique } from '../table';
import type { Link } from './links';
import { groupBy } from './group';
import { type Rows, rowName, sameAt, valuesAt } from './rows';

type Conflict = NonNullable<Change['conflict']>;

export interface Demand {
  /** The draft that needs something. */
  readonly of: number;
  /** The draft that must be made before it; absent: nothing helps. */
  readonly on?: number;
  /**
   * PostgreSQL looks at it at the end of the statement: two that need each other can be made by one statement. What is
   * not soft, a value that must be unique, it looks at row by row.
   */
  readonly isSoft: boolean;
  /** What `of` is when `on` is not made. */
  readonly conflict: Conflict;
}

/** Rows on the new primary, and drafts that go with each other; `of` is a place in Rows, keys are as in Touched. */
export interface Facts {
  /** Rows that hold a value which the draft needs; never the draft's own row. */
  readonly rivals: readonly {
    readonly of: number;
    readonly unique: Unique;
    readonly isDeferrable: boolean;
    readonly key: readonly string[];
    /** The value, for people. */
    readonly held: string;
  }[];
  /** Drafts whose lost version is the row that the draft refers to. */
  readonly pairs: readonly { readonly of: number; readonly link: Link; readonly on: number }[];
  /** Rows that a draft refers to which is in no pair. Without `key`: of a table that cannot be recovered. */
  readonly parents: readonly {
    readonly of: number;
    readonly link: Link;
    readonly key?: readonly string[];
  }[];
  /** Rows that refer to what the draft takes away. */
  readonly children: readonly {
    readonly of: number;
    readonly link: Link;
    readonly key?: readonly string[];
  }[];
}

/** Two drafts that must not be made by one statement, and what becomes of the first if nothing else can be. */
export interface Hazard {
  readonly of: number;
  readonly with: number;
  readonly conflict: Conflict;
}

/**
 * A value that one row gives up and another takes, and to which a third refers from then on: PostgreSQL does what ON DELETE
 * or ON UPDATE says at the end of the statement, to every row that refers to the value, also to the third.
 */
export function hazardsOf(rows: Rows, { rivals, pairs }: Facts): Hazard[] {
  const takes = groupBy(rivals, ({ of }) => of);
  return pairs.flatMap(({ of, link, on }) =>
    (takes.get(on) ?? [])
      .filter(({ unique }) => isSameSet(unique.columns ?? [], link.parent.positions))
      .flatMap(({ key }): Hazard[] => {
        const gives = rows.find(rows.all[on]!.table.name, key);
        if (gives === undefined) return [];
        const { table, key: child } = rows.all[of]!.draft;
        const why = `It gives up a value that another lost row takes, to which ${rowName(table, child)} then refers by ${link.name}: that constraint would take it for a row that still refers to this one. Only a person can put them back.`;
        return [{ of: gives, with: of, conflict: { kind: 'still referred to', why } }];
      }),
  );
}

const isSameSet = (some: readonly number[], others: readonly number[]): boolean =>
  some.length === others.length && some.every((one) => others.includes(one));

/** Drafts that refer to a row to which the new primary's version does not. A row that refers to itself needs nobody. */
export const childrenIn = (rows: Rows, { child, parent }: Link): number[] =>
  child.isLeaf // which rows it holds for only the database can tell
    ? []
    : rows.of(child.table).filter((place) => {
        const { lost, present } = rows.all[place]!;
        const refersTo = valuesAt(lost, child.positions);
        if (!refersTo || sameAt(lost, present, child.positions)) return false;
        const itself = child.table === parent.table ? valuesAt(lost, parent.positions) : undefined;
        return !itself || !equal(refersTo, itself);
      });

/** Drafts that take a value away to which rows of the new primary may refer. */
export const parentsIn = (rows: Rows, { parent }: Link): number[] =>
  rows.of(parent.table).filter((place) => {
    const { lost, present } = rows.all[place]!;
    return (
      valuesAt(present, parent.positions) !== undefined &&
      (rows.all[place]!.draft.lost === null || !sameAt(lost, present, parent.positions))
    );
  });

export function demandsOf(rows: Rows, links: readonly Link[], facts: Facts): Demand[] {
  return [
    ...valueDemands(rows, facts),
    ...parentDemands(rows, links, facts),
    ...childDemands(rows, links, facts),
  ];
}

function valueDemands(rows: Rows, { rivals }: Facts): Demand[] {
  return rivals.map(({ of, unique, isDeferrable, key, held }) => {
    const table = rows.all[of]!.table.name;
    const on = rows.find(table, key);
    const frees = on !== undefined && !keeps(rows, on, unique);
    const who = `${rowName(table, key)} has ${held} already, which ${unique.name} allows once`;
    const why = frees ? `${who}, and keeps it: its own lost change is a conflict.` : `${who}.`;
    return { of, ...(frees && { on }), isSoft: isDeferrable, conflict: { kind: 'value taken', why } };
  });
}

/** For certain: of what an expression makes of both versions the old primary is the judge, where both could be. */
function keeps(rows: Rows, on: number, { columns, predicate }: Unique): boolean {
  const { lost, present } = rows.all[on]!;
  return columns !== undefined && predicate === undefined && sameAt(lost, present, columns);
}

function parentDemands(rows: Rows, links: readonly Link[], facts: Facts): Demand[] {
  const paired = byLink(facts.pairs);
  const found = byLink(facts.parents);
  return links.flatMap((link) =>
    childrenIn(rows, link).flatMap((of): Demand[] => {
      const { lost } = rows.all[of]!;
      const parent = rowName(link.parent.name, valuesAt(lost, link.child.positions)!);
      const demand = (why: string, on?: number): Demand => ({
        of,
        ...(on !== undefined && { on }),
        isSoft: true,
        conflict: { kind: 'parent missing', why: `By ${link.name} it refers to ${parent}, ${why}` },
      });
      const pair = paired.get(link)?.get(of)?.[0];
      if (pair) {
        const { draft, lost: becomes, present } = rows.all[pair.on]!;
        const isStranger = draft.conflict?.kind === 'key taken';
        if (!isStranger && sameAt(becomes, present, link.parent.positions)) return [];
        return [demand(isStranger ? STRANGER : 'which is not put back, being a conflict itself.', pair.on)];
      }
      const here = found.get(link)?.get(of)?.[0];
      if (!here) {
        const { isReadable } = link.parent;
        return [demand(isReadable ? 'which the new primary does not have.' : 'a table that cannot be read.')];
      }
      const isOther =
        here.key && link.parent.table && rows.find(link.parent.table.name, here.key) !== undefined;
      return isOther ? [demand(STRANGER)] : [];
    }),
  );
}

const STRANGER = 'which is another row on the new primary.';

function childDemands(rows: Rows, links: readonly Link[], facts: Facts): Demand[] {
  const blind = links
    .filter(({ child }) => !child.isReadable)
    .flatMap((link) =>
      parentsIn(rows, link).map((of) =>
        referred(
          of,
          `Rows of ${link.child.name} may refer to it by ${link.name}, and that table cannot be read.`,
        ),
      ),
    );
  const found = facts.children.flatMap(({ of, link, key }): Demand[] => {
    const { name } = link.child.table ?? link.child;
    if (!key) return [referred(of, `Rows of ${name} refer to it by ${link.name}.`)];
    const on = rows.find(name, key);
    if (on === of) return [];
    const row = rowName(name, key);
    const why = `${row} refers to it by ${link.name}`;
    if (on === undefined) return [referred(of, `${why}.`)];
    const { draft, lost, present } = rows.all[on]!;
    const goes = draft.lost === null || !sameAt(lost, present, link.child.positions);
    return goes
      ? [referred(of, `${why}, and stays so: its own lost change is a conflict.`, on)]
      : [referred(of, `${why}, on the old primary as well.`)];
  });
  return [...blind, ...found];
}

const referred = (of: number, why: string, on?: number): Demand => ({
  of,
  ...(on !== undefined && { on }),
  isSoft: true,
  conflict: { kind: 'still referred to', why },
});

const byLink = <T extends { readonly of: number; readonly link: Link }>(
  facts: readonly T[],
): Map<Link, Map<number, T[]>> =>
  new Map(
    [...groupBy(facts, ({ link }) => link)].map(([link, some]) => [link, groupBy(some, ({ of }) => of)]),
  );

const equal = (one: readonly string[], other: readonly string[] | undefined): boolean =>
  other !== undefined && one.every((value, part) => value === other[part]);
