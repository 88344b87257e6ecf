import type { Core } from './core';
import type { Instance, Snapshot } from './state';
import { nextBackup } from './windows';

const DAY = 24 * 60 * 60_000;

/** `rds:<identifier>-2026-11-22-13-36`, as RDS names automated snapshots. */
const automatedName = ({ identifier }: Instance, now: number): string =>
  `rds:${identifier}-${new Date(now).toISOString().slice(0, 16).replace(/[T:]/g, '-')}`;

const isBackupOf = ({ type, instance }: Snapshot, { resourceId }: Instance): boolean =>
  type === 'automated' && instance.resourceId === resourceId;

/** The records of snapshots, those that people asked for and those that are made each day. */
export class Backups {
  constructor(private readonly core: Core) {}

  /** Backups are on from now: the first at once, the others each day in their window. */
  begin(instance: Instance): void {
    instance.restorableSince ??= this.core.now();
    this.daily(instance);
  }

  /** Sets the timer of the next automated backup. Milliseconds since 1970. */
  plan(instance: Instance): void {
    this.core.at(instance, 'backup', nextBackup(instance.backupWindow, this.core.now()));
  }

  /** One automated backup, and a timer for the next. */
  daily(instance: Instance): void {
    const name = automatedName(instance, this.core.now());
    this.plan(instance);
    const before = this.core.state.snapshots.filter(({ identifier }) => identifier.startsWith(name));
    if (before.some((snapshot) => isBackupOf(snapshot, instance))) return;
    // Kept ones of a deleted instance of this name may be as young.
    const snapshotId = before.length > 0 ? `${name}-${before.length}` : name;
    this.add(instance, snapshotId, 'automated', instance.attributes.CopyTagsToSnapshot ? instance.tags : []);
    this.core.enqueue(instance, { kind: 'backup', snapshotId });
  }

  /** Backups are off: those that there are go, and nothing can be restored. */
  end(instance: Instance): void {
    this.core.cancel(instance, 'backup');
    delete instance.restorableSince;
    this.remove((snapshot) => isBackupOf(snapshot, instance));
  }

  /** Removes backups that are older than the instance keeps them. */
  prune(instance: Instance): void {
    const oldest = this.core.now() - instance.backupRetentionDays * DAY;
    instance.restorableSince = Math.max(instance.restorableSince ?? oldest, oldest);
    this.remove((snapshot) => isBackupOf(snapshot, instance) && snapshot.createdAt < oldest);
  }

  find = (identifier: string): Snapshot | undefined =>
    this.core.state.snapshots.find((snapshot) => snapshot.identifier === identifier);

  /** Records a snapshot that is still to be taken. */
  add(instance: Instance, identifier: string, type: Snapshot['type'], tags: Snapshot['tags'] = []): Snapshot {
    const { resourceId, createdAt, allocatedStorage, engineVersion, port, availabilityZone } = instance;
    const snapshot: Snapshot = {
      identifier,
      type,
      status: 'creating',
      createdAt: this.core.now(),
      instance: {
        identifier: instance.identifier,
        resourceId,
        createdAt,
        allocatedStorage,
        engineVersion,
        port,
        availabilityZone,
        attributes: { ...instance.attributes },
        username: instance.master.username,
        vpcId: instance.subnetGroup.VpcId,
      },
      tags: [...tags],
    };
    this.core.state.snapshots.push(snapshot);
    return snapshot;
  }

  /** Tells what came of it. */
  taken(identifier: string, status: 'available' | 'failed'): void {
    const snapshot = this.find(identifier);
    if (snapshot) snapshot.status = status;
  }

  /** Removes snapshots, and gives their room back. */
  remove(which: (snapshot: Snapshot) => boolean): void {
    const { core } = this;
    for (const { identifier, instance } of core.state.snapshots.filter(which)) {
      const give = async () => core.plane.removeSnapshot?.(identifier);
      // Room that is not given back is no reason to stop: the snapshot is gone for whoever asks.
      core.ask(instance.resourceId, give).catch(() => undefined);
    }
    core.state.snapshots = core.state.snapshots.filter((snapshot) => !which(snapshot));
  }

  /** Drops the records of a deleted instance's backups; the data plane has removed them with it. */
  forget(instance: Instance): void {
    this.core.state.snapshots = this.core.state.snapshots.filter(
      (snapshot) => !isBackupOf(snapshot, instance),
    );
  }
}
