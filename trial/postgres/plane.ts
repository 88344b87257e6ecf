/** The databases of the trial: real PostgreSQL servers behind the interface that the model of RDS asks. */
import type { DataPlane, Endpoint } from '../rds/ports';
import { type Authority, openAuthority } from './authority';
import type { Address } from './gate';
import { postgresPrograms } from './binaries';
import { Databases } from './databases';
import { fillDisk, freeDisk } from './disk';
import type { Instance, Party, World } from './instance';
import { folderFailure } from './folder-failure';
import { Keeper } from './keeper';
import { lockFolder } from './lock';
import { type Passage, Path } from './path';
import { State } from './state';

export interface PostgresPlaneOptions {
  /** Everything that has to be found again is kept there. */
  readonly stateFolder: string;
  /**
   * Whether security groups let a new connection from a server or Lambda of the trial in. 127.0.0.1 is the person at
   * this machine, who always is.
   */
  admits(remoteAddress: string, securityGroupIds: readonly string[]): boolean;
  /**
   * Whether the failover controller has this address: faults cut it off by itself.
   * @default nobody is the controller
   */
  isController?(remoteAddress: string): boolean;
  /**
   * What the controller's packets pass through, wherever they go.
   * @default - nothing but the paths of each database
   */
  readonly controllerPath?: Path;
  /**
   * The first two numbers of the databases' addresses, all on loopback.
   * @default 127.77
   */
  readonly network?: string;
  /**
   * Whether each commit waits for the disk.
   * @default false: nothing is lost when processes are killed, only when the machine itself loses power
   */
  readonly isDurable?: boolean;
  /**
   * How much WAL an archive holds, in bytes, before a new base backup is taken and old WAL goes.
   * @default 256 MiB
   */
  readonly mostArchivedBytes?: number;
}

