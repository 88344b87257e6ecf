import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { removeState } from '../postgres/state';
import { run } from './run';
import type { Surroundings } from './surroundings';

/** Exit code of a program that a signal has ended: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

// The SDK in package-lock.json runs on Node 20; its advice on later ones is for whoever pins the next.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const ending = new AbortController();

/** The first time, what runs comes to its end and reports; the second time, at once. */
function end(code: number): void {
  if (ending.signal.aborted) process.exit(code);
  ending.abort();
}
for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => end(code));

// npm passes a signal on to a shell, which keeps it: when that has ended, so does this.
const starter = process.ppid;
if (process.env['npm_lifecycle_event']) {
  const watching = setInterval(() => {
    if (process.ppid === starter) return;
    clearInterval(watching);
    end(SIGNALS.SIGTERM);
  }, 500).unref();
}

// `status | head` is done when head is.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await lines.question(question, { signal: ending.signal });
  } catch {
    return ''; // Ctrl-C, or the end of the input: no
  } finally {
    lines.close();
  }
}

const surroundings: Surroundings = {
  folder: join(__dirname, '../../.trial'),
  out: process.stdout,
  err: process.stderr,
  env: process.env,
  ask: process.stdin.isTTY && process.stdout.isTTY ? ask : undefined,
  signal: ending.signal,
  // As root the databases may lie elsewhere (trial/postgres/state.ts).
  removeElsewhere: (folder) => removeState(join(folder, 'state')),
};

void run(process.argv.slice(2), surroundings).then((code) => {
  process.exitCode = code;
  // The interval and the signals hold nothing; what a pipe has not taken yet is still written.
  process.stdin.unref?.();
});
