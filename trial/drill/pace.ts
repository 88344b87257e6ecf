/** How much slower the machine is than it can be, while a drill runs: what else it does, and how many share it. */
import { Worker } from 'node:worker_threads';

/**
 * A thread of its own does the same small piece of work once a second, some 30 ms of it, and tells how long that took by
 * the clock and how much of a processor it had.
 */
const WORK = `
  const { parentPort } = require('node:worker_threads');
  const { createHash } = require('node:crypto');
  const piece = Buffer.alloc(2 ** 20);
  setInterval(() => {
    const begun = performance.now();
    const before = process.threadCpuUsage?.() ?? process.cpuUsage();
    for (let times = 0; times < 24; times++) createHash('sha256').update(piece).digest();
    const spent = process.threadCpuUsage?.(before) ?? process.cpuUsage(before);
    parentPort.postMessage({ took: performance.now() - begun, worked: (spent.user + spent.system) / 1000 });
  }, 1000);
`;

/** Milliseconds of one piece of work. */
export interface Sample {
  /** By the clock. */
  readonly took: number;
  /** Of a processor. */
  readonly worked: number;
}

/** Of the samples, so many are faster than what counts: a drill is as slow as the machine is in its worst seconds. */
const SHARE = 0.75;

/**
 * How many times as long everything takes as on this machine alone: 1 and more. The least time of a processor that the work
 * has needed in this run is what it needs alone.
 */
export function slowness(samples: readonly Sample[]): number {
  if (samples.length === 0) return 1;
  const alone = Math.min(...samples.map(({ worked, took }) => Math.min(worked, took)));
  const times = samples.map(({ took }) => took).sort((one, other) => one - other);
  const typical = times[Math.min(times.length - 1, Math.floor(SHARE * times.length))]!;
  return Math.max(1, typical / Math.max(alone, Number.EPSILON));
}

/** Measures until it is stopped. */
export class Pace {
  private readonly samples: Sample[] = [];
  private readonly worker = new Worker(WORK, { eval: true });

  constructor() {
    this.worker.on('message', (sample: Sample) => void this.samples.push(sample));
    this.worker.unref();
  }

  /** @returns how slow the machine was meanwhile */
  async stop(): Promise<number> {
    await this.worker.terminate();
    return slowness(this.samples);
  }
}
