/** What happens in one simulation: data, so that it can be printed, made smaller, and run again. */
import type { Policy } from '../../lambda/failover/policy';
import type { RdsCalls } from '../../lambda/failover/ports';
import type { Resting } from '../rds/model/state';
import type { ErrorCode } from './errors';

/** Who a fault meets, by the part that it plays when the fault begins. */
export type Whom = 'primary' | 'replica-1' | 'replica-2' | 'replica-3' | 'candidate' | 'old-primary';

/** Who is cut off from whom; a service stands for its API. */
export type Side = Whom | 'controller' | 'clients' | Service;

export type Service = 'rds' | 'journal' | 'names' | 'stack' | 'databases';

/** What becomes of a call. */
export type CallFate =
  'fails' | 'throttled' | 'slow' | 'unanswered, done' | 'unanswered, not done' | ChangeFate;

/** Of changes alone: what may be read may still be read. `accepted, not done`: nothing ever comes of it. */
export type ChangeFate = 'denied' | 'invalid' | 'wrong-state' | 'accepted, not done';

export type RdsOperation = keyof RdsCalls;

/** What RDS shows while it works on an instance by itself; the last is one that no guide names. */
export const OCCUPATIONS = [
  'maintenance',
  'upgrading',
  'storage-config-upgrade',
  'storage-initialization',
  'configuring-log-exports',
  'configuring-enhanced-monitoring',
  'backing-up',
  'modifying',
  'resetting-master-credentials',
  'a-status-of-tomorrow',
] as const;

/** When a fault begins, and how long it lasts: seconds; what has no length lasts for 0. */
interface Span {
  readonly at: number;
  readonly lasts: number;
}

export type Fault = Span &
  (
    | { readonly kind: 'kill'; readonly whom: Whom }
    | { readonly kind: 'lose-host'; readonly whom: Whom }
    /** Dead, and no restart of RDS gets through, until it ends. */
    | { readonly kind: 'dead'; readonly whom: Whom }
    | { readonly kind: 'freeze'; readonly whom: Whom }
    /** Runs on, cut off from everybody, RDS included. */
    | { readonly kind: 'isolate'; readonly whom: Whom }
    | { readonly kind: 'cut'; readonly one: Side; readonly other: Side }
    | { readonly kind: 'slow-replication'; readonly whom: Whom; readonly seconds: number }
    | { readonly kind: 'slow-replay'; readonly whom: Whom; readonly seconds: number }
    | { readonly kind: 'disk-full'; readonly whom: Whom }
    /** Somebody, or RDS's own maintenance, restarts it. */
    | { readonly kind: 'reboot'; readonly whom: Whom }
    /** Autoscaling gives it more storage, which is optimized for hours then. */
    | { readonly kind: 'grow'; readonly whom: Whom }
    /** RDS works on it, by itself. */
    | {
        readonly kind: 'occupied';
        readonly whom: Whom;
        readonly status: (typeof OCCUPATIONS)[number];
      }
    /** RDS shows it in a state that lasts, whatever its server does. */
    | { readonly kind: 'shown'; readonly whom: Whom; readonly status: Resting }
    /** RDS accepts its promotion, and it comes back as a replica, or is at work for as long as the fault lasts. */
    | { readonly kind: 'promotion'; readonly whom: Whom; readonly how: 'fails' | 'sticks' }
    /** RDS moves a Multi-AZ instance to its standby. */
    | { readonly kind: 'own-failover'; readonly whom: Whom }
    /** Somebody asks for another class of it, which waits for the maintenance window. */
    | { readonly kind: 'class-waits'; readonly whom: Whom }
    /** It answers with an error. */
    | { readonly kind: 'errors'; readonly whom: Whom; readonly code: ErrorCode }
    /** Frozen for `away` seconds, alive for `there` seconds, and so on. */
    | { readonly kind: 'flap'; readonly whom: Whom; readonly away: number; readonly there: number }
    /** A replica that has left the common history, and shows more of its own than the others have of that. */
    | { readonly kind: 'astray'; readonly whom: Whom }
    /** RDS does not show it, for less than what is gone would be waited for. */
    | { readonly kind: 'unseen'; readonly whom: Whom }
    /** Somebody gives it another name, and its old one at the end. */
    | { readonly kind: 'rename'; readonly whom: Whom }
    /** RDS has no room for instances: it refuses them, or accepts them and gives up. */
    | { readonly kind: 'no-capacity'; readonly how: 'refused' | 'given up' }
    /** Somebody deletes it. */
    | { readonly kind: 'delete'; readonly whom: Whom }
    /** A share of the calls of a service; of RDS perhaps of one operation, while the others answer. */
    | {
        readonly kind: 'calls';
        readonly service: Service;
        readonly operation?: RdsOperation;
        readonly fate: CallFate;
        readonly share: number;
      }
    /** DescribeDBInstances answers what was so this many seconds ago; `each`: at most, every instance by itself. */
    | { readonly kind: 'stale'; readonly seconds: number; readonly each?: true }
    /** The run that makes the `step`th call from now ends there: before the call, or when it was done. */
    | { readonly kind: 'crash'; readonly step: number; readonly side: 'before' | 'after' }
    /**
     * The run that makes the `step`th call from now stands still for the length of the fault when the answer has come: it
     * can see that time has passed before it asks for the next. Between that look and the call no program can see it.
     */
    | { readonly kind: 'pause'; readonly step: number }
    /** Another run is started beside the one that there is. */
    | { readonly kind: 'second-run' }
    | { readonly kind: 'hold' }
    | { readonly kind: 'command'; readonly command: OperatorCommand }
    /** CloudFormation updates the databases by identifier, if the stack policy lets it. */
    | { readonly kind: 'deployment'; readonly of: Deployment }
  );

export type FaultKind = Fault['kind'];

export type OperatorCommand =
  | { readonly kind: 'switchover'; readonly to?: Whom }
  | {
      readonly kind: 'promote';
      readonly to?: Whom;
      readonly withoutFence: boolean;
      readonly acceptLoss: boolean;
    }
  | { readonly kind: 'acknowledge' }
  | { readonly kind: 'names' }
  | { readonly kind: 'waive'; readonly recovered: boolean };

/** What a deployment may change of the databases. */
export type Deployment = 'class' | 'security groups' | 'backups';

/** How the group is set up. */
export interface Setup extends Pick<
  Policy,
  'replicas' | 'fencePolicy' | 'mode' | 'minimumIntervalMillis' | 'maintenanceWindow' | 'multiAz'
> {
  readonly clients: number;
  /** How many of them keep their sockets although the name has moved. */
  readonly clinging: number;
  /** Somebody has asked for another class of the primary, which waits for the maintenance window. */
  readonly classWaits?: boolean;
}

export interface Schedule {
  /** Of everything that is left to chance while it runs. */
  readonly seed: number;
  readonly setup: Setup;
  readonly faults: readonly Fault[];
}

/** When the last fault is over: seconds. */
export const endOf = ({ faults }: Pick<Schedule, 'faults'>): number =>
  faults.reduce((end, { at, lasts }) => Math.max(end, at + lasts), 0);
