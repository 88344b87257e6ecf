/**
 * What the model of RDS takes from outside: time, and the databases themselves. With the wall clock and PostgreSQL
 * processes it is the trial; with a virtual clock and modelled servers it is the simulation.
 */

/** Time in milliseconds since 1970, and calls that are made when it has passed. */
export interface Clock {
  now(): number;
  /** Calls `run` once, `milliseconds` from now. The answer takes the call back. */
  after(milliseconds: number, run: () => void): () => void;
}

/** How the master user of a new database signs in. */
export interface Master {
  readonly username: string;
  readonly password: string;
}

/** Where clients reach a database: what RDS calls its endpoint. */
export interface Endpoint {
  readonly name: string;
  readonly port: number;
}

/** A new, empty database. */
export interface NewDatabase {
  /** `db-…`: what stays the same when an instance is renamed. */
  readonly resourceId: string;
  readonly endpoint: Endpoint;
  readonly master: Master;
  /** Absent: only `postgres`. */
  readonly databaseName?: string;
  readonly securityGroupIds: readonly string[];
  /** Of the parameter group: `rds.force_ssl`, `max_slot_wal_keep_size`, … */
  readonly parameters: Readonly<Record<string, string>>;
  /** Whether WAL is archived, for point-in-time restores: RDS does so while backups are kept. */
  readonly archiveWal: boolean;
}

/** A copy that follows, or that was taken at a moment. */
export type DatabaseCopy = Omit<NewDatabase, 'master' | 'databaseName'>;

/**
 * The databases. Every call ends when the thing is done, and may be repeated. How long it takes on AWS is the model's
 * business: the model sets states by the clock, and asks the plane meanwhile.
 *
 * Errors are `Error`s with a sentence; the model turns a failed creation into the state `failed`.
 */
export interface DataPlane {
  create(database: NewDatabase): Promise<void>;
  /** A streaming replica. */
  createReplica(database: DatabaseCopy, sourceResourceId: string): Promise<void>;
  /** From a backup of `sourceResourceId`, up to `time` (milliseconds since 1970), or as far as its archive goes. */
  restore(database: DatabaseCopy, sourceResourceId: string, time: number | 'latest'): Promise<void>;
  /** Ends replication; done when the database takes writes. */
  promote(resourceId: string): Promise<void>;
  /** Cuts every session and restarts the server. */
  reboot(resourceId: string): Promise<void>;
  stop(resourceId: string): Promise<void>;
  start(resourceId: string): Promise<void>;
  /** The name ends at once, and none is answered until `rename`; without this, the old one is answered till then. */
  unname?(resourceId: string): Promise<void>;
  /** The old name ends at once; the new one is answered from now on. */
  rename(resourceId: string, endpoint: Endpoint): Promise<void>;
  /** From now on for new connections; tracked ones live on. */
  setSecurityGroups(resourceId: string, securityGroupIds: readonly string[]): Promise<void>;
  /**
   * Values of the parameter group, all of them. What a running server can change is in force when this ends, the rest at
   * its next start; values that it refuses change nothing.
   */
  setParameters(resourceId: string, parameters: Readonly<Record<string, string>>): Promise<void>;
  setMasterPassword(resourceId: string, master: Master): Promise<void>;
  /** Switches the archiving of WAL on or off. */
  setArchiving(resourceId: string, archiveWal: boolean): Promise<void>;
  snapshot(resourceId: string, snapshotId: string): Promise<void>;
  /** Gives back a snapshot's room; without this, snapshots lie there for ever. */
  removeSnapshot?(snapshotId: string): Promise<void>;
  /** Removes the database and its files; its archive and snapshots stay while `keepBackups`. */
  remove(resourceId: string, keepBackups: boolean): Promise<void>;
  /**
   * Called when a server has ended that nobody stopped: the model restarts it, or replaces its host, after the time in
   * its table.
   */
  onCrash(listener: (resourceId: string) => void): void;
  /** What runs or lies there from an earlier run, so that instances are found again. */
  known(): Promise<readonly string[]>;
}
