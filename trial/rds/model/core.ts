import { lasting, type Span } from '../durations';
import type { Clock, DataPlane } from '../ports';
import { Backups } from './backups';
import { EVENTS, type EventKind } from './catalogue';
import { instanceNotFound } from './errors';
import { endpointSuffix, identifier as checked } from './identifiers';
import { newEvent, type NumberedEvent } from './new-event';
import { Runner } from './runner';
import type { Instance, RdsState, RecordedEvent, Timer } from './state';
import type { Surroundings } from './surroundings';
import { isUsable, type Task } from './tasks';
import { TIMERS } from './timers';
import { answers, type Answers } from './undecided';

export interface CoreProps {
  readonly clock: Clock;
  readonly plane: DataPlane;
  readonly surroundings: Surroundings;
  /** 1 is AWS, 0 at once. */
  readonly timeScale: number;
  readonly onEvent: (event: NumberedEvent) => void;
  /** To what evidence does not decide. @default - the stricter ones */
  readonly answers?: Answers;
  /** After each change of the state. */
  readonly onChange: () => void;
}

/** API, DescribeEvents: events are kept for 14 days. */
const EVENTS_KEPT = 14 * 24 * 60 * 60_000;

/** The records, and what everything else in the model does to them. */
export class Core {
  readonly suffix: string;
  readonly plane: DataPlane;
  readonly surroundings: Surroundings;
  readonly backups: Backups;
  readonly answers: Answers;
  private readonly runner: Runner;
  private readonly armed = new Map<string, () => void>();
  private closed = false;

  constructor(
    readonly props: CoreProps,
    readonly state: RdsState,
  ) {
    this.plane = props.plane;
    this.surroundings = props.surroundings;
    this.suffix = endpointSuffix(props.surroundings.accountId, props.surroundings.region);
    this.answers = props.answers ?? answers();
    this.backups = new Backups(this);
    this.runner = new Runner(this);
  }

  now = (): number => this.props.clock.now();
  span = (span: Span): number => lasting(span, this.props.timeScale);
  changed = (): void => {
    if (!this.closed) this.props.onChange();
  };

  /** @throws RdsError DBInstanceNotFound, InvalidParameterValue for what can be no identifier (moto's tests, too) */
  find(nameOrArn: string): Instance {
    const identifier = this.identifierIn(nameOrArn, 'db');
    const found = this.state.instances.find((instance) => instance.identifier === identifier);
    if (!found) throw instanceNotFound(checked(identifier, 'DBInstanceIdentifier'));
    return found;
  }

  findByResourceId(resourceId: string): Instance | undefined {
    return this.state.instances.find((instance) => instance.resourceId === resourceId);
  }

  arn(kind: 'db' | 'snapshot' | 'pg', identifier: string): string {
    const { region, accountId } = this.surroundings;
    return `arn:aws:rds:${region}:${accountId}:${kind}:${identifier}`;
  }

  /** The name in an ARN of this account and region, or the name itself; in small letters, as RDS keeps it. */
  identifierIn(nameOrArn: string, kind: 'db' | 'snapshot' | 'pg'): string {
    const start = this.arn(kind, '');
    return (nameOrArn.startsWith(start) ? nameOrArn.slice(start.length) : nameOrArn).toLowerCase();
  }

  /** Those that follow it: directly, or with `all` also those behind them. */
  replicasOf({ resourceId }: Instance, all = false): Instance[] {
    const direct = this.state.instances.filter((instance) => instance.sourceResourceId === resourceId);
    return all ? direct.flatMap((replica) => [replica, ...this.replicasOf(replica, true)]) : direct;
  }

  /** Whether it is there, and busy with nothing. */
  isAvailable = (instance: Instance): boolean => isUsable(instance);

  /** Adds a task; it begins at once when the instance is not busy. */
  enqueue(instance: Instance, task: Task): void {
    instance.tasks.push(task);
    this.runner.run(instance);
    this.changed();
  }

  /** Puts a task right behind the one under way. */
  next(instance: Instance, task: Task): void {
    instance.tasks.splice(1, 0, task);
  }

  /** Drops what it is busy with for this one task. */
  supersede(instance: Instance, task: Task): void {
    for (const { snapshotId } of instance.tasks) if (snapshotId) this.backups.taken(snapshotId, 'failed');
    instance.tasks = [];
    this.enqueue(instance, task);
    this.wake();
  }

  /** Asks the data plane, each database one thing at a time. */
  ask = (resourceId: string, call: () => Promise<void>): Promise<void> =>
    this.runner.inOrder(resourceId, call);

  /** After a fault was taken back. */
  wake = (): void => this.runner.wake();

  emit(kind: EventKind, instance: Instance, detail = ''): void {
    this.record(newEvent(this, EVENTS[kind], instance.identifier, detail));
  }

  emitSnapshot(kind: EventKind, snapshotId: string): void {
    this.record(newEvent(this, EVENTS[kind], snapshotId));
  }

  private record(event: RecordedEvent): void {
    if (this.closed) return;
    const oldest = this.now() - EVENTS_KEPT;
    this.state.events = [...this.state.events.filter(({ at }) => at > oldest), event];
    this.changed();
    if (event.eventId) this.props.onEvent({ ...event, eventId: event.eventId });
  }

  /** Sets a timer of an instance; an earlier one of the same name is taken back. `at`: milliseconds since 1970. */
  at(instance: Instance, timer: Timer, at: number): void {
    if (this.closed) return;
    this.cancel(instance, timer);
    instance.timers[timer] = at;
    const key = `${instance.resourceId} ${timer}`;
    const run = () => {
      this.armed.delete(key);
      delete instance.timers[timer];
      if (this.closed || !this.state.instances.includes(instance)) return;
      TIMERS[timer](this, instance);
      this.changed();
    };
    this.armed.set(key, this.props.clock.after(Math.max(0, at - this.now()), run));
  }

  cancel(instance: Instance, timer: Timer): void {
    const key = `${instance.resourceId} ${timer}`;
    this.armed.get(key)?.();
    this.armed.delete(key);
    delete instance.timers[timer];
  }

  /** Ends the record of a deleted instance; with its backups it can still be restored. */
  forget(instance: Instance, keepBackups: boolean): void {
    instance.tasks = [];
    for (const timer of Object.keys(instance.timers) as Timer[]) this.cancel(instance, timer);
    this.state.instances = this.state.instances.filter((other) => other !== instance);
    if (keepBackups) {
      this.state.retired.push({
        ...instance,
        tasks: [],
        archiveEndedAt: instance.archiveEndedAt ?? this.now(),
      });
    } else {
      this.backups.forget(instance);
    }
    this.changed();
  }

  /** Goes on where an earlier run was ended. */
  resume(): void {
    for (const instance of this.state.instances) {
      for (const [timer, at] of Object.entries(instance.timers)) this.at(instance, timer as Timer, at);
      this.runner.run(instance);
    }
  }

  /** Nothing happens any more; the state stays as it is. */
  close(): void {
    this.closed = true;
    this.runner.close();
    for (const cancel of this.armed.values()) cancel();
    this.armed.clear();
  }
}
