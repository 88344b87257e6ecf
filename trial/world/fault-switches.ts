import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../control/contract';
import type { Fault as CallFault } from '../rds/protocol/faults';

type EventFault = Extract<Fault, { kind: 'events' }>['how'];
type ApiFault = Extract<Fault, { kind: 'api' }>['how'];

/** Events are documented as best effort, and possibly minutes late: this much is enough to be seen. */
const LATE_MILLIS = 20_000;
const SLOW_MILLIS = 5_000;

/** Faults of the APIs and of the events between services: switched on, they hold until they are switched off. */
export class FaultSwitches {
  private events: EventFault = 'deliver';
  private waiting: (() => void)[] = [];
  private readonly calls = new Map<string, ApiFault>();

  setEvents(how: EventFault): void {
    this.events = how;
    if (how !== 'unordered') for (const pass of this.waiting.splice(0).reverse()) pass();
  }

  /** @param operation of RDS, or `*` for all */
  setCalls(operation: string, how: ApiFault): void {
    if (how === 'work') this.calls.delete(operation);
    else this.calls.set(operation, how);
  }

  /** Hands `event` on, late, twice out of order, or not at all. */
  pass<T>(event: T, deliver: (event: T) => void): void {
    switch (this.events) {
      case 'deliver':
        return deliver(event);
      case 'late':
        return void sleep(LATE_MILLIS, undefined, { ref: false }).then(() => deliver(event));
      case 'unordered':
        // Two at a time, the later one first.
        this.waiting.push(() => deliver(event));
        if (this.waiting.length === 2) for (const pass of this.waiting.splice(0).reverse()) pass();
        return;
      case 'drop':
        return;
    }
  }

  ofCall(operation: string): CallFault | undefined {
    switch (this.calls.get(operation) ?? this.calls.get('*')) {
      case 'fail':
        return { kind: 'fail' };
      case 'throttle':
        return { kind: 'throttle' };
      case 'slow':
        return { kind: 'delay', milliseconds: SLOW_MILLIS };
      default:
        return undefined;
    }
  }

  heal(): void {
    this.setEvents('deliver');
    this.calls.clear();
  }

  /** A sentence for each that holds. */
  sentences(): string[] {
    return [
      ...(this.events === 'deliver' ? [] : [`events: ${this.events}`]),
      ...[...this.calls].map(([operation, how]) => `${operation === '*' ? 'every call' : operation}: ${how}`),
    ];
  }
}
