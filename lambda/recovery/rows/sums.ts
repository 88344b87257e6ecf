/**
 * Compares the rows of before the fork by their keys, for a table whose rows lie elsewhere on one of the servers: VACUUM
 * FULL, CLUSTER and the like. Keys are dealt into buckets by their hash, on both servers at the same time; buckets whose
 * numbers agree hold the same keys. What is in the others is read on the new primary, and looked up by the caller.
 */
import type { Session } from '../session';
import { type Key, type KeyedTable, keyOf } from './keys';

/** More would not be in little memory. */
const BUCKETS_AT_MOST = 65_536;
/** A block has some 50 to 100 rows: a bucket then has one or two hundred. */
const BLOCKS_PER_BUCKET = 2;
/** Keys of one portion. */
const PORTION = 2_000;

interface Bucket {
  readonly bucket: number;
  readonly rows: string;
  readonly mark: string;
}

/**
 * Keys of rows of before the fork that the new primary has, and among which are all of those that the old one has no more.
 *
 * @param since SQL that is true for a row `t` that was written since the fork
 */
export async function* keysInDifferingBuckets(
  old: Session,
  primary: Session,
  { table, leaf, blocks, since }: { table: KeyedTable; leaf: string; blocks: number; since: string },
): AsyncGenerator<Key> {
  const buckets =
    2 ** Math.ceil(Math.log2(Math.max(1, Math.min(BUCKETS_AT_MOST, blocks / BLOCKS_PER_BUCKET))));
  const hash = hashOf(table);
  const bucket = `(${hash} & ${buckets - 1})::int`;
  const sums = (session: Session) =>
    session.ask<Bucket>(
      `select (h & ${buckets - 1})::int as bucket, count(*) as rows, bit_xor(h)::text as mark
         from (select ${hash} as h from only ${leaf} t where not ${since} offset 0) as hashed group by 1`,
    );
  const [there, here] = await Promise.all([sums(old), sums(primary)]);
  const known = new Map(there.map((row) => [row.bucket, row]));
  const differing = here
    .filter((row) => {
      const other = known.get(row.bucket);
      return !other || other.rows !== row.rows || other.mark !== row.mark;
    })
    .map((row) => row.bucket);
  if (differing.length === 0) return;
  const keys = primary.portions<{ key: string[] }>(
    `select ${keyOf(table)} as key from only ${leaf} t where not ${since} and ${bucket} = any($1::int[])`,
    [differing],
    PORTION,
  );
  for await (const rows of keys) for (const { key } of rows) yield key;
}

/** SQL: of the key of row `t`, 64 bits: each part's hash is the seed of the next one's. */
const hashOf = ({ columns, key }: KeyedTable): string =>
  key.reduce((seed, at) => `hashtextextended(format('%s', t.${columns[at]!.quoted}), ${seed})`, '0');
