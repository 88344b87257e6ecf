/**
 * A place in the write-ahead log, as the token of a write: "whoever reads with this must see the
 * database as it was here, or later".
 *
 * It holds the timeline as well as the LSN, since LSNs alone compare wrongly over a failover: the
 * promoted server goes on from the fork, while the old primary, or a replica that still follows it,
 * may have gone further on the old timeline without having the new writes. A promotion begins a
 * timeline with a higher number, and a server on that timeline has replayed all of the old one that
 * survived. So places compare by timeline first, LSN second:
 *  - a token from before a failover is fulfilled by every server of the new timeline (what that does
 *    not have is lost, and waiting would not bring it);
 *  - a token from after it is fulfilled by no server of the old timeline, wherever that is;
 *  - a token ahead of everything (forged, or of a database that is no more) is fulfilled by no replica:
 *    its reads go to the primary, which is never asked. Its bearer gains nothing, and it ends soon.
 * https://www.postgresql.org/docs/17/continuous-archiving.html#BACKUP-TIMELINES
 */
export interface Position {
  readonly timeline: number;
  readonly lsn: bigint;
}

/** Timeline in decimal, LSN as PostgreSQL writes it: 1-0/16B3748. */
const FORM = /^([1-9]\d{0,9})-([\dA-F]{1,8})\/([\dA-F]{1,8})$/;

/** Timelines are unsigned numbers of 32 bits, each half of an LSN too. */
const HALF = 2 ** 32;

/** @param text from a client: anything. @returns nothing when it is no position */
export function parsePosition(text: string): Position | undefined {
  const [, timeline, high, low] = FORM.exec(text) ?? [];
  if (timeline === undefined || Number(timeline) >= HALF) return undefined;
  return { timeline: Number(timeline), lsn: BigInt(`0x${high}`) * BigInt(HALF) + BigInt(`0x${low}`) };
}

export function formatPosition({ timeline, lsn }: Position): string {
  const [high, low] = [lsn / BigInt(HALF), lsn % BigInt(HALF)];
  return `${timeline}-${high.toString(16)}/${low.toString(16)}`.toUpperCase();
}

/** Whether a server at `place` has all that `token` asks for. */
export const isAtLeast = (place: Position, token: Position): boolean =>
  place.timeline > token.timeline || (place.timeline === token.timeline && place.lsn >= token.lsn);

export const laterOf = (a: Position, b: Position | undefined): Position => (b && isAtLeast(b, a) ? b : a);

export interface PositionRow {
  readonly timeline: string | number;
  readonly lsn: string;
}

/** @throws when a server's own answer is no position */
export function positionOf(row: PositionRow | undefined): Position {
  const position = row && parsePosition(`${row.timeline}-${row.lsn}`);
  if (!position) throw new Error(`The database gave no position, but ${JSON.stringify(row)}`);
  return position;
}

/** The timeline is the first eight hexadecimal digits of the name of the WAL file that is being written. */
const PRIMARY_TIMELINE = `('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint`;

/**
 * Where the log is after a COMMIT, in the same round trip. The *insert* position: the commit record is
 * inserted before COMMIT returns, whatever the settings. pg_current_wal_lsn(), the written one, lies
 * behind the record when synchronous_commit is off, and would let a replica without the write pass.
 * What others inserted meanwhile makes the token a little later than it must be, which is safe.
 * https://www.postgresql.org/docs/17/wal-async-commit.html
 */
export const POSITION_AFTER_COMMIT = `select ${PRIMARY_TIMELINE} as timeline, pg_current_wal_insert_lsn() as lsn`;

/**
 * Up to where this server can show what was written; replayed is visible. A server in recovery cannot
 * name the timeline it replays, but its control file tells what it has reached for certain: it may
 * lag behind a switch for a while, and reads with a token then go to the primary. In this order, so
 * that a switch between the two answers makes the server look too old, never too new.
 * https://www.postgresql.org/docs/17/functions-info.html#FUNCTIONS-INFO-CONTROLDATA
 */
export const POSITION_SHOWN = `select
  case when pg_is_in_recovery()
    then greatest((select timeline_id from pg_control_checkpoint()),
                  (select min_recovery_end_timeline from pg_control_recovery()))
    else ${PRIMARY_TIMELINE} end as timeline,
  case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_insert_lsn() end as lsn`;
