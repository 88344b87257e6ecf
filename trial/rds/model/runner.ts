import { RETRY_MILLISECONDS, TRIES } from '../durations';
import type { Core } from './core';
import type { Instance } from './state';
import { specOf, type Step, type Task } from './tasks';

/** The task is not the instance's any more: it was overtaken by a deletion, or the model was closed. */
class Superseded extends Error {}

/** Runs the tasks of each instance, one after the other. */
export class Runner {
  private readonly running = new WeakSet<Task>();
  private readonly queues = new Map<string, Promise<void>>();
  private waiting: (() => void)[] = [];
  private closed = false;

  constructor(private readonly core: Core) {}

  /** Begins the first task, unless it is under way. */
  run(instance: Instance): void {
    const [task] = instance.tasks;
    if (!task || this.running.has(task) || this.closed) return;
    this.running.add(task);
    void this.carryOut(instance, task).catch((error: unknown) => {
      if (!(error instanceof Superseded)) throw error;
    });
  }

  private async carryOut(instance: Instance, task: Task): Promise<void> {
    const spec = specOf(task);
    const step: Step = {
      core: this.core,
      instance,
      task,
      ask: async (call) => {
        await this.inOrder(instance.resourceId, call);
        this.mustBeCurrent(instance, task);
      },
    };
    if (task.endsAt === undefined) {
      const span = spec.span(task);
      task.endsAt = this.core.now() + (typeof span === 'number' ? span : this.core.span(span));
      spec.begin?.(step);
    }
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          if (!spec.withoutHost) await this.host(instance, task);
          await Promise.all([spec.meanwhile?.(step), this.until(task.endsAt)]);
          this.mustBeCurrent(instance, task);
          if (!spec.withoutHost) await this.host(instance, task);
          await spec.finish?.(step);
          break;
        } catch (error) {
          this.mustBeCurrent(instance, task);
          if (spec.failed || attempt === TRIES) throw error;
          await this.until(this.core.now() + RETRY_MILLISECONDS);
          this.mustBeCurrent(instance, task);
        }
      }
    } catch (error) {
      if (error instanceof Superseded) throw error;
      this.giveUp(step, error as Error);
    }
    instance.tasks.shift();
    this.run(instance);
    this.core.changed();
  }

  private giveUp(step: Step, error: Error): void {
    const spec = specOf(step.task);
    if (spec.failed) return spec.failed(step, error);
    step.instance.resting = 'failed';
    if (step.task.snapshotId) this.core.backups.taken(step.task.snapshotId, 'failed');
    this.core.emit('failed', step.instance, error.message);
  }

  private mustBeCurrent(instance: Instance, task: Task): void {
    if (this.closed || instance.tasks[0] !== task) throw new Superseded();
  }

  /** Until no fault keeps the instance away. */
  private async host(instance: Instance, task: Task): Promise<void> {
    while (instance.held || (task.kind === 'promote' && instance.promotion === 'sticks')) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
      this.mustBeCurrent(instance, task);
    }
  }

  wake(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }

  private until(time: number): Promise<void> {
    return new Promise((resolve) => {
      this.core.props.clock.after(Math.max(0, time - this.core.now()), resolve);
    });
  }

  /** A database is asked one thing at a time, in the order of the calls. */
  inOrder(resourceId: string, call: () => Promise<void>): Promise<void> {
    const before = this.queues.get(resourceId) ?? Promise.resolve();
    const done = before
      .catch(() => undefined)
      .then(() => {
        if (this.closed) throw new Superseded();
        return call();
      });
    this.queues.set(resourceId, done);
    return done;
  }

  close(): void {
    this.closed = true;
    this.wake();
  }
}
