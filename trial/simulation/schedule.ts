/** What happens in one simulation: data, so that it can be printed, made smaller, and run again. */
import type { Policy } from '../../lambda/failover/policy';

/** Who a fault meets, by the part that it plays when the fault begins. */
export type Whom = 'primary' | 'replica-1' | 'replica-2' | 'replica-3' | 'candidate' | 'old-primary';

/** Who is cut off from whom; a service stands for its API. */
export type Side = Whom | 'controller' | 'clients' | Service;

export type Service = 'rds' | 'journal' | 'names' | 'stack' | 'databases';

/** What becomes of a call. */
export type CallFate =
  'fails' | 'throttled' | 'slow' | 'unanswered, done' | 'unanswered, not done' | ChangeFate;

/** Of changes alone: what may be read may still be read. */
export type ChangeFate = 'denied' | 'invalid';

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
        readonly status: 'maintenance' | 'storage-config-upgrade' | 'configuring-log-exports';
      }
    /** RDS has no room for instances: it refuses them, or accepts them and gives up. */
    | { readonly kind: 'no-capacity'; readonly how: 'refused' | 'given up' }
    /** Somebody deletes it. */
    | { readonly kind: 'delete'; readonly whom: Whom }
    /** A share of the calls of a service. */
    | { readonly kind: 'calls'; readonly service: Service; readonly fate: CallFate; readonly share: number }
    /** DescribeDBInstances answers what was so this many seconds ago. */
    | { readonly kind: 'stale'; readonly seconds: number }
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
