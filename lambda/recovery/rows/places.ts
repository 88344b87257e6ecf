/**
 * Compares the rows of before the fork by their places, one pass over both servers at the same time.
 *
 * Both servers are copies of one another, block by block, up to the fork, and a row is never moved within its file
 * (leaves.ts): what was not touched since has the same ctid on both. A piece of 64 blocks is summed up in a few numbers,
 * by a TID range scan; where the numbers agree nothing has happened, and where they do not, the ctids tell what is gone.
 */
import type { Session } from '../session';

const PIECE_BLOCKS = 64;
/** Pieces of one statement: 32 MB, a fraction of a second. */
const PIECES_AT_ONCE = 64;
/** Pieces whose ctids are in memory at the same time, 64 × 291 of them at most in each. */
const OPENED_AT_ONCE = 4;

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

/** SQL: rows `t` of a piece. */
const pieceOf = (leaf: string, what: string, where = ''): string =>
  `lateral (select ${what} from only ${leaf} t
             where t.ctid >= format('(%s,0)', first)::tid
               and t.ctid < format('(%s,0)', first + ${PIECE_BLOCKS})::tid ${where})`;

const SUMS = (leaf: string, since: string): string => `
  select first::int as first, rows, mark, late
    from generate_series($1::bigint, $2::bigint - 1, ${PIECE_BLOCKS}) as first,
         lateral (select count(*) filter (where not is_late) as rows, count(*) filter (where is_late) as late,
                         (bit_xor(hashtidextended(ctid, 0)) filter (where not is_late))::text as mark
                    from ${pieceOf(leaf, `t.ctid, ${since} as is_late`)} as r) as sums`;

const CTIDS = (leaf: string, since: string): string => `
  select first::int as first, coalesce(ctids, '{}') as ctids
    from unnest($1::bigint[]) as first,
         lateral (select array_agg(r.ctid)::text as ctids from ${pieceOf(leaf, 't.ctid', `and not ${since}`)} as r) as l`;

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
  for (let from = 0; from < blocks; from += step) {
    const to = Math.min(blocks, from + step);
    const sums = (session: Session) => session.ask<Piece>(SUMS(leaf, since), [from, to]);
    const [there, here] = await Promise.all([sums(old), sums(primary)]);
    const present = new Map(here.map((piece) => [piece.first, piece]));
    const differing = there.filter(({ first, rows, mark }) => {
      const other = present.get(first);
      // Without a row of before the fork on the new primary, none is gone.
      return other && other.rows !== '0' && (other.rows !== rows || other.mark !== mark);
    });
    yield {
      ...late('old', there),
      ...late('primary', here),
      gone: await goneOf(
        old,
        primary,
        differing.map(({ first }) => first),
        CTIDS(leaf, since),
      ),
      blocks: to - from,
    } as Places;
  }
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
  pieces: readonly number[],
  sql: string,
): Promise<string[]> {
  const gone: string[] = [];
  for (let at = 0; at < pieces.length; at += OPENED_AT_ONCE) {
    const some = pieces.slice(at, at + OPENED_AT_ONCE);
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
  `select r.* from unnest($1::bigint[]) as first, ${pieceOf(leaf, what, `and ${where}`)} as r`;
