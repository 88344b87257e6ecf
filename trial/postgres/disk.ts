/**
 * A full disk, without a disk that is full.
 *
 * /dev/full is a file to which nothing can be written. It takes the place of the next segment of the WAL: PostgreSQL's
 * own write fails with its own 53100 (No space left on device), the server goes down, as it does when the volume of an
 * instance is full, and does not come up before there is space again. (What is left out: data files fail to grow
 * before the WAL does, so that for a while reading still works. That needs a volume of its own, hence root.)
 */
import { existsSync, lstatSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { TrialFailure } from '../failure';
import type { PostgresServer } from './server';

/** `--wal-segsize` of server.ts. */
const SEGMENT_BYTES = 4n * 1024n * 1024n;

/** A primary fails at its next write; a replica when it has received to the end of its present segment. */
export async function fillDisk(server: PostgresServer): Promise<void> {
  if (!existsSync('/dev/full'))
    throw new TrialFailure('A full disk needs /dev/full, which this system lacks.');
  await server.connected(async (client) => {
    // The control file's timeline is that of the last checkpoint: too old right after a promotion.
    const { rows } = await client.query<{ follows: boolean; bytes: string; timeline: number }>(
      `select true as follows, pg_last_wal_receive_lsn() - '0/0' as bytes,
              coalesce((select received_tli from pg_stat_wal_receiver), timeline_id) as timeline
       from pg_control_checkpoint() where pg_is_in_recovery()
       union all
       select false, pg_current_wal_lsn() - '0/0', ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer
       where not pg_is_in_recovery()`,
    );
    const { follows, bytes, timeline } = rows[0]!;
    const next = join(server.data, 'pg_wal', segmentName(timeline, BigInt(bytes) / SEGMENT_BYTES + 1n));
    rmSync(next, { force: true }); // perhaps made beforehand, for a later use
    symlinkSync('/dev/full', next);
    if (follows) return;
    // The rest of the present segment is given up, so that the very next write meets the full volume.
    await client.query('select pg_switch_wal()');
    await client.query('select pg_current_xact_id()').catch(() => undefined); // the failure that was asked for
  });
}

/** There is space again; a server that has gone down over it can be started. */
export function freeDisk(server: PostgresServer): void {
  const wal = join(server.data, 'pg_wal');
  for (const name of readdirSync(wal)) {
    if (lstatSync(join(wal, name)).isSymbolicLink()) rmSync(join(wal, name));
  }
}

/** https://www.postgresql.org/docs/17/wal-internals.html: the timeline, then the number of the segment in two parts. */
function segmentName(timeline: number, segment: bigint): string {
  const perPart = 0x1_0000_0000n / SEGMENT_BYTES;
  const hex = (value: number | bigint) => value.toString(16).toUpperCase().padStart(8, '0');
  return hex(timeline) + hex(segment / perPart) + hex(segment % perPart);
}
