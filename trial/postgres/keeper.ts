import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type User, programEnvironment } from './binaries';

export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Path of a file that what it says is added to. */
  readonly log: string;
  readonly user?: User;
}

export interface Kept {
  readonly pid: number;
  /** Resolves when it has ended, or when the keeper has and nobody watches it any more. */
  readonly ended: Promise<void>;
}

/** The client's end of keeper-process.mjs, which see: what it starts ends with this process, however that ends. */
export class Keeper {
  private readonly process: ChildProcess;
  private readonly exited: Promise<unknown>;
  private readonly waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  private readonly watched = new Map<number, () => void>();
  /** Of servers that ended before the answer to their start was looked at. */
  private readonly endedEarly = new Set<number>();
  private requests = 0;
  private isGone = false;

  constructor() {
    // Detached: Ctrl-C reaches the whole group, and the keeper must be the last to go.
    this.process = spawn(process.execPath, [join(__dirname, 'keeper-process.mjs')], {
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.exited = once(this.process, 'exit').then(() => this.lose());
    this.process.stdin!.on('error', () => undefined); // told by its exit
    createInterface({ input: this.process.stdout! }).on('line', (line) =>
      this.hear(JSON.parse(line) as Answer),
    );
  }

  get isAlive(): boolean {
    return !this.isGone;
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** @throws when the program cannot be run */
  async start(launch: Launch): Promise<Kept> {
    const { pid } = await this.ask({ do: 'start', env: programEnvironment(), ...launch });
    const ended = new Promise<void>((resolve) => {
      if (this.endedEarly.delete(pid!) || this.isGone) resolve();
      else this.watched.set(pid!, resolve);
    });
    return { pid: pid!, ended };
  }

  /** To a server that this keeper started; nothing happens when it has ended. */
  async signal(pid: number, signal: NodeJS.Signals, reach: 'itself' | 'tree' = 'itself'): Promise<void> {
    await this.ask({ do: 'signal', pid, signal, tree: reach === 'tree' });
  }

  /** Ends what an earlier keeper left running in a data directory; answers their process ids. */
  async clear(program: string, data: string): Promise<readonly number[]> {
    return (await this.ask({ do: 'clear', program, data })).pids!;
  }

  /** Removes the folder when this process has ended. */
  async removeAtEnd(folder: string): Promise<void> {
    await this.ask({ do: 'removeAtEnd', folder });
  }

  /** Ends all servers as a power cut would. */
  async end(): Promise<void> {
    this.process.stdin!.end();
    await this.exited;
  }

  private ask(request: object): Promise<Answer> {
    if (this.isGone) return Promise.reject(new Error('the keeper of the databases has ended'));
    const id = ++this.requests;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.process.stdin!.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }

  private hear(answer: Answer): void {
    if (answer.ended !== undefined) {
      const tell = this.watched.get(answer.ended);
      this.watched.delete(answer.ended);
      if (tell) tell();
      else this.endedEarly.add(answer.ended);
      return;
    }
    const waiting = this.waiting.get(answer.id!);
    this.waiting.delete(answer.id!);
    if (answer.error === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(answer.error));
  }

  private lose(): void {
    this.isGone = true;
    for (const { reject } of this.waiting.values())
      reject(new Error('the keeper of the databases has ended'));
    for (const tell of this.watched.values()) tell();
    this.waiting.clear();
    this.watched.clear();
  }
}

interface Answer {
  readonly id?: number;
  readonly error?: string;
  readonly pid?: number;
  readonly pids?: readonly number[];
  readonly ended?: number;
}
