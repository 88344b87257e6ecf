/** Base backups, the WAL between them, and snapshots. */
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TrialFailure } from '../failure';
import { copyAtRest, copyRunning, isNeeded, sizeOf } from './copy';
import type { Instance } from './instance';
import type { State } from './state';

interface Base {
  readonly folder: string;
  readonly data: string;
  /** When it was whole, in milliseconds since 1970: it can be restored to no time before. */
  readonly at: number;
  readonly firstSegment: string;
}

/** How long the archiver may take for one segment; it tries again every minute when a command failed. */
const ARCHIVED_WITHIN_MS = 90_000;
const KEPT_BASES = 2;

/** A base backup of a running database; the WAL that only backups before the last two need is removed. */
export async function takeBase(instance: Instance): Promise<void> {
  const { state } = instance.world;
  const archive = state.archiveFolder(instance.record.resourceId);
  state.ownedFolder(join(archive, 'wal'));
  const number =
    Math.max(0, ...basesOf(archive).map(({ folder }) => Number(folder.split(/[\\/]/).at(-1)))) + 1;
  await backUp(instance, join(archive, 'bases', String(number)));

  const kept = basesOf(archive).slice(-KEPT_BASES);
  for (const { folder } of basesOf(archive).slice(0, -KEPT_BASES))
    await rm(folder, { recursive: true, force: true });
  for (const name of readdirSync(join(archive, 'wal'))) {
    // Also what a crash left half written.
    if (!isNeeded(name, kept[0]!.firstSegment)) rmSync(join(archive, 'wal', name), { force: true });
  }
}

/**
 * A copy of a database that can be started by itself. RDS takes snapshots of the volume: one whose server is dead or
 * frozen is copied as it lies there, and goes through crash recovery when it is started.
 */
export async function backUp(instance: Instance, folder: string): Promise<void> {
  const { server } = instance;
  const { state, programs } = instance.world;
  state.freshFolder(folder);
  const data = join(folder, 'data');
  const { isAtWork } = server;
  const firstSegment = isAtWork
    ? await copyRunning(server, data, { state, user: programs.user, isWhole: true })
    : await copyAtRest(server.data, data, programs.user).then(() => '');
  if (!isAtWork) rmSync(join(data, 'postmaster.pid'), { force: true });
  // Last: a folder without it is no backup.
  writeFileSync(join(folder, 'base.json'), JSON.stringify({ at: Date.now(), firstSegment }));
}

/** How much WAL waits in the archive, in bytes. */
export const archivedBytes = (state: State, resourceId: string): number =>
  sizeOf(join(state.archiveFolder(resourceId), 'wal'));

/**
 * The data directory from which a restore begins.
 *
 * @param until milliseconds since 1970
 */
export function baseFor(state: State, resourceId: string, until: number | 'latest'): string {
  const bases = basesOf(state.archiveFolder(resourceId));
  const base = bases.findLast(({ at }) => until === 'latest' || at <= until);
  if (base) return base.data;
  throw new TrialFailure(
    bases[0]
      ? `The oldest backup of ${resourceId} is from ${new Date(bases[0].at).toISOString()}: restore to a later time.`
      : `There is no backup of ${resourceId}: keep backups before you restore.`,
  );
}

/** The data directory of a snapshot. */
export function snapshotData(state: State, snapshotId: string): string {
  const folder = state.snapshotFolder(snapshotId);
  if (!existsSync(join(folder, 'base.json'))) throw new TrialFailure(`There is no snapshot ${snapshotId}.`);
  return join(folder, 'data');
}

/**
 * Brings everything that a running primary has committed into its archive. The last transaction is the plane's own:
 * recovery up to a time ends at the first commit after it, and an idle database would have none.
 */
export async function archiveAll(instance: Instance): Promise<void> {
  const last = await instance.server.connected(async (client) => {
    await client.query('select pg_current_xact_id()');
    const { rows } = await client.query<{ name: string }>('select pg_walfile_name(pg_switch_wal()) as name');
    return rows[0]!.name;
  });
  const file = join(instance.world.state.archiveFolder(instance.record.resourceId), 'wal', last);
  for (const limit = Date.now() + ARCHIVED_WITHIN_MS; !existsSync(file); await sleep(20)) {
    if (!instance.server.isRunning || Date.now() > limit) {
      throw new TrialFailure(`The WAL of ${instance.record.resourceId} does not reach its archive.`);
    }
  }
}

/** Oldest first. */
function basesOf(archive: string): Base[] {
  const parent = join(archive, 'bases');
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .map((name) => join(parent, name))
    .filter((folder) => existsSync(join(folder, 'base.json')))
    .map((folder) => ({
      ...(JSON.parse(readFileSync(join(folder, 'base.json'), 'utf8')) as Pick<Base, 'at' | 'firstSegment'>),
      folder,
      data: join(folder, 'data'),
    }))
    .sort((one, other) => one.at - other.at);
}