/** What only the trial can do to a database: faults, and a look inside. */
export interface PostgresPlane extends DataPlane {
  /** PEM file that clients trust for every endpoint. */
  readonly certificateBundle: string;
  /** By endpoint name: where it leads. For a DNS server; new at each call. */
  addresses(): ReadonlyMap<string, Address>;
  /** By resource id. */
  addressOf(resourceId: string): Address | undefined;
  /** Sessions through the gate of a database. */
  sessionCount(resourceId: string): number;
  isRunning(resourceId: string): boolean;
  /** Runs, and is not frozen. */
  isAtWork(resourceId: string): boolean;
  /** One statement as superuser, past the gate. */
  query(resourceId: string, text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** To be called when `admits` may answer otherwise for the same groups. */
  reconsider(): void;
  /** A database from a snapshot, which stays. */
  restoreSnapshot(...args: Parameters<Databases['restoreSnapshot']>): Promise<void>;
  removeSnapshot(snapshotId: string): Promise<void>;

  /** Ends all processes of a server at once; `onCrash` is told. */
  kill(resourceId: string): Promise<void>;
  /** Stops all its processes where they are; connections stay open and silent. */
  freeze(resourceId: string): Promise<void>;
  thaw(resourceId: string): Promise<void>;
  /** What happens to the packets between a database and others; `source`: only what this replica receives. */
  setPassage(resourceId: string, party: Party, passage: Passage): void;
  /** A replica shows a commit only when it is this old, in milliseconds; 0: at once. */
  delayReplay(resourceId: string, milliseconds: number): Promise<void>;
  /** Its server goes down with 53100, and does not start before `freeDisk`. Linux only. */
  fillDisk(resourceId: string): Promise<void>;
  freeDisk(resourceId: string): Promise<void>;

  /** Ends all servers in order; their data stay. */
  close(): Promise<void>;
}

const PERSON = '127.0.0.1';
const MOST_ARCHIVED_BYTES = 256 * 1024 * 1024;

/**
 * Opens the databases in a folder: what an earlier run left running is ended, and what ran then is started.
 *
 * All servers end with this process, even when it is killed. A database that does not start is told to `onCrash`.
 *
 * @throws TrialFailure when another process has the folder, or this machine cannot run PostgreSQL
 */
export async function postgresPlane(options: PostgresPlaneOptions): Promise<PostgresPlane> {
  const { stateFolder } = options;
  const programs = postgresPrograms();
  const { world, unlock } = await openFolder(options, programs).catch((error: unknown) => {
    throw folderFailure(error, stateFolder);
  });
  const databases = new Databases(
    world.shared,
    world.instances,
    options.mostArchivedBytes ?? MOST_ARCHIVED_BYTES,
  );
  const close = async () => {
    await databases.shutDown();
    await world.endKeeper();
    unlock();
  };
  await databases.open().catch(async (error: unknown) => {
    await close();
    throw error;
  });

  const of = (resourceId: string) => databases.find(resourceId);
  /** Between two names: the old one is not answered any more. */
  const unnamed = new Set<string>();
  const rename = databases.rename.bind(databases);
  return Object.assign(databases, {
    unname: async (resourceId: string) => {
      unnamed.add(resourceId);
    },
    rename: async (resourceId: string, endpoint: Endpoint) => {
      await rename(resourceId, endpoint);
      unnamed.delete(resourceId);
    },
    certificateBundle: world.shared.authority.bundle,
    onCrash: world.onCrash,
    addresses: () =>
      new Map(
        [...world.instances]
          .filter(([resourceId]) => !unnamed.has(resourceId))
          .map(([, { record }]) => [record.endpoint.name, addressOf(record)]),
      ),
    addressOf: (resourceId: string) => {
      const instance = world.instances.get(resourceId);
      return instance && addressOf(instance.record);
    },
    sessionCount: (resourceId: string) => of(resourceId).sessionCount,
    isRunning: (resourceId: string) => world.instances.get(resourceId)?.server.isRunning ?? false,
    isAtWork: (resourceId: string) => world.instances.get(resourceId)?.server.isAtWork ?? false,
    query: (resourceId: string, text: string, values?: unknown[]) =>
      of(resourceId).server.query(text, values),
    reconsider: () => {
      for (const instance of world.instances.values()) instance.reconsider();
    },
    kill: (resourceId: string) => of(resourceId).server.kill(),
    freeze: (resourceId: string) => of(resourceId).server.freeze(),
    thaw: (resourceId: string) => of(resourceId).server.thaw(),
    setPassage: (resourceId: string, party: Party, passage: Passage) =>
      of(resourceId).paths[party].set(passage),
    delayReplay: (resourceId: string, milliseconds: number) =>
      of(resourceId).reconfigure({ replayDelayMillis: milliseconds }),
    fillDisk: (resourceId: string) => fillDisk(of(resourceId).server),
    freeDisk: async (resourceId: string) => freeDisk(of(resourceId).server),
    close,
  });
}

const addressOf = ({ address, endpoint }: Instance['record']): Address => ({ address, port: endpoint.port });

async function openFolder(options: PostgresPlaneOptions, programs: World['programs']) {
  const state = new State(options.stateFolder, programs.user);
  const unlock = lockFolder(options.stateFolder);
  const authority = await openAuthority(options.stateFolder).catch((error: unknown) => {
    unlock();
    throw error;
  });
  return { world: makeWorld(options, programs, state, authority), unlock };
}

function makeWorld(
  options: PostgresPlaneOptions,
  programs: World['programs'],
  state: State,
  authority: Authority,
) {
  const instances = new Map<string, Instance>();
  const listeners: ((resourceId: string) => void)[] = [];
  const untold = new Set<string>();
  let keeper = new Keeper();
  const shared: World = {
    programs,
    state,
    authority,
    network: options.network ?? '127.77',
    isDurable: options.isDurable ?? false,
    keeper: () => (keeper.isAlive ? keeper : (keeper = new Keeper())),
    admits: (remote, groups) => remote === PERSON || options.admits(remote, groups),
    isController: (remote) => options.isController?.(remote) ?? false,
    controllerPath: options.controllerPath ?? new Path(),
    find: (resourceId) => instances.get(resourceId),
    crashed: (resourceId) => {
      if (listeners.length === 0) untold.add(resourceId);
      for (const listener of listeners) listener(resourceId);
    },
  };
  return {
    shared,
    instances,
    endKeeper: () => keeper.end(),
    /** Whoever listens first is told what has happened before, while the databases were opened. */
    onCrash: (listener: (resourceId: string) => void) => {
      listeners.push(listener);
      for (const resourceId of untold) listener(resourceId);
      untold.clear();
    },
  };
}
