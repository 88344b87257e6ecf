import type { Tag } from '@aws-sdk/client-rds';
import type { Clock, DataPlane } from '../ports';
import { Core } from './core';
import { type EventBridgeEvent, forEventBridge } from './new-event';
import { type Answer, type Operation, OPERATIONS, type Request } from './operations';
import { emptyState, type Instance, type RdsState, type Resting } from './state';
import { anySurroundings, type Surroundings } from './surroundings';
import { isOptimizing } from './storage';
import { isReserved } from './tags';
import type { Answers } from './undecided';

export interface RdsModelProps {
  readonly clock: Clock;
  readonly plane: DataPlane;
  /** @default - account 123456789012 in us-east-1, where every subnet group exists */
  readonly surroundings?: Surroundings;
  /** How long things last: 1 as on AWS, 0.1 a tenth, 0 at once. @default 1 */
  readonly timeScale?: number;
  /** Of an earlier run, by `toJSON`. @default - nothing is there yet */
  readonly state?: RdsState;
  /** To what evidence does not decide. @default - the stricter ones */
  readonly answers?: Answers;
  /** Of the identifiers, when there is no state. @default 1 */
  readonly seed?: number;
  /** Every event as EventBridge would deliver it: once, in order, at once. Faults are the listener's business. */
  readonly onEvent?: (event: EventBridgeEvent) => void;
  /** After each change, so that the state can be written down. It must not throw, nor must `onEvent`. */
  readonly onChange?: () => void;
}

/**
 * RDS, apart from clock and databases. It does nothing by itself but what the clock and the data plane tell it, so
 * that the same calls at the same times come to the same end.
 */
export class RdsModel {
  private readonly core: Core;

  constructor(props: RdsModelProps) {
    const { onEvent, onChange } = props;
    this.core = new Core(
      {
        clock: props.clock,
        plane: props.plane,
        surroundings: props.surroundings ?? anySurroundings('123456789012', 'us-east-1'),
        timeScale: props.timeScale ?? 1,
        answers: props.answers,
        onEvent: (event) => onEvent?.(forEventBridge(this.core, event)),
        onChange: () => onChange?.(),
      },
      // What was written down before there were parameter groups in it has none.
      {
        ...emptyState(props.seed ?? 1),
        ...(JSON.parse(JSON.stringify(props.state ?? {})) as Partial<RdsState>),
      },
    );
    props.plane.onCrash((resourceId) => this.crashed(resourceId));
  }

  /**
   * Goes on where an earlier run was ended: databases that should run are started, tasks and timers go on.
   * Instances whose database is not there any more have failed.
   */
  async resume(): Promise<void> {
    const known = new Set(await this.core.plane.known());
    await Promise.all(this.core.state.instances.map((instance) => this.wakeUp(instance, known)));
    this.core.resume();
  }

  private async wakeUp(instance: Instance, known: ReadonlySet<string>): Promise<void> {
    const { resourceId, created, resting, held } = instance;
    if (!created || resting === 'stopped' || resting === 'incompatible-parameters') return;
    if (held) {
      // It ended with the last run, and is started when it is let go.
      instance.crashedAt ??= this.core.now();
      return;
    }
    if (known.has(resourceId)) {
      // Its process ended with the last run; nobody stopped it.
      const started = await this.core
        .ask(resourceId, () => this.core.plane.start(resourceId))
        .then(
          () => true,
          () => false,
        );
      if (started) return;
    }
    instance.resting = 'failed';
    this.core.emit('failed', instance);
  }

  /**
   * One call of the API.
   * @throws RdsError as RDS refuses
   */
  call<O extends Operation>(operation: O, request: Request<O>): Promise<Answer<O>> {
    const run = OPERATIONS[operation] as unknown as (core: Core, request: Request<O>) => Promise<Answer<O>>;
    return run(this.core, request);
  }

  /**
   * One call of CloudFormation, which alone may set tags `aws:…` of a new instance.
   * @throws RdsError as RDS refuses
   */
  async callByCloudFormation<O extends Operation>(operation: O, request: Request<O>): Promise<Answer<O>> {
    const { Tags: tags, DBInstanceIdentifier: name } = request as {
      readonly Tags?: readonly Tag[];
      readonly DBInstanceIdentifier?: string;
    };
    const own = tags?.filter(({ Key }) => isReserved(Key)) ?? [];
    if (!name || own.length === 0) return this.call(operation, request);
    const Tags = tags?.filter(({ Key }) => !isReserved(Key));
    const answer = await this.call(operation, { ...request, Tags });
    this.core.find(name).tags.push(...own);
    return answer;
  }

