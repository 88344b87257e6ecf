/** What one round has seen. All times are milliseconds since 1970; all of it is JSON. */
import type { DBInstance } from '@aws-sdk/client-rds';
import type { Lsn } from './lsn';

/**
 * A whole round's view. When one part could not be had, there is no observation at all but a `Blindness`: what is half
 * seen leads to no change.
 */
export interface Observation {
  /** When it was complete, by the controller's clock. */
  readonly at: number;
  /** Of the group alone, by name or by what is remembered of it; in the order of their identifiers. */
  readonly instances: readonly SeenInstance[];
  readonly names: SeenNames;
}

/** Why a round saw nothing. */
export interface Blindness {
  readonly at: number;
  /** A sentence for each part that could not be had. */
  readonly missing: readonly string[];
}

export interface SeenInstance {
  /** What stays when it is renamed: `db-…`. Instances are told apart by it. */
  readonly resourceId: string;
  readonly identifier: string;
  /** RDS's status: `available`, `rebooting`, … */
  readonly status: string;
  /** Absent until it has been created. */
  readonly endpoint?: Address;
  /** Identifier of what it follows, of a replica. */
  readonly source?: string;
  /** Security groups, whether each is in force, and whether it goes: RDS shows old ones until the new ones are in force. */
  readonly groups: readonly { readonly id: string; readonly active: boolean; readonly leaving?: boolean }[];
  readonly multiAz: boolean;
  readonly backupDays: number;
  readonly deletionProtection: boolean;
  readonly maintenanceWindow?: string;
  readonly backupWindow?: string;
  /** Made by this controller, and not by a template: carries its tag. */
  readonly isOurs: boolean;
  /** Made by CloudFormation, which puts its tags on all that it makes. @default false */
  readonly isOfStack?: boolean;
  /** What RDS itself says: a new replica takes its settings from its source. */
  readonly description: DBInstance;
  readonly probe: Probe;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export type Probe = Reached | Unreached;

/** It did not answer, or not in time. */
export interface Unreached {
  readonly reached: false;
  /**
   * - `refused`: nobody listens: the connection was refused, or reset before a byte had come.
   * - `silent`: nothing came within the time limit.
   * - `starting`: PostgreSQL says that it starts, stops or recovers.
   * - `rejected`: it answers with an error: password, certificate, too many connections, a full or slow disk.
   * - `unnamed`: it has no address yet, or its name is not known.
   */
  readonly why: 'refused' | 'silent' | 'starting' | 'rejected' | 'unnamed';
  /** A sentence, without secrets. */
  readonly message: string;
}

/** What a server said of itself. */
export interface Reached {
  readonly reached: true;
  readonly inRecovery: boolean;
  /** When the server was started, by its own clock: to be compared with the same server's alone. */
  readonly startedAt: number;
  /** How long ago that was. */
  readonly uptimeMillis: number;
  /** Of the whole cluster, the same on primary and replicas: `system_identifier`. */
  readonly system: string;
  readonly timeline: number;
  /** Of a primary: what it has written and flushed. Of a replica: what it has received. */
  readonly received: Lsn;
  /** Of a primary the same as `received`; of a replica: what it has replayed. */
  readonly replayed: Lsn;
  /**
   * Of a replica: when the last transaction that it has replayed was committed, by the primary's clock. Absent when it has
   * replayed none since its start.
   */
  readonly replayedAt?: number;
  /** Of a replica: whether its WAL receiver is streaming. PostgreSQL ends it after wal_receiver_timeout of silence. */
  readonly receiving: boolean;
  /** `pg_current_snapshot()`, seen in the same moment as `replayed`: `xmin:xmax:in progress`. */
  readonly snapshot: string;
  readonly heartbeat: Heartbeat;
  /** Sessions of neither the controller, recovery, nor RDS. */
  readonly clientSessions: number;
  /** Of a primary that the round was to write to: `written`, or why not. */
  readonly write?: 'written' | { readonly refused: string };
}

/** The row of the heartbeat table: written by the controller on the primary, replicated to the others. */
export interface Heartbeat {
  /** By the clock of the server that was primary then. */
  readonly at: number;
  readonly epoch: number;
}

/** The records of the writer's and the reader's name. */
export interface SeenNames {
  /** What the writer's name leads to. Absent when there is no such record. */
  readonly writer?: string;
  readonly readers: readonly ReaderRecord[];
}

export interface ReaderRecord {
  /** The record's set identifier: that of the instance. */
  readonly identifier: string;
  readonly target: string;
  /** 0: asked only when there is nobody else. */
  readonly weight: number;
}
