import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What happens to packets on a path of the network.
 *
 * - `pass`: they arrive.
 * - `drop`: they vanish, as behind a cut cable: nothing arrives, nobody is told. When they pass again, what was under
 *   way arrives, as TCP sends it again.
 * - a delay in milliseconds, each way. What is under way at once is bounded, as by a TCP window: a delay costs
 *   throughput too.
 */
export type Passage = 'pass' | 'drop' | { readonly delayMillis: number };

/** A part of the network whose passage can be changed while connections use it. */
export class Path {
  private current: Passage = 'pass';
  private waiting: (() => void)[] = [];

  get passage(): Passage {
    return this.current;
  }

  set(passage: Passage): void {
    this.current = passage;
    if (passage !== 'drop') this.wake();
  }

  /** Resolves when something that is sent now has got through. */
  async passed(): Promise<void> {
    while (this.current === 'drop') await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (typeof this.current === 'object') await sleep(this.current.delayMillis);
  }

  private wake(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Resolves when something that is sent now has got through all of `paths`. */
export async function through(paths: readonly Path[]): Promise<void> {
  for (const path of paths) await path.passed();
  // A later part of the way may have been cut while an earlier one was waited for, and the other way round.
  if (paths.some((path) => path.passage === 'drop')) await through(paths);
}
