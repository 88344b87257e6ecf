import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TrialFailure } from '../failure';
import type { DataPlane, DatabaseCopy, Endpoint, Master, NewDatabase } from '../rds/ports';
import { freeAddress } from './addresses';
import { archiveAll, archivedBytes, backUp, baseFor, snapshotData, takeBase } from './backups';
import { copyAtRest, copyRunning } from './copy';
import { folderFailure } from './folder-failure';
import { Instance, type World } from './instance';
import { literal, newPassword } from './roles';
import { slotOf } from './settings';
import type { DatabaseRecord } from './state';

/** How long a replica may take until it receives, and a promotion until it takes writes. */
const PATIENCE_MS = 60_000;
const ARCHIVE_CHECK_MS = 30_000;

/** The operations that the model of RDS asks for; see DataPlane. */
export class Databases implements Omit<DataPlane, 'onCrash'> {
  /** In the making: their addresses are taken. */
  private readonly pending = new Set<Instance>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly world: World,
    private readonly instances: Map<string, Instance>,
    private readonly mostArchivedBytes: number,
  ) {
    this.timer = setInterval(() => void this.trimArchives(), ARCHIVE_CHECK_MS).unref();
  }

  /** Starts what ran when the folder was left. */
  async open(): Promise<void> {
    for (const record of this.world.state.load()) {
      this.instances.set(record.resourceId, new Instance(this.world, record));
    }
    for (const instance of this.instances.values()) await instance.openGates();
    await Promise.all(
      [...this.instances.values()].map(async (instance) => {
        if (!instance.record.isWanted) return instance.halt('fast', 'no host');
        await instance.launch().catch(() => this.world.crashed(instance.record.resourceId));
      }),
    );
    await Promise.all([...this.instances.values()].map((instance) => this.dropOldSlots(instance)));
  }

  /** Ends all servers in order. */
  async shutDown(): Promise<void> {
    clearInterval(this.timer);
    const all = [...this.instances.values()];
    await Promise.all(all.map((instance) => instance.halt('fast')));
    await Promise.all(all.map((instance) => instance.closeGates()));
  }

  find(resourceId: string): Instance {
    const instance = this.instances.get(resourceId);
    if (!instance) throw new TrialFailure(`There is no database ${resourceId}.`);
    return instance;
  }

  async known(): Promise<readonly string[]> {
    return [...this.instances.keys()];
  }

  async create(database: NewDatabase): Promise<void> {
    const { master, databaseName, ...copy } = database;
    await this.make(copy, async (instance) => {
      await instance.initialize(master, databaseName);
      await instance.launch();
    });
  }

  async createReplica(database: DatabaseCopy, sourceResourceId: string): Promise<void> {
    const source = this.find(sourceResourceId);
    await this.make({ ...database, sourceResourceId }, async (instance) => {
      const { state, programs } = this.world;
      await copyRunning(source.server, instance.server.data, {
        state,
        user: programs.user,
        slot: slotOf(database.resourceId),
        isWhole: false,
      });
      state.write(join(instance.server.data, 'standby.signal'), '');
      await instance.launch();
      await this.until(instance, `select status = 'streaming' as done from pg_stat_wal_receiver`);
    });
  }

  async restore(database: DatabaseCopy, sourceResourceId: string, time: number | 'latest'): Promise<void> {
    const source = this.instances.get(sourceResourceId);
    const isLive =
      source?.server.isRunning && source.record.archiveWal && source.record.sourceResourceId === undefined;
    if (isLive) await archiveAll(source);
    const { state } = this.world;
    const base = baseFor(state, sourceResourceId, time);
    const recover = async (instance: Instance, until: number | 'latest') => {
      await copyAtRest(base, instance.server.data, this.world.programs.user);
      state.write(join(instance.server.data, 'recovery.signal'), '');
      await instance.launch({ archiveOf: sourceResourceId, until });
      await this.until(instance, 'select not pg_is_in_recovery() as done');
      await instance.reconfigure({});
      instance.admitClients();
    };
    await this.make(database, async (instance) => {
      try {
        await recover(instance, time);
      } catch (error) {
        // No commit in the archive is later than the time asked for: all of it is what was there then.
        if (!instance.server.lastLogLine().includes('recovery ended before configured recovery target'))
          throw error;
        await instance.server.halt('immediate');
        rmSync(instance.server.data, { recursive: true, force: true });
        await recover(instance, 'latest');
      }
    });
  }

  /** From a snapshot, which stays. */
  async restoreSnapshot(database: DatabaseCopy, snapshotId: string): Promise<void> {
    const data = snapshotData(this.world.state, snapshotId);
    await this.make(database, async (instance) => {
      await copyAtRest(data, instance.server.data, this.world.programs.user);
      await instance.launch();
    });
  }

  async promote(resourceId: string): Promise<void> {
    const instance = this.find(resourceId);
    const { sourceResourceId } = instance.record;
    const { server } = instance;
    const [row] = await server.query('select pg_is_in_recovery() as follows');
    if (row!.follows === true) {
      // One that holds back what it has received would hold back its own promotion.
      if (instance.record.replayDelayMillis > 0) await instance.reconfigure({ replayDelayMillis: 0 });
      await server.query('select pg_promote(true, $1)', [PATIENCE_MS / 1000]);
      await this.until(instance, 'select not pg_is_in_recovery() as done');
    }
    await server.query('select pg_current_xact_id()'); // takes writes
    await instance.reconfigure({ sourceResourceId: undefined });
    await instance.closeSourceGate();
    const source = sourceResourceId === undefined ? undefined : this.instances.get(sourceResourceId);
    if (source) await this.dropOldSlots(source);
    if (instance.record.archiveWal) await takeBase(instance);
  }

  async reboot(resourceId: string): Promise<void> {
    const instance = this.find(resourceId);
    await instance.halt('fast');
    await instance.launch();
  }

  async stop(resourceId: string): Promise<void> {
    const instance = this.find(resourceId);
    instance.update({ isWanted: false });
    await instance.halt('fast', 'no host');
  }

  async start(resourceId: string): Promise<void> {
    const instance = this.find(resourceId);
    instance.update({ isWanted: true });
    await instance.launch();
    await this.dropOldSlots(instance);
  }

  async rename(resourceId: string, endpoint: Endpoint): Promise<void> {
    const instance = this.find(resourceId);
    const isMoved = endpoint.port !== instance.record.endpoint.port;
    await instance.reconfigure({ endpoint });
    if (!isMoved) return;
    await instance.closeGates();
    await instance.openGates();
    if (instance.server.isRunning) instance.admitClients();
  }

  async setSecurityGroups(resourceId: string, securityGroupIds: readonly string[]): Promise<void> {
    const instance = this.find(resourceId);
    instance.update({ securityGroupIds });
    instance.reconsider();
  }

  async setMasterPassword(resourceId: string, master: Master): Promise<void> {
    await this.find(resourceId).server.query(newPassword(master));
  }

  async setParameters(resourceId: string, parameters: DatabaseCopy['parameters']): Promise<void> {
    const instance = this.find(resourceId);
    const { server } = instance;
    const before = instance.record.parameters;
    if (!server.isRunning) return instance.reconfigure({ parameters });
    const [now] = await server.query('select pg_conf_load_time()::text as loaded');
    await instance.reconfigure({ parameters });
    await this.until(instance, `select pg_conf_load_time() > ${literal(String(now!.loaded))} as done`);
    // Of what only a start changes, the server says the same as of what is wrong.
    const [wrong] = await server.query(`
      select f.name, f.setting from pg_file_settings f join pg_settings s on lower(s.name) = lower(f.name)
      where f.error is not null and s.context <> 'postmaster'`);
    if (!wrong) return;
    await instance.reconfigure({ parameters: before });
    throw new TrialFailure(`PostgreSQL refuses ${String(wrong.name)} = '${String(wrong.setting)}'.`);
  }

  async setArchiving(resourceId: string, archiveWal: boolean): Promise<void> {
    const instance = this.find(resourceId);
    const wasOn = instance.record.archiveWal;
    await instance.reconfigure({ archiveWal });
    if (archiveWal && !wasOn && instance.record.sourceResourceId === undefined) await takeBase(instance);
  }

  async snapshot(resourceId: string, snapshotId: string): Promise<void> {
    await backUp(this.find(resourceId), this.world.state.snapshotFolder(snapshotId));
  }

  async removeSnapshot(snapshotId: string): Promise<void> {
    rmSync(this.world.state.snapshotFolder(snapshotId), { recursive: true, force: true });
  }

  async remove(resourceId: string, keepBackups: boolean): Promise<void> {
    const { state } = this.world;
    const instance = this.instances.get(resourceId);
    if (instance) {
      await instance.halt('immediate');
      await instance.closeGates();
      this.instances.delete(resourceId);
      for (const other of this.instances.values()) {
        if (other.record.sourceResourceId === resourceId) other.loseSource();
      }
      // Not at once: the gates of all the others are served by this process, too.
      await rm(instance.folder, { recursive: true, force: true });
      const source = this.instances.get(instance.record.sourceResourceId ?? '');
      if (source) await this.dropOldSlots(source);
    }
    if (!keepBackups) await rm(state.archiveFolder(resourceId), { recursive: true, force: true });
  }

  /**
   * Makes a database by `fill`, and knows it from then on; one that fails leaves nothing behind. Done already: nothing
   * happens.
   */
  private async make(
    wanted: DatabaseCopy & Pick<DatabaseRecord, 'sourceResourceId'>,
    fill: (instance: Instance) => Promise<void>,
  ): Promise<void> {
    if (this.instances.has(wanted.resourceId)) return;
    const { state, network } = this.world;
    const taken = [...this.instances.values(), ...this.pending].map(({ record }) => record.address);
    const address = freeAddress(network, taken);
    const instance = new Instance(this.world, { ...wanted, address, replayDelayMillis: 0, isWanted: true });
    this.pending.add(instance);
    try {
      state.freshFolder(instance.folder);
      await instance.openGates();
      await fill(instance);
      instance.update({});
      this.instances.set(wanted.resourceId, instance);
      if (wanted.archiveWal && wanted.sourceResourceId === undefined) await takeBase(instance);
    } catch (error) {
      this.instances.delete(wanted.resourceId);
      await instance.halt('immediate');
      await instance.closeGates();
      rmSync(instance.folder, { recursive: true, force: true });
      const source = this.instances.get(wanted.sourceResourceId ?? '');
      if (source) await this.dropOldSlots(source);
      throw folderFailure(error, state.dataFolder);
    } finally {
      this.pending.delete(instance);
    }
  }

  /** Waits until a query answers one row whose `done` is true. */
  private async until(instance: Instance, query: string): Promise<void> {
    const { server } = instance;
    for (const limit = Date.now() + PATIENCE_MS; Date.now() < limit; await sleep(20)) {
      if (!server.isRunning) throw new TrialFailure(`PostgreSQL refuses to start: ${server.lastLogLine()}`);
      // Refused for a moment while the server changes its role.
      const rows = await server.query(query).catch(() => []);
      if (rows[0]?.done === true) return;
    }
    throw new TrialFailure(
      `${instance.record.resourceId} was not done within ${PATIENCE_MS / 1000} s: ${server.lastLogLine()}`,
    );
  }

  /** Of replicas that are no more: their slots would keep WAL for ever. A source that is away does it when it starts. */
  private async dropOldSlots(source: Instance): Promise<void> {
    if (!source.server.isRunning) return;
    const kept = [...this.instances.values(), ...this.pending]
      .filter(({ record }) => record.sourceResourceId === source.record.resourceId)
      .map(({ record }) => slotOf(record.resourceId));
    const drop = `select pg_drop_replication_slot(slot_name) from pg_replication_slots
                  where slot_type = 'physical' and not temporary and slot_name like $1 and slot_name <> all ($2)
                    and not active`;
    await source.server.query(drop, [`${slotOf('')}%`, kept]).catch(() => undefined);
  }

  private async trimArchives(): Promise<void> {
    for (const instance of this.instances.values()) {
      const { record, server } = instance;
      const isFull = archivedBytes(this.world.state, record.resourceId) > this.mostArchivedBytes;
      const isArchived = record.archiveWal && record.sourceResourceId === undefined && server.isRunning;
      if (isFull && isArchived) await takeBase(instance).catch(() => undefined); // tried again
    }
  }
}
