/** Where a table's rows lie on both servers, and whether a row of before the fork still lies at the same place on both. */
import type { Session } from '../session';
import type { Leaf } from '../table';

interface LeafState {
  readonly oid: string;
  /** The file that its rows are in: VACUUM FULL, CLUSTER, TRUNCATE and some of ALTER TABLE give it a new one. */
  readonly file: string;
  readonly blocks: number;
  /** Its row of pg_class was written since the fork. */
  readonly isChanged: boolean;
}

export interface LeafPair {
  readonly name: string;
  /** Of the larger one. */
  readonly blocks: number;
  /**
   * - `places`: both have the file that they had at the fork, in which no row is ever moved: one of before the fork has
   *   the same ctid on both
   * - `keys`: one of them has made a new file since, in which rows lie elsewhere
   * - `old only`: the new primary has no such leaf
   */
  readonly by: 'places' | 'keys' | 'old only';
}

const STATES = (since: string): string => `
  select w.name, c.oid::text as oid, pg_relation_filenode(c.oid)::text as file, ${since} as "isChanged",
         (pg_relation_size(c.oid) / current_setting('block_size')::int)::int as blocks
    from unnest($1::text[], $2::text[], $3::text[]) as w(name, schema, relation)
    join pg_namespace n on n.nspname = w.schema
    join pg_class c on c.relnamespace = n.oid and c.relname = w.relation`;

/** @param since SQL that is true for a row `c` of pg_class that was written since the fork */
export async function pairLeaves(
  old: Session,
  primary: Session,
  leaves: readonly Leaf[],
  since: string,
): Promise<LeafPair[]> {
  const read = async (session: Session) => {
    const rows = await session.ask<LeafState & { name: string }>(STATES(since), [
      leaves.map(({ name }) => name),
      leaves.map(({ schema }) => schema),
      leaves.map(({ relation }) => relation),
    ]);
    return new Map(rows.map((row) => [row.name, row]));
  };
  const [there, here] = await Promise.all([read(old), read(primary)]);
  return leaves.flatMap(({ name }) => {
    const before = there.get(name);
    const now = here.get(name);
    if (!before) return [];
    return { name, blocks: Math.max(before.blocks, now?.blocks ?? 0), by: comparedBy(before, now) };
  });
}

/**
 * Two new files may have the same number by chance, as both servers go on counting from the same one: then both have
 * written their rows of pg_class. A new file never has the number of one that was there at the fork.
 */
function comparedBy(before: LeafState, now: LeafState | undefined): LeafPair['by'] {
  if (!now) return 'old only';
  const isSameFile = before.oid === now.oid && before.file === now.file;
  return isSameFile && !(before.isChanged && now.isChanged) ? 'places' : 'keys';
}
