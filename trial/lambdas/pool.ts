import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import type { Deployed } from './deployed';
import { type Outcome, type Worker, failed } from './worker';

export type Invocation = Outcome | { readonly kind: 'throttled' };

/** What is known of one function's runs, for the view of the trial. */
export interface FunctionFacts {
  readonly name: string;
  /** Runs that began, retries among them; throttled ones did not. */
  readonly invocations: number;
  /** Of these: failed or timed out. */
  readonly errors: number;
  readonly timeouts: number;
  readonly throttles: number;
  readonly running: number;
  /** Processes that wait for the next event. */
  readonly warm: number;
  /** ISO 8601; of the last run that began. */
  readonly lastStart?: string;
  /** Of the last run that ended. */
  readonly lastDurationMillis?: number;
  /** Of the last run that ended. */
  readonly lastOutcome?: Outcome['kind'];
  /** Of the last run that failed: `errorType: errorMessage`. */
  readonly lastError?: string;
}

/** The quota of concurrent runs in a new account (Lambda developer guide, "Lambda quotas"). */
const ACCOUNT_CONCURRENCY = 10;

/** How long a process waits for the next event. Lambda does not say; minutes have been seen. */
const KEPT_WARM_MS = 5 * 60_000;

export interface PoolOptions {
  readonly name: string;
  readonly logFile: string;
  /** Fetches the code where it is missing, and starts a process. */
  readonly start: (deployed: Deployed) => Promise<Worker>;
}

/** The processes of one function: as many as there are events at once, within the limit, and used again. */
export class Pool {
  private readonly idle: Worker[] = [];
  /** When each was put back, as the timer that ends it. */
  private readonly lastUse = new WeakMap<Worker, NodeJS.Timeout>();
  private readonly counts = { invocations: 0, errors: 0, timeouts: 0, throttles: 0, running: 0 };
  private readonly running = new Set<Worker>();
  private mostAtOnce = ACCOUNT_CONCURRENCY;
  private last: Pick<FunctionFacts, 'lastStart' | 'lastDurationMillis' | 'lastOutcome' | 'lastError'> = {};

  constructor(private readonly options: PoolOptions) {}

  /** @param deployed as it is now; processes of an earlier deployment are not used again */
  async invoke(deployed: Deployed, event: unknown, id: string = randomUUID()): Promise<Invocation> {
    this.mostAtOnce = deployed.reservedConcurrency ?? ACCOUNT_CONCURRENCY;
    if (this.counts.running >= this.mostAtOnce) {
      this.counts.throttles++;
      return { kind: 'throttled' };
    }
    this.counts.running++;
    this.counts.invocations++;
    const begin = Date.now();
    this.last = { ...this.last, lastStart: new Date(begin).toISOString() };
    this.log(`START RequestId: ${id} Version: $LATEST`);
    try {
      const outcome = await this.run(deployed, event, id);
      this.last = { ...this.last, lastOutcome: outcome.kind };
      if (outcome.kind !== 'returned') this.noteFailure(outcome);
      return outcome;
    } finally {
      this.counts.running--;
      const millis = Date.now() - begin;
      this.last = { ...this.last, lastDurationMillis: millis };
      this.log(`END RequestId: ${id}`);
      this.log(`REPORT RequestId: ${id} Duration: ${millis} ms Memory Size: ${deployed.memoryMib} MB`);
    }
  }

  private async run(deployed: Deployed, event: unknown, id: string): Promise<Outcome> {
    try {
      const worker = this.takeIdle(deployed) ?? (await this.options.start(deployed));
      this.running.add(worker);
      const outcome = await worker.run(id, event).finally(() => this.running.delete(worker));
      this.keep(worker);
      return outcome;
    } catch (error) {
      // The code cannot be had: the emulator is gone, or what was deployed is no zip file.
      const { message } = error as Error;
      return failed('failed', { errorType: 'ServiceException', errorMessage: message });
    }
  }

  get isWorking(): boolean {
    return this.counts.running > 0;
  }

  /** Ends what runs, as a lost machine does. @returns whether anything ran */
  kill(): boolean {
    const victims = [...this.running];
    for (const worker of victims) worker.end();
    return victims.length > 0;
  }

  facts(): FunctionFacts {
    const warm = this.idle.filter(({ isAlive }) => isAlive).length;
    return { name: this.options.name, ...this.counts, warm, ...this.last };
  }

  private takeIdle(deployed: Deployed): Worker | undefined {
    for (let worker = this.idle.pop(); worker; worker = this.idle.pop()) {
      if (worker.isAlive && isSame(worker.deployed, deployed)) return worker;
      worker.end();
    }
    return undefined;
  }

  private keep(worker: Worker): void {
    if (!worker.isAlive) return;
    this.idle.push(worker);
    const end = () => {
      const index = this.idle.indexOf(worker);
      if (index < 0 || this.lastUse.get(worker) !== timer) return; // it is, or has been, in use again
      this.idle.splice(index, 1);
      worker.end();
    };
    const timer = setTimeout(end, KEPT_WARM_MS).unref();
    this.lastUse.set(worker, timer);
  }

  private noteFailure(outcome: Exclude<Outcome, { kind: 'returned' }>): void {
    this.counts.errors++;
    if (outcome.kind === 'timed out') this.counts.timeouts++;
    this.last = { ...this.last, lastError: `${outcome.errorType}: ${outcome.errorMessage}` };
    this.log(this.last.lastError!);
  }

  private log(line: string): void {
    appendFileSync(this.options.logFile, `${line}\n`);
  }
}

/** Whether a process of the one can go on for the other: code, environment and limits. */
const isSame = (one: Deployed, other: Deployed): boolean => {
  // The link to the code is signed anew each time; how many may run, and retries, are no matter of the process.
  const lasting = ({ codeUrl: _, reservedConcurrency: __, asynchronous: ___, ...rest }: Deployed) =>
    JSON.stringify(rest);
  return lasting(one) === lasting(other);
};
