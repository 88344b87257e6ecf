/** The process around a command: Ctrl-C, pipes that close, questions. */
import { hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Surroundings } from './surroundings';

/** Exit code of a program that a signal has ended: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const PROJECT = resolve(__dirname, '../..');

export function terminal(): Surroundings {
  const ending = new AbortController();
  /** The first time, what runs comes to its end and says so; the second time, at once. */
  const end = (code: number) => {
    if (ending.signal.aborted) process.exit(code);
    ending.abort();
  };
  for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => end(code));
  followStarter(() => end(SIGNALS.SIGTERM));

  // `history | head` is done when head is.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

  const { stdin, stdout, stderr, env } = process;
  const ask = async (question: string): Promise<string> => {
    const lines = createInterface({ input: stdin, output: stdout });
    // Else the interface keeps Ctrl-C to itself.
    lines.on('SIGINT', () => end(SIGNALS.SIGINT));
    try {
      return await lines.question(question, { signal: ending.signal });
    } catch {
      return ''; // Ctrl-C, or the end of the input: no
    } finally {
      lines.close();
    }
  };
  return {
    out: stdout,
    err: stderr,
    env,
    ask: stdin.isTTY && stdout.isTTY ? ask : undefined,
    signal: ending.signal,
    sleep: async (milliseconds, signal) => {
      await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
    },
    by: `${user(env)}@${hostname()}`,
    project: PROJECT,
    trial: resolve(PROJECT, '.trial'),
  };
}

/** npm passes a signal on to a shell, which keeps it: when that has ended, so does this. */
function followStarter(end: () => void): void {
  const starter = process.ppid;
  if (!process.env['npm_lifecycle_event']) return;
  const watching = setInterval(() => {
    if (process.ppid === starter) return;
    clearInterval(watching);
    end();
  }, 500).unref();
}

function user(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    return env['USER'] ?? 'somebody'; // a container whose user has no entry
  }
}
