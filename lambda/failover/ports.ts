/**
 * What the controller takes from outside: time, AWS, and the databases. With the SDK and `pg` it is the Lambda function;
 * with a model and a virtual clock it is the simulation. Nothing else in this folder does I/O.
 */
import type * as Rds from '@aws-sdk/client-rds';
import type { Notice } from './decision';
import type { Memory } from './memory';
import type { Address, Probe, SeenNames } from './observation';
import type { Lsn } from './lsn';

export interface Ports {
  readonly clock: Clock;
  readonly rds: RdsPort;
  readonly names: NamesPort;
  readonly databases: DatabasesPort;
  readonly journal: JournalPort;
  readonly stack: StackPort;
  /** Tells people. Never throws: what cannot be told is logged. */
  notify(notice: Notice): Promise<void>;
  readonly log: Log;
  /** 0 to 1, for jitter. */
  random(): number;
}

/** Milliseconds since 1970. */
export interface Clock {
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** Why a call did not do what it should, in the controller's words. */
export type Outcome =
  | 'throttled'
  /** Not in this state: RDS is busy with the instance, or it is down. */
  | 'wrong-state'
  | 'not-found'
  | 'already-exists'
  | 'denied'
  /** The request itself is wrong, or names what is not there: asking again is of no use until somebody has changed something. */
  | 'invalid'
  /** A quota or the capacity of AWS is used up: what goes makes room. */
  | 'room'
  /** No answer within the time limit: whether it was done is not known. */
  | 'timeout'
  /** The service failed, or could not be reached. */
  | 'failed';

/** What every port throws, and nothing else. Its message holds no secret. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  constructor(
    readonly outcome: Outcome,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Requests and answers of the API, by operation. */
export interface RdsCalls {
  DescribeDBInstances: [Rds.DescribeDBInstancesMessage, Rds.DBInstanceMessage];
  ModifyDBInstance: [Rds.ModifyDBInstanceMessage, Rds.ModifyDBInstanceResult];
  RebootDBInstance: [Rds.RebootDBInstanceMessage, Rds.RebootDBInstanceResult];
  PromoteReadReplica: [Rds.PromoteReadReplicaMessage, Rds.PromoteReadReplicaResult];
  CreateDBInstanceReadReplica: [
    Rds.CreateDBInstanceReadReplicaMessage,
    Rds.CreateDBInstanceReadReplicaResult,
  ];
  DeleteDBInstance: [Rds.DeleteDBInstanceMessage, Rds.DeleteDBInstanceResult];
}

export interface RdsPort {
  /** One call, with a time limit. Reads are tried again when they fail by chance; changes are not: the round does that. */
  call<O extends keyof RdsCalls>(operation: O, request: RdsCalls[O][0]): Promise<RdsCalls[O][1]>;
}

export interface NamesPort {
  /** The records of both names, as the zone has them now. */
  read(): Promise<SeenNames>;
  /** One batch, all or nothing: afterwards the records are `to`. `from` is what was read. */
  change(from: SeenNames, to: SeenNames): Promise<void>;
}

export interface DatabasesPort {
  /**
   * Connects anew, asks, and closes; within its own time limit. Never throws.
   *
   * @param keep on the primary alone: writes the heartbeat, keeps the slot there, and lets it go as far as `slotUpTo`
   */
  probe(address: Address, keep?: Keep): Promise<Probe>;
  /**
   * Makes a promoted instance ready for writes, once an epoch: the slot is made, every sequence advanced by `sequenceGap`
   * in its own direction, what recovery must know written down, and `epoch` written into the heartbeat. Repeated for the same epoch it changes nothing.
   */
  open(address: Address, epoch: number, sequenceGap: number): Promise<void>;
}

export interface Keep {
  readonly epoch: number;
  /** What every replica has received. @default - it stays where it is */
  readonly slotUpTo?: Lsn;
}

export interface StackPort {
  /**
   * Whether a deployment may update the database instances of the data stack.
   * @throws CallFailed; `wrong-state`: a deployment is under way
   */
  setPolicy(updates: 'allowed' | 'denied'): Promise<void>;
}

/** One line of the journal: what was about to be done, and why. */
export interface Entry {
  readonly at: number;
  readonly epoch: number;
  readonly phase: string;
  /** The named state. */
  readonly state: string;
  /** `promote mysite-replica-1`, `phase fencing`, … */
  readonly what: string;
  readonly evidence: readonly string[];
  readonly by: string;
}

/** What a human asks for; one at a time. */
export type Command = {
  readonly id: string;
  /** Who, for the journal. */
  readonly by: string;
  readonly at: number;
} & (
  | { readonly kind: 'switchover'; readonly to?: string }
  | {
      readonly kind: 'promote';
      readonly to?: string;
      readonly why: string;
      /** Goes on though nobody can show that the old primary is fenced. */
      readonly withoutFence: boolean;
      /** Goes on though the candidate is further behind than the limit. */
      readonly acceptLoss: boolean;
    }
  | { readonly kind: 'acknowledge' }
  | { readonly kind: 'names' }
  /** Recovery has finished, or will not be done: the old primary may be deleted. */
  | {
      readonly kind: 'waive';
      readonly why: string;
      readonly recovered: boolean;
      /** Resource id of one old primary. @default - all that wait for recovery */
      readonly of?: string;
    }
);

export interface Hold {
  readonly by: string;
  readonly at: number;
  readonly why: string;
}

export interface Stored {
  /** One more with each commit; 0 when there is no journal yet. */
  readonly version: number;
  readonly memory?: Memory;
  /** Who works, and a number that is new with each sign of life. */
  readonly lease?: { readonly owner: string; readonly beat: number };
  readonly hold?: Hold;
  readonly command?: Command;
}

export interface Commit {
  /** Both must still be so, or nothing is written. */
  readonly version: number;
  readonly owner: string;
  readonly memory: Memory;
  readonly entries: readonly Entry[];
  /** Nothing is written when there is a hold. True whenever a change follows. */
  readonly notOnHold: boolean;
  /** Id of the command that is answered with this. */
  readonly answered?: string;
}

export interface JournalPort {
  /** The newest, never a stale one. */
  read(): Promise<Stored>;
  /** Takes the lease, if version and owner are still as `stored` has them. False: somebody was faster. */
  take(stored: Stored, owner: string): Promise<boolean>;
  /** Writes all of it or nothing, as the holder of the lease. Also a sign of life. */
  commit(commit: Commit): Promise<'written' | 'lost' | 'held'>;
  /** Gives the lease back, if `owner` still has it. */
  release(owner: string): Promise<void>;
}

/** Structured lines; metrics among them. */
export interface Log {
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
  /** By embedded metric format: name, value, unit. */
  metric(
    values: Readonly<
      Record<string, { readonly value: number; readonly unit: 'Milliseconds' | 'Count' | 'Seconds' }>
    >,
  ): void;
}
