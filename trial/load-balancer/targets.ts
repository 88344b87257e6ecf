/** The targets of one group: who is registered, who is fit, who has what in flight. */
import { check } from './check';
import { Connections } from './connections';
import type { Registration, TargetGroup } from './deployed';
import { type Health, INITIAL, type State, afterCheck } from './health';

export interface TargetView {
  /** EC2 instance id. */
  readonly id: string;
  readonly state: State;
  /** What its last bad health check found. */
  readonly reason?: string;
  /** Absent: its server has no address yet. */
  readonly address?: string;
  readonly port: number;
  /** Requests that have been sent to it, and those without an answer yet. */
  readonly requests: number;
  readonly inFlight: number;
}

export interface TargetsOptions {
  /** Loopback address of an instance; undefined: its server is not there. */
  readonly addressOf: (id: string) => string | undefined;
  /** Factor on intervals, health check time-outs and the deregistration delay. */
  readonly timeScale: number;
  readonly idleMillis: number;
  readonly onEvent: (sentence: string) => void;
}

/** However small the factor: a check more often would only be a load, and a time-out shorter a matter of chance. */
const LEAST_INTERVAL_MILLIS = 200;
const LEAST_TIMEOUT_MILLIS = 2_000;

export class Target {
  health: Health = INITIAL;
  requests = 0;
  inFlight = 0;
  connections?: Connections;
  timer?: NodeJS.Timeout;
  /** Called once nothing is in flight any more. */
  onIdle?: () => void;

  constructor(
    readonly id: string,
    readonly port: number,
  ) {}

  /** Counts a request until the function given back is called. */
  begin(): () => void {
    this.requests += 1;
    this.inFlight += 1;
    return () => {
      this.inFlight -= 1;
      if (this.inFlight === 0) this.onIdle?.();
    };
  }
}

export class Targets {
  private readonly known = new Map<string, Target>();
  private readonly draining = new Map<string, Target>();
  /** Ends of the draining. */
  private readonly gone = new Map<string, Promise<void>>();
  private turn = 0;

  constructor(
    private group: TargetGroup,
    private readonly options: TargetsOptions,
  ) {
    this.update(group);
  }

  /** Takes over what is registered now. */
  update(group: TargetGroup): void {
    this.group = group;
    const registered = new Map(group.targets.map((one) => [one.id, one]));
    for (const one of registered.values()) {
      if (!this.known.has(one.id) && !this.gone.has(one.id)) this.register(one);
    }
    for (const target of this.known.values()) if (!registered.has(target.id)) this.deregister(target);
  }

  /**
   * The next target for a request: of the healthy ones in turn; when there are only unhealthy ones, of those ("the load
   * balancer fails open"); never one that is still to pass its first health check, or drains.
   *
   * @param tried that could not be reached by this request
   */
  next(tried: ReadonlySet<Target> = new Set()): Target | undefined {
    const all = [...this.known.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const inState = (wanted: State) => all.filter(({ health }) => health.state === wanted);
    const healthy = inState('healthy');
    const fit = (healthy.length > 0 ? healthy : inState('unhealthy')).filter((one) => !tried.has(one));
    if (this.group.algorithm === 'least_outstanding_requests') {
      return fit.reduce<Target | undefined>((a, b) => (!a || b.inFlight < a.inFlight ? b : a), undefined);
    }
    return fit[this.turn++ % fit.length];
  }

  /** The connections to a target; undefined while it has no address. */
  connectionsOf(target: Target): Connections | undefined {
    const address = this.options.addressOf(target.id);
    if (!target.connections && address) {
      target.connections = new Connections(address, target.port, this.options.idleMillis);
    }
    return target.connections;
  }

  addressOf = (target: Target): string | undefined => this.options.addressOf(target.id);

  /** Resolves when the target is not registered, and its requests are answered or its delay is over. */
  deregistered = async (id: string): Promise<void> => this.gone.get(id);

  ids = (state: State): string[] => this.view().flatMap((one) => (one.state === state ? [one.id] : []));

  view(): TargetView[] {
    const draining = [...this.draining.values()];
    return [...this.known.values(), ...draining].map((target) => {
      const { id, port, requests, inFlight, health } = target;
      const { state, reason } = health;
      const address = this.addressOf(target);
      return { id, state, port, requests, inFlight, ...(reason && { reason }), ...(address && { address }) };
    });
  }

  close(): void {
    for (const target of [...this.known.values(), ...this.draining.values()]) {
      clearTimeout(target.timer);
      target.connections?.close();
    }
    this.known.clear();
  }

  private register({ id, port }: Registration): void {
    const target = new Target(id, port);
    this.known.set(id, target);
    void this.checkAgain(target);
  }

  /** Checks, and then again after the interval, until it is deregistered. */
  private async checkAgain(target: Target): Promise<void> {
    const { timeScale, onEvent } = this.options;
    const { healthCheck } = this.group;
    const begun = performance.now();
    const address = this.addressOf(target);
    const failure = address
      ? await check({
          address,
          port: healthCheck.port ?? target.port,
          path: healthCheck.path,
          codes: healthCheck.codes,
          timeoutMillis: Math.max(LEAST_TIMEOUT_MILLIS, healthCheck.timeoutSeconds * 1_000 * timeScale),
        })
      : 'its server does not run';
    if (this.known.get(target.id) !== target) return;
    const before = target.health.state;
    target.health = afterCheck(target.health, failure, healthCheck);
    const { state, reason } = target.health;
    if (state !== before) onEvent(`target ${target.id} is ${state}${reason ? `: ${reason}` : ''}`);
    const interval = Math.max(LEAST_INTERVAL_MILLIS, healthCheck.intervalSeconds * 1_000 * timeScale);
    const left = Math.max(0, interval - (performance.now() - begun));
    target.timer = setTimeout(() => void this.checkAgain(target), left);
  }

  /**
   * "If a deregistering target has no in-flight requests and no active connections, Elastic Load Balancing immediately
   * completes the deregistration process, without waiting for the deregistration delay to elapse."
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
   */
  private deregister(target: Target): void {
    clearTimeout(target.timer);
    this.known.delete(target.id);
    this.draining.set(target.id, target);
    target.health = { state: 'draining', against: 0 };
    const delay = this.group.deregistrationSeconds * 1_000 * this.options.timeScale;
    const done = new Promise<void>((resolve) => {
      if (target.inFlight === 0) return resolve();
      const timer = setTimeout(resolve, delay);
      target.onIdle = () => (clearTimeout(timer), resolve());
      target.timer = timer;
    }).then(() => {
      target.connections?.close();
      this.draining.delete(target.id);
      this.gone.delete(target.id);
    });
    this.gone.set(target.id, done);
  }
}
