/**
 * Compares the rows of before the fork by their places, one pass over both servers at the same time.
 *
 * Both servers are copies of one another, block by block, up to the fork, and a row is never moved within its file
 * (leaves.ts): what was not touched since has the same ctid on both. Pieces of some blocks are summed up in a few
 * numbers, by TID range scans. Where the numbers agree nothing has happened; where they do not, those of its single blocks
 * are compared, and the ctids in blocks that differ tell what is gone.
 */
import type { Session } from '../session';

/** Blocks of a piece: one look over the table, then one over the blocks of pieces that differ. */
const PIECE_BLOCKS = 4;
/** Pieces of one statement: 32 MB, a fraction of a second. */
const PIECES_AT_ONCE = 1024;
/** Blocks whose ctids are in memory at the same time, 291 of them at most in each. */
const OPENED_AT_ONCE = 256;

export interface Places {
  /** First blocks of the pieces in which rows were written since the fork, and how many rows. */
  readonly oldLate: readonly number[];
  readonly oldLateRows: number;
  readonly primaryLate: readonly number[];
  readonly primaryLateRows: number;
  /** ctids of rows of before the fork that the new primary has as they were, and the old one no longer there. */
  readonly gone: readonly string[];
  /** Blocks of this step. */
  readonly blocks: number;
}

interface Piece {
  readonly first: number;
  readonly rows: string;
  readonly mark: string | null;
  readonly late: string;
}

/**
 * SQL: rows `t` of so many blocks from `first`. With its offset it stays a query of its own for each piece, a TID range scan
 * each; as a join it would read the whole table for each.
 */
const rowsFrom = (leaf: string, blocks: number, what: string, where = ''): string =>
  `lateral (select ${what} from only ${leaf} t
             where t.ctid >= format('(%s,0)', first)::tid
               and t.ctid < format('(%s,0)', first + ${blocks})::tid ${where} offset 0)`;

const SUMS = (leaf: string, since: string, blocks: number): string => `
  select first::int as first, rows, mark, late
    from unnest($1::bigint[]) as first,
         lateral (select count(*) filter (where not is_late) as rows, count(*) filter (where is_late) as late,
                         (bit_xor(hashtidextended(ctid, 0)) filter (where not is_late))::text as mark
                    from ${rowsFrom(leaf, blocks, `t.ctid, ${since} as is_late`)} as r) as sums`;

const CTIDS = (leaf: string, since: string): string => `
  select coalesce(ctids, '{}') as ctids
    from unnest($1::bigint[]) as first,
         lateral (select array_agg(r.ctid)::text as ctids from ${rowsFrom(leaf, 1, 't.ctid', `and not ${since}`)} as r) as l`;

/**
 * @param blocks of the larger one
 * @param since SQL that is true for a row `t` that was written since the fork
 */
export async function* comparePlaces(
  old: Session,
  primary: Session,
  { leaf, blocks, since }: { leaf: string; blocks: number; since: string },
): AsyncGenerator<Places> {
  const step = PIECE_BLOCKS * PIECES_AT_ONCE;
  const sums = async (firsts: readonly number[], size: number) => {
    const sql = SUMS(leaf, since, size);
    const [there, here] = await Promise.all([
      old.ask<Piece>(sql, [firsts]),
      primary.ask<Piece>(sql, [firsts]),
    ]);
    return { there, here, differing: differing(there, here) };
  };
  for (let from = 0; from < blocks; from += step) {
    const to = Math.min(blocks, from + step);
    const pieces = await sums(range(from, to, PIECE_BLOCKS), PIECE_BLOCKS);
    const singles = pieces.differing.flatMap((first) => range(first, Math.min(first + PIECE_BLOCKS, to), 1));
    const opened = singles.length > 0 ? (await sums(singles, 1)).differing : [];
    yield {
      ...late('old', pieces.there),
      ...late('primary', pieces.here),
      gone: await goneOf(old, primary, opened, CTIDS(leaf, since)),
      blocks: to - from,
    } as Places;
  }
}

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, at) => from + at * step);

function differing(there: readonly Piece[], here: readonly Piece[]): number[] {
  const known = new Map(there.map((piece) => [piece.first, piece]));
  return here
    .filter(({ first, rows, mark }) => {
      const other = known.get(first);
      // Without a row of before the fork on the new primary, none is gone.
      return rows !== '0' && (rows !== other?.rows || mark !== other.mark);
    })
    .map(({ first }) => first);
}

function late(side: 'old' | 'primary', pieces: readonly Piece[]): Partial<Places> {
  const some = pieces.filter((piece) => piece.late !== '0');
  return {
    [`${side}Late`]: some.map(({ first }) => first),
    [`${side}LateRows`]: some.reduce((sum, piece) => sum + Number(piece.late), 0),
  };
}

async function goneOf(
  old: Session,
  primary: Session,
  blocks: readonly number[],
  sql: string,
): Promise<string[]> {
  const gone: string[] = [];
  for (let at = 0; at < blocks.length; at += OPENED_AT_ONCE) {
    const some = blocks.slice(at, at + OPENED_AT_ONCE);
    const read = async (session: Session) => {
      const rows = await session.ask<{ ctids: string }>(sql, [some]);
      return rows.flatMap(({ ctids }) => ctids.match(/\(\d+,\d+\)/g) ?? []);
    };
    const [there, here] = await Promise.all([read(old), read(primary)]);
    const known = new Set(there);
    for (const ctid of here) if (!known.has(ctid)) gone.push(ctid);
  }
  return gone;
}

/** SQL: rows `t` of the pieces in $1, of which `where` is true. */
export const inPieces = (leaf: string, what: string, where: string): string =>
  `select r.* from unnest($1::bigint[]) as first, ${rowsFrom(leaf, PIECE_BLOCKS, what, `and ${where}`)} as r`;
