import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchFailure } from './failure';

/** How long a program may take to end when it is asked to: `npm start` ends an emulator of its own first. */
const PATIENCE_MS = 10_000;

/** How often the peak of memory is looked at; Linux keeps it until the process has ended. */
const LOOK_EVERY_MS = 50;

export interface Command {
  /** For a person: `npm test`. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** One run of a program. */
export interface Run {
  /** From its start until it had ended and closed its output. */
  readonly seconds: number;
  /** The most memory that the process itself (not its children) held at once; absent where there is no /proc. */
  readonly peakMiB?: number;
  /** On standard output. */
  readonly output: string;
  /** On standard output and standard error. */
  readonly said: string;
}

/**
 * Runs and times programs, and gives them folders to write to. Each is a process group of its own, so that Ctrl-C
 * reaches this process alone, which then ends them all and removes the folders.
 */
export class Programs {
  private readonly children = new Set<ChildProcess>();
  private readonly root = mkdtempSync(join(tmpdir(), 'bench-'));

  /** A new empty folder, gone at the end. */
  folder(): string {
    return mkdtempSync(join(this.root, 'run-'));
  }

  /** @throws BenchFailure when the program cannot be started or does not end with exit code 0 */
  async time({ name, program, args, cwd, env }: Command): Promise<Run> {
    let output = '';
    let said = '';
    let peakKiB: number | undefined;
    const begun = performance.now();
    const child = spawn(program, args, {
      cwd,
      env: { ...surroundings(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      // npm is a script on Windows, which only a shell starts; no argument here needs quoting.
      shell: process.platform === 'win32' && program === 'npm',
    });
    this.children.add(child);
    const look = setInterval(() => (peakKiB = peakOf(child.pid) ?? peakKiB), LOOK_EVERY_MS);
    child.stdout.on('data', (data) => ((output += data), (said += data)));
    child.stderr.on('data', (data) => (said += data));
    try {
      const code = await new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (status, signal) => resolve(status ?? signal));
      });
      const seconds = (performance.now() - begun) / 1000;
      if (code !== 0)
        throw new BenchFailure(`${name} ended with ${code}, so it says nothing:\n${last(said)}`);
      return { seconds, output, said, ...(peakKiB && { peakMiB: peakKiB / 1024 }) };
    } catch (error) {
      if (error instanceof BenchFailure) throw error;
      throw new BenchFailure(`${name} could not be started: ${(error as Error).message}.`);
    } finally {
      clearInterval(look);
      this.children.delete(child);
    }
  }

  /** Ends what runs, with whatever it has started, and removes the folders. */
  async end(): Promise<void> {
    const groups = [...this.children].map(({ pid }) => pid).filter((pid) => pid !== undefined);
    for (const group of groups) signal(group, 'SIGTERM');
    const left = () => groups.filter((group) => signal(group, 0));
    for (const until = Date.now() + PATIENCE_MS; left().length > 0 && Date.now() < until;) await sleep(20);
    for (const group of left()) signal(group, 'SIGKILL');
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** @returns whether the process group `group` is there */
function signal(group: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(process.platform === 'win32' ? group : -group, name);
  } catch {
    return false; // it has ended by itself
  }
}

/**
 * The environment of a person's own terminal: without what npm adds for the script that runs this, without settings
 * that would change what is measured, and without credentials, with which the CDK CLI would ask AWS for the account.
 */
function surroundings(): NodeJS.ProcessEnv {
  const foreign = /^(npm_(lifecycle|package|command|execpath|node_execpath)|INIT_CWD|TS_NODE_|CDK_|AWS_)/;
  const kept = Object.entries(process.env).filter(([key]) => !foreign.test(key));
  return {
    ...Object.fromEntries(kept),
    // Each of these would measure the network.
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
  };
}

/** In KiB; VmHWM, proc_pid_status(5). */
function peakOf(pid: number | undefined): number | undefined {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes);
  } catch {
    return undefined; // not Linux, or just ended
  }
}

const last = (said: string): string => said.trimEnd().split('\n').slice(-30).join('\n');
