/** Time that passes only when everything of a moment has happened. */
import type { Clock } from '../rds/ports';

/** Sunday, 2026-11-22, 12:00 UTC: no backup window is near. */
export const START = Date.UTC(2026, 10, 22, 12);

interface Timer {
  readonly at: number;
  readonly order: number;
  /** Absent when it was taken back. */
  run?: () => void;
}

const isBefore = (one: Timer, other: Timer) =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

/** A queue of what is to happen, as a binary heap: a schedule has some ten thousand events. */
export class SimulatedClock implements Clock {
  private readonly heap: Timer[] = [];
  private time = START;
  private order = 0;

  now = (): number => this.time;

  after(milliseconds: number, run: () => void): () => void {
    const timer: Timer = { at: this.time + Math.max(0, milliseconds), order: this.order++, run };
    this.push(timer);
    return () => {
      delete timer.run;
    };
  }

  sleep = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => void this.after(milliseconds, resolve));

  /** Lets the next thing happen, and all that waits for nothing but promises. False: there is none before `end`. */
  async step(end: number): Promise<boolean> {
    for (;;) {
      const next = this.heap[0];
      if (!next || next.at > end) {
        this.time = Math.max(this.time, end);
        return false;
      }
      this.pop();
      if (!next.run) continue;
      this.time = next.at;
      next.run();
      await settled();
      return true;
    }
  }

  private push(timer: Timer): void {
    const { heap } = this;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = timer;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}

/** So often the process hears of signals and messages. */
const TURNS = 2_000;
let turns = 0;

/**
 * After everything that waits for nothing but promises: Node calls what was given to nextTick when no promise's
 * callback is left (Node.js guide, "The Node.js event loop"). A turn of the event loop would do as well, and takes longer.
 */
export const settled = (): Promise<void> =>
  new Promise((resolve) => {
    if (++turns % TURNS === 0) setImmediate(resolve);
    else process.nextTick(resolve);
  });
