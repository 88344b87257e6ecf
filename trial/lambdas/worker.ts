import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Processes } from '../processes';
import type { Deployed } from './deployed';

/** What one run of a function came to. The payload is JSON text: the answer, or Lambda's form of an error. */
export type Outcome =
  | { readonly kind: 'returned'; readonly payload: string }
  | {
      readonly kind: 'failed' | 'timed out';
      readonly payload: string;
      readonly errorType: string;
      readonly errorMessage: string;
    };

const BOOTSTRAP = join(__dirname, 'bootstrap.mjs');

/** Node's own heap must end before the function's memory does; the rest is buffers and code. */
const HEAP_SHARE = 0.9;

interface Answer {
  readonly id: string;
  readonly payload?: string;
  readonly error?: { readonly errorType: string; readonly errorMessage: string };
  /** It ends now. */
  readonly last?: boolean;
}

export interface WorkerOptions {
  readonly processes: Processes;
  /** With the unpacked code. */
  readonly folder: string;
  /** All of the process's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** What it writes is added to this file. */
  readonly logFile: string;
}

/** A process that holds one function, ready for the next event: Lambda's execution environment. */
export class Worker {
  private readonly child: ChildProcess;
  private ended = false;

  constructor(
    readonly deployed: Deployed,
    { processes, folder, environment, logFile }: WorkerOptions,
  ) {
    const log = openSync(logFile, 'a');
    const heap = `--max-old-space-size=${Math.floor(deployed.memoryMib * HEAP_SHARE)}`;
    this.child = processes.start(process.execPath, [heap, BOOTSTRAP], {
      cwd: folder,
      env: { ...environment },
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.child.on('error', () => (this.ended = true));
    this.child.on('exit', () => (this.ended = true));
    this.child.on('disconnect', () => (this.ended = true));
  }

  get isAlive(): boolean {
    return !this.ended;
  }

  /** Handles one event; at the function's time limit the process is killed. One at a time. */
  async run(id: string, event: unknown): Promise<Outcome> {
    const { deployed, child } = this;
    const deadline = Date.now() + deployed.timeoutMillis;
    let stop = () => {};
    const outcome = new Promise<Outcome>((resolve) => {
      const onMessage = (answer: Answer) => {
        this.ended ||= answer.last === true;
        resolve(
          answer.error ? failed('failed', answer.error) : { kind: 'returned', payload: answer.payload! },
        );
      };
      const onExit = () => {
        // Its last words may still be on the way.
        if (child.connected) return void child.once('disconnect', onExit);
        const { exitCode, signalCode } = child;
        const how = signalCode ? `signal: ${signalCode}` : `exit status ${exitCode}`;
        const errorMessage = `RequestId: ${id} Error: Runtime exited with error: ${how}`;
        resolve(failed('failed', { errorType: 'Runtime.ExitError', errorMessage }));
      };
      const onError = ({ message }: Error) =>
        resolve(failed('failed', { errorType: 'Runtime.ExitError', errorMessage: message }));
      const timer = setTimeout(() => {
        const seconds = (deployed.timeoutMillis / 1_000).toFixed(2);
        const errorMessage = `RequestId: ${id} Error: Task timed out after ${seconds} seconds`;
        resolve(failed('timed out', { errorType: 'Sandbox.Timedout', errorMessage }));
        this.end();
      }, deployed.timeoutMillis);
      child.on('message', onMessage).once('exit', onExit).once('error', onError);
      stop = () => {
        clearTimeout(timer);
        child.off('message', onMessage).off('exit', onExit).off('error', onError).off('disconnect', onExit);
      };
      if (this.ended) return onExit();
      const context = {
        deadline,
        functionName: deployed.name,
        functionVersion: '$LATEST',
        invokedFunctionArn: deployed.arn,
        memoryLimitInMB: String(deployed.memoryMib),
        logGroupName: deployed.logGroup,
        logStreamName: String(child.pid),
      };
      // A process that is gone tells by its exit.
      child.send({ id, event, context }, () => undefined);
    });
    try {
      return await outcome;
    } finally {
      stop();
    }
  }

  /** Ends the process and what it has started; no answer comes from it any more. */
  end(): void {
    if (this.ended || this.child.pid === undefined) return;
    this.ended = true;
    try {
      // Processes are leaders of their groups (trial/processes.ts).
      if (process.platform === 'win32') this.child.kill('SIGKILL');
      else process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself in the meantime.
    }
  }
}

/** @param error in Lambda's form: errorType, errorMessage, trace */
export const failed = (
  kind: 'failed' | 'timed out',
  error: { readonly errorType: string; readonly errorMessage: string },
): Outcome => ({
  kind,
  payload: JSON.stringify(error),
  errorType: error.errorType,
  errorMessage: error.errorMessage,
});