  /** A server has ended that nobody stopped; RDS sees it after a while. */
  private crashed(resourceId: string): void {
    const instance = this.core.findByResourceId(resourceId);
    // One that its parameters keep from starting is not restarted before somebody asks for it.
    if (!instance?.created || instance.resting === 'incompatible-parameters') return;
    instance.crashedAt ??= this.core.now();
    instance.archiveEndedAt ??= instance.crashedAt;
    this.core.at(instance, 'notice', this.core.now() + this.core.span('crashNotice'));
    this.core.changed();
  }

  /** The fault of a lost host: its server's end is followed by a replacement, which takes longer than a restart. */
  loseHost(identifierOrResourceId: string): void {
    this.named(identifierOrResourceId).hostLost = true;
    this.core.changed();
  }

  /**
   * The fault of a host that stays away: nothing that needs it gets through, and RDS does not mend it. Its state is
   * shown as before. Ending its server is the data plane's business.
   */
  holdDown(identifierOrResourceId: string): void {
    this.named(identifierOrResourceId).held = true;
    this.core.changed();
  }

  /** Takes `holdDown` back: RDS sees the server's end now. */
  release(identifierOrResourceId: string): void {
    const instance = this.named(identifierOrResourceId);
    delete instance.held;
    if (instance.crashedAt !== undefined) {
      this.core.at(instance, 'notice', this.core.now() + this.core.span('crashNotice'));
    }
    this.core.wake();
    this.core.changed();
  }

  /** The fault of a full disk, or its end. */
  storageFull(identifierOrResourceId: string, full: boolean): void {
    const instance = this.named(identifierOrResourceId);
    if (full && instance.resting === 'available') {
      instance.resting = 'storage-full';
      this.core.emit('storageExhausted', instance);
      this.core.emit('storageFull', instance);
    } else if (!full && instance.resting === 'storage-full') {
      instance.resting = 'available';
    }
    this.core.changed();
  }

  /** The fault of an instance that RDS shows in a state that lasts, or `available` again. */
  show(identifierOrResourceId: string, resting: Resting): void {
    this.named(identifierOrResourceId).resting = resting;
    this.core.changed();
  }

  /** The fault of a promotion that fails or sticks, or its end. */
  promotion(identifierOrResourceId: string, how: Instance['promotion']): void {
    const instance = this.named(identifierOrResourceId);
    if (how) instance.promotion = how;
    else delete instance.promotion;
    this.core.wake();
    this.core.changed();
  }

  /** RDS moves a Multi-AZ instance to its standby by itself; one that it is busy with, or another, it does not. */
  failOver(identifierOrResourceId: string): void {
    const instance = this.named(identifierOrResourceId);
    if (!instance.multiAz || instance.tasks.length > 0) return;
    this.core.enqueue(instance, { kind: 'reboot', failover: true });
  }

  /** RDS works on it for so long, by itself: `maintenance`, `upgrading`, `storage-config-upgrade`, `configuring-…`. */
  occupy(identifierOrResourceId: string, status: string, milliseconds: number): void {
    this.core.enqueue(this.named(identifierOrResourceId), { kind: 'attend', to: status, milliseconds });
  }

  /** Storage autoscaling: by what is the most of 10 GiB and a tenth (guide, "Managing capacity automatically"). */
  grow(identifierOrResourceId: string): void {
    const instance = this.named(identifierOrResourceId);
    const most = instance.attributes.MaxAllocatedStorage ?? 0;
    const wanted = instance.allocatedStorage + Math.max(10, Math.ceil(instance.allocatedStorage / 10));
    const gibibytes = Math.min(wanted, most);
    const isChanging = instance.tasks.some(({ kind }) => kind === 'modifyStorage');
    if (gibibytes <= instance.allocatedStorage || isChanging || isOptimizing(this.core, instance)) return;
    instance.pending.allocatedStorage = gibibytes;
    this.core.enqueue(instance, { kind: 'modifyStorage', to: gibibytes, autoscaling: true });
  }

  /** The fault of too little capacity, or its end: calls are refused, or accepted and given up. */
  capacity(lacks: RdsState['capacity']): void {
    if (lacks) this.core.state.capacity = lacks;
    else delete this.core.state.capacity;
    this.core.changed();
  }

  private named(name: string): Instance {
    return this.core.findByResourceId(name) ?? this.core.find(name);
  }

  /** What a later run goes on with. */
  toJSON(): RdsState {
    return JSON.parse(JSON.stringify(this.core.state)) as RdsState;
  }

  /** No timer runs any more, and no call of the data plane is begun. */
  close(): void {
    this.core.close();
  }
}
