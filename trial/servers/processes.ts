/** Programs that end with the trial, however it ends. */
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, closeSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface ProgramOptions {
  /** A line for /bin/sh: as the unit that boot.sh writes starts it. */
  readonly command: string;
  readonly folder: string;
  /** All of it: nothing comes from the caller's. */
  readonly environment: Readonly<Record<string, string>>;
  /** Standard output and error are appended to it. */
  readonly logFile: string;
}

export interface Program {
  readonly pid: number;
  /** What ended it, as a person says it: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  /** To it and to all that it has started, as systemd does. No error when nothing is left. */
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL when it has not ended after so many milliseconds; resolves when it has. */
  stop(patienceMillis: number): Promise<void>;
}

export interface Keeper {
  /** @throws when there is no /bin/sh, no folder, or no more processes */
  start(options: ProgramOptions): Promise<Program>;
  /** Ends the keeper, and with SIGKILL whatever it has started and still runs. */
  close(): Promise<void>;
}

/**
 * Waits for a word before it becomes the program: by then the keeper knows of it, so that there is no moment at which
 * the trial could end and leave it behind. The shell is bash where there is one, as on Amazon Linux: the last program of
 * the line takes its place and gets its signals.
 */
const WAIT_AND_BECOME =
  'read -r go || exit 1; command -v bash >/dev/null && exec bash -c "$0" </dev/null; exec sh -c "$0" </dev/null';

/** One shell for all programs, in a session of its own: Ctrl-C does not reach it. */
export function startKeeper(): Keeper {
  const shell = spawn('/bin/sh', [join(__dirname, 'keeper.sh')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const gone = new Promise<void>((resolve) => {
    shell.once('exit', () => resolve());
    shell.once('error', () => resolve());
  });
  shell.stdin.on('error', () => undefined); // it has ended: so the trial's end is near
  const tell = (line: string) =>
    new Promise<void>((resolve, reject) =>
      shell.stdin.write(`${line}\n`, (error) => (error ? reject(error) : resolve())),
    );

  return {
    async start({ command, folder, environment, logFile }) {
      mkdirSync(dirname(logFile), { recursive: true });
      const log = openSync(logFile, 'a');
      const child = spawn('/bin/sh', ['-c', WAIT_AND_BECOME, command], {
        cwd: folder,
        env: environment,
        detached: true, // a group of its own
        stdio: ['pipe', log, log],
      });
      closeSync(log);
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', () => resolve());
        child.once('error', reject);
      });
      const pid = child.pid!;
      const ended = new Promise<string>((resolve) =>
        child.once('exit', (code, signal) => {
          resolve(signal ?? `exit code ${code}`);
          tell(`- ${pid}`).catch(() => undefined);
        }),
      );
      child.stdin!.on('error', () => undefined); // it was killed before it had begun
      const signal = (name: NodeJS.Signals) => {
        try {
          process.kill(-pid, name);
        } catch {
          // Nothing of it is left.
        }
      };
      await tell(`+ ${pid}`).catch((error: unknown) => {
        signal('SIGKILL');
        throw error;
      });
      child.stdin!.end('go\n');
      return {
        pid,
        ended,
        signal,
        async stop(patienceMillis) {
          signal('SIGTERM');
          signal('SIGCONT'); // one that is frozen has to hear it
          const timer = setTimeout(() => signal('SIGKILL'), patienceMillis);
          await ended;
          clearTimeout(timer);
        },
      };
    },
    async close() {
      shell.stdin.end();
      await gone;
    },
  };
}
