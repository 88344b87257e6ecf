/** What becomes of a run's calls: the way to a service, and the faults of the moment. */
import { CallFailed } from '../../lambda/failover/ports';
import type { SimulatedClock } from './clock';
import type { Network } from './network';
import { between, type Random } from './random';
import type { CallFate, ChangeFate, RdsOperation, Service } from './schedule';

/** How long the adapters wait for an answer. */
export const CALL_MILLIS = 5_000;

interface CallFault {
  readonly service: Service;
  /** It alone. @default - all of them */
  readonly operation?: RdsOperation;
  readonly fate: CallFate;
  readonly share: number;
  readonly random: Random;
}

/** A run's end or rest, at a call that is counted down to. */
interface StepFault {
  left: number;
  readonly side: 'before' | 'after';
  meet(run: Interrupted): void;
}

/** A run, as faults see it. */
export interface Interrupted {
  /** It has ended, or stands still. */
  readonly isHindered: boolean;
  /** Resolves when the run may go on; never, when it has ended. */
  goOn(): Promise<void>;
  crash(): void;
  pause(milliseconds: number): void;
}

/** What a call is. */
interface What {
  readonly isChange?: boolean;
  readonly operation?: RdsOperation;
}

const OF_CHANGES: readonly CallFate[] = [
  'denied',
  'invalid',
  'wrong-state',
  'accepted, not done',
] satisfies ChangeFate[];

/** A call that nobody waits for any more. */
export const never = new Promise<never>(() => undefined);

export class Calls {
  private readonly faults = new Set<CallFault>();
  private readonly steps = new Set<StepFault>();

  constructor(
    private readonly clock: SimulatedClock,
    private readonly network: Network,
  ) {}

  /** @returns what takes it back */
  add(fault: CallFault): () => void {
    this.faults.add(fault);
    return () => void this.faults.delete(fault);
  }

  atStep(step: StepFault): () => void {
    this.steps.add(step);
    return () => void this.steps.delete(step);
  }

  /** Before and after each call of a run. @returns what it must wait for; mostly nothing, as there are many calls */
  pass(run: Interrupted, side: 'before' | 'after'): Promise<void> | undefined {
    for (const step of this.steps) {
      if (step.side !== side || --step.left > 0) continue;
      this.steps.delete(step);
      step.meet(run);
    }
    return run.isHindered ? run.goOn() : undefined;
  }

  private fateOf(
    service: Service,
    { isChange = false, operation }: What,
  ): { fate: CallFate; random?: Random } | undefined {
    if (this.network.isWhole && this.faults.size === 0) return undefined;
    if (this.network.blocked('controller', service)) return { fate: 'unanswered, not done' };
    for (const { service: of, operation: only = operation, fate, share, random } of this.faults) {
      if (of !== service || only !== operation || (!isChange && OF_CHANGES.includes(fate))) continue;
      if (random() < share) return { fate, random };
    }
    return undefined;
  }

  /**
   * One call of a service. `work` is what the service does: it throws as the port does.
   * @throws CallFailed
   */
  async make<T>(service: Service, work: () => T | Promise<T>, what: What = {}): Promise<T> {
    const met = this.fateOf(service, what);
    return met ? this.meet(met, service, work) : work();
  }

  private async meet<T>(
    met: { fate: CallFate; random?: Random },
    service: Service,
    work: () => T | Promise<T>,
  ): Promise<T> {
    const { clock } = this;
    const some = () => between(met.random ?? (() => 0.5), 300, CALL_MILLIS - 500);
    switch (met.fate) {
      case 'fails':
        throw new CallFailed('failed', `${service} has failed`);
      case 'throttled':
        throw new CallFailed('throttled', `${service}: too many requests`);
      case 'denied':
      case 'invalid':
      case 'wrong-state':
        throw new CallFailed(met.fate, `${service} says that this is ${met.fate}`);
      case 'accepted, not done':
        // Whoever asks for a change goes by what he sees afterwards, and not by the answer.
        return {} as T;
      case 'slow':
        await clock.sleep(some());
        return work();
      case 'unanswered, done': {
        const delay = some();
        await clock.sleep(delay);
        await Promise.resolve()
          .then(work)
          .catch(() => undefined);
        await clock.sleep(CALL_MILLIS - delay);
        throw new CallFailed('timeout', `${service} has not answered`);
      }
      case 'unanswered, not done':
        await clock.sleep(CALL_MILLIS);
        throw new CallFailed('timeout', `${service} has not answered`);
    }
  }
}
