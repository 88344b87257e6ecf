/** Which relation in the WAL is which table, and whether the WAL tells its rows apart. */
import { writtenSince, type Boundary } from '../boundary';
import type { Session } from '../session';
import type { Table } from '../table';
import type { Relation } from './decode';

export interface Known {
  readonly table: Table;
  /** Names of the key's columns. */
  readonly key: readonly string[];
}

export interface Relations {
  of(relation: Relation): Known | undefined;
  /** Of all relations that are known, quoted and with their schemas. */
  readonly names: readonly string[];
  /** Names of tables with a key of which the WAL does not tell every row that goes. */
  readonly untold: ReadonlySet<string>;
  /**
   * Of tables with a key whose definition was written since the fork: what the WAL told before may have been otherwise,
   * and where a table was rewritten, rows changed in no change.
   */
  readonly redefined: ReadonlySet<string>;
}

/**
 * Of each table's own storage; of a partitioned table, of its partitions: REPLICA IDENTITY is theirs, and not handed down
 * by the root (ALTER TABLE). Asked of the server itself: partitions may have come since. TRUNCATE names the root as well,
 * and what is between.
 */
const leaves = (isNew: (xmin: string) => string): string => `
  select t.name, n.nspname as schema, format('%I.%I', n.nspname, l.relname) as leaf, l.relname as relation, l.relkind = 'r' as "isLeaf", l.relreplident = 'f' as "isFull", i.columns as identity,
         ${isNew('l.xmin')} or coalesce(i."isNew", false) as "isNew"
    from unnest($1::text[]) as t(name)
   cross join lateral (
         select c.oid from pg_class c where c.oid = to_regclass(t.name) and c.relkind = 'r'
          union all
         select tree.relid from pg_partition_tree(to_regclass(t.name)) as tree) as leaf(id)
    join pg_class l on l.oid = leaf.id and l.relkind in ('r', 'p')
    join pg_namespace n on n.oid = l.relnamespace
    left join lateral (
         select array_agg(a.attname::text) as columns, bool_or(${isNew('x.xmin')}) as "isNew"
           from pg_index x
           join pg_attribute a on a.attrelid = l.oid and a.attnum = any ((x.indkey::int2[])[0:x.indnkeyatts - 1])
          where x.indrelid = l.oid and x.indimmediate and x.indisvalid
            and (l.relreplident = 'd' and x.indisprimary or l.relreplident = 'i' and x.indisreplident)) as i on true`;

interface Leaf extends Relation {
  readonly leaf: string;
  readonly name: string;
  readonly isLeaf: boolean;
  readonly isFull: boolean;
  readonly identity: readonly string[] | null;
  readonly isNew: boolean;
}

/**
 * @param since the fork, with what was under way there and was committed later
 * @param except ids past the fork that are not lost
 */
export async function relationsOf(
  session: Session,
  tables: readonly Table[],
  since: Boundary,
  except: readonly bigint[] = [],
): Promise<Relations> {
  const byName = new Map(
    tables.map((table) => {
      const key = (table.key ?? []).map((column) => table.columns[column]!.name);
      return [table.name, { table, key }];
    }),
  );
  const found = await session.ask<Leaf>(
    leaves((xmin) => writtenSince(since, xmin, except)),
    [[...byName.keys()]],
  );
  const byLeaf = new Map<string, Known>();
  const untold = new Set<string>();
  const redefined = new Set<string>();
  for (const { name, schema, relation, isLeaf, isFull, identity, isNew } of found) {
    const known = byName.get(name)!;
    byLeaf.set(nameOf({ schema, relation }), known);
    if (known.key.length === 0 || !isLeaf) continue;
    const isTold =
      known.table.logged !== 'nothing' && (isFull || known.key.every((column) => identity?.includes(column)));
    if (!isTold) untold.add(name);
    if (isNew) redefined.add(name);
  }
  return {
    of: (relation) => byLeaf.get(nameOf(relation)),
    names: found.flatMap(({ leaf, isLeaf }) => (isLeaf ? [leaf] : [])),
    untold,
    redefined,
  };
}

const nameOf = ({ schema, relation }: Relation): string => JSON.stringify([schema, relation]);
