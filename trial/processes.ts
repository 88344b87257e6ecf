import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a program may take to end when it is asked to. */
const PATIENCE_MS = 3_000;

/**
 * The programs of one trial. Each is a process group of its own, so that Ctrl-C reaches this process alone, and so that
 * ending one ends whatever it has started.
 */
export class Processes {
  private readonly children = new Set<ChildProcess>();
  private ending = false;

  start(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    if (this.ending) throw new Error('the trial is ending');
    const child = spawn(command, args, { ...options, detached: process.platform !== 'win32' });
    this.children.add(child);
    child.once('error', () => this.children.delete(child));
    child.once('exit', () => this.children.delete(child));
    return child;
  }

  /** Ends all of them; resolves when none is left. */
  async endAll(): Promise<void> {
    this.ending = true;
    const left = () => [...this.children].filter((child) => child.exitCode === null && !child.signalCode);
    for (const child of left()) signal(child, 'SIGTERM');
    for (const end = Date.now() + PATIENCE_MS; left().length > 0 && Date.now() < end;) await sleep(20);
    for (const child of left()) signal(child, 'SIGKILL');
    while (left().length > 0) await sleep(20);
  }
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(name);
    else process.kill(-child.pid, name);
  } catch {
    // It has ended by itself in the meantime.
  }
}
