/** Invocations of the controller's function, as EventBridge and Lambda make them. */
import { type RunOptions, run } from '../../lambda/failover/run';
import { type Interrupted, never } from './calls';
import { portsOf } from './ports';
import { between } from './random';
import type { World } from './world';

/** Between two starts; each looks on until shortly before the next. */
const EVERY_MILLIS = 60_000;
const LENGTH_MILLIS = 55_000;

/** Lambda ends a function after its timeout; paused ones go on for a while, as no clock is frozen with them. */
const TIMEOUT_MILLIS = 150_000;

/** Clocks of two hosts differ by as much. */
const SKEW_MILLIS = 2_000;

/** One invocation. */
export class Run implements Interrupted {
  isEnded = false;
  readonly owner: string;
  /** What its clock shows more than the world's. */
  readonly skewMillis: number;
  private rest?: Promise<void>;
  /** It stands still: another may be started beside it. */
  isPaused = false;

  constructor(
    private readonly world: World,
    readonly number: number,
  ) {
    this.owner = `run-${number}`;
    this.skewMillis = between(world.random.runs, -SKEW_MILLIS, SKEW_MILLIS);
  }

  get isHindered(): boolean {
    return this.isEnded || this.rest !== undefined;
  }

  async goOn(): Promise<void> {
    if (this.rest) await this.rest;
    if (this.isEnded) await never;
  }

  /** Its process is gone in the middle of what it did. */
  crash(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.world.note(`${this.owner} crashes`);
  }

  pause(milliseconds: number): void {
    if (this.isEnded || this.rest) return;
    this.isPaused = true;
    this.world.note(`${this.owner} stands still for ${Math.round(milliseconds / 1000)} s`);
    this.rest = this.world.clock.sleep(milliseconds).then(() => {
      delete this.rest;
      this.isPaused = false;
    });
  }

  /** @param length milliseconds in which it begins rounds */
  start(length: number): void {
    const { world } = this;
    const { clock, policy, controller } = world;
    clock.after(TIMEOUT_MILLIS, () => this.crash());
    const options: RunOptions = {
      ports: controller.ports?.(portsOf(world, this), this) ?? portsOf(world, this),
      policy: controller.policy?.(policy) ?? policy,
      owner: this.owner,
      until: clock.now() + this.skewMillis + length,
      ...(controller.decide && { decide: controller.decide }),
    };
    (controller.run ?? run)(options).then(
      (outcome) => {
        this.isEnded = true;
        if (outcome !== 'ended') world.note(`${this.owner}: ${outcome}`);
      },
      (error: unknown) => {
        this.isEnded = true;
        world.thrown(this.owner, error);
      },
    );
  }
}

/** A calm minute needs two looks only, so that lag is seen as always, unless a lease has to be waited for. */
const lengthIn = ({ isCalm, journal, policy }: World): number =>
  isCalm && journal.owner === undefined ? policy.probeIntervalMillis + 1 : LENGTH_MILLIS;

/** Starts a run every minute, unless one is under way: on AWS it would wait for the lease of that one, and look sooner. */
export class Starter {
  private number = 0;
  private runs: Run[] = [];

  constructor(private readonly world: World) {
    const tick = () => {
      this.runs = this.runs.filter(({ isEnded }) => !isEnded);
      if (this.runs.every(({ isPaused }) => isPaused)) this.start(lengthIn(world));
      world.clock.after(EVERY_MILLIS, tick);
    };
    world.clock.after(1_000, tick);
  }

  start(length = LENGTH_MILLIS): void {
    const run = new Run(this.world, ++this.number);
    this.runs.push(run);
    run.start(length);
  }
}
