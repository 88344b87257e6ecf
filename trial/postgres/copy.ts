/** Copies of data directories: backups, and what replicas start from. */
import { constants, existsSync, readdirSync, statSync } from 'node:fs';
import { chmod, chown, copyFile, lstat, mkdir, readlink, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { User } from './binaries';
import type { PostgresServer } from './server';
import type { State } from './state';

/** What a running server makes itself, or what belongs to it alone: as pg_basebackup leaves them out. */
const EMPTIED = [
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
];
const LEFT_OUT =
  /^(postmaster\.(pid|opts)|pg_internal\.init.*|backup_label.*|tablespace_map.*|pgsql_tmp.*|.*\.signal|current_logfiles.*)$/;

export interface CopyOptions {
  readonly state: State;
  readonly user?: User;
  /** A physical slot to make first, from which a replica goes on. */
  readonly slot?: string;
  /** With the WAL that makes the copy consistent, so that it can be started by itself. */
  readonly isWhole: boolean;
}

/**
 * Copies the data directory of a running server to `target`, which must not exist.
 * https://www.postgresql.org/docs/17/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 *
 * @returns the first WAL segment that the copy needs
 */
export function copyRunning(server: PostgresServer, target: string, options: CopyOptions): Promise<string> {
  return server.connected(async (client) => {
    if (options.slot !== undefined) {
      await client.query(
        `select pg_create_physical_replication_slot($1, true)
         where not exists (select from pg_replication_slots where slot_name = $1)`,
        [options.slot],
      );
    }
    // A temporary slot ends with this connection: until then no segment goes that the copy needs.
    if (options.isWhole)
      await client.query(`select pg_create_physical_replication_slot('backup', true, true)`);
    await client.query(`select pg_backup_start('copy', true)`);
    await copyFolder(server.data, target, options.user);
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
    const label = rows[0]!.labelfile;
    options.state.write(join(target, 'backup_label'), label);
    const first = /START WAL LOCATION: .*\(file ([0-9A-F]{24})\)/.exec(label)![1]!;
    if (options.isWhole) {
      const wal = join(server.data, 'pg_wal');
      for (const name of readdirSync(wal).filter((file) => isNeeded(file, first))) {
        await copyOne(join(wal, name), join(target, 'pg_wal', name), options.user);
      }
    }
    return first;
  });
}

/** Segments by their place in the WAL, whatever their timeline; histories of timelines always. */
export const isNeeded = (file: string, first: string): boolean =>
  file.endsWith('.history') || (/^[0-9A-F]{24}$/.test(file) && file.slice(8) >= first.slice(8));

/** Of everything in `source` that a copy needs; files that go meanwhile are no loss, the WAL tells. */
async function copyFolder(source: string, target: string, user?: User): Promise<void> {
  await makeFolder(target, user);
  const entries = await readdir(source, { withFileTypes: true });
  // The control file (global/pg_control) last: half a copy has none, and cannot be started.
  const isLast = (name: string) => Number(name === 'global' || name === 'pg_control');
  entries.sort((one, other) => isLast(one.name) - isLast(other.name));
  for (const entry of entries) {
    if (LEFT_OUT.test(entry.name)) continue;
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (EMPTIED.includes(entry.name)) {
      await makeFolder(to, user);
      if (entry.name === 'pg_wal') {
        for (const inner of ['archive_status', 'summaries']) await makeFolder(join(to, inner), user);
      }
    } else if (entry.isDirectory()) await copyFolder(from, to, user);
    else await copyOne(from, to, user);
  }
}

/** A copy of a data directory at rest, such as a backup. */
export async function copyAtRest(source: string, target: string, user?: User): Promise<void> {
  await makeFolder(target, user);
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) await copyAtRest(from, to, user);
    else await copyOne(from, to, user);
  }
}

async function makeFolder(path: string, user?: User): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  if (user) await chown(path, user.uid, user.gid);
}

async function copyOne(from: string, to: string, user?: User): Promise<void> {
  try {
    if ((await lstat(from)).isSymbolicLink()) return await symlink(await readlink(from), to);
    // Where the file system can, the copy shares its blocks with the original until one of them changes.
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !existsSync(from)) return;
    throw error;
  }
  await chmod(to, 0o600);
  if (user) await chown(to, user.uid, user.gid);
}

/** Bytes of the files in a folder, not of folders in it. */
export const sizeOf = (folder: string): number =>
  existsSync(folder)
    ? readdirSync(folder).reduce(
        (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
        0,
      )
    : 0;
