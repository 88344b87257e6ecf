import { type BenchArguments, HELP, PARTS, parseArguments } from './arguments';
import { BenchFailure } from './failure';
import type { Section } from './figure';
import { machine } from './machine';
import { json, printed } from './print';
import { Programs } from './programs';

// The SDK in package-lock.json runs on Node 20; its advice on later ones is for whoever pins the next.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const programs = new Programs();
const stopping = new AbortController();

/** `npm run bench`: the figures on standard output, what is going on on standard error. */
async function main({ help, parts, runs, hours, rows, form }: BenchArguments): Promise<void> {
  if (help) {
    console.log(HELP);
    return;
  }
  const say = (text: string) => console.error(text);
  const sections: Section[] = [];
  const { signal } = stopping;
  for (const part of parts)
    sections.push(await PARTS.get(part)!({ programs, runs, hours, rows, signal, say }));
  const report = { machine: machine(), runs, sections };
  if (form !== 'json') console.error();
  console.log(form === 'json' ? json(report) : printed(report, form === 'markdown'));
}

let measuring: Promise<void> = Promise.resolve();
let ending: Promise<never> | undefined;

/** Ends all that was started, then this process, with the code of whoever asked first. */
function end(code: number): Promise<never> {
  const ended = async () => {
    stopping.abort();
    await programs.end();
    // A trial of its own is ended by who has started it.
    await measuring.catch(() => undefined);
    return process.exit(code);
  };
  return (ending ??= ended());
}

/** Exit code of a program that a signal has ended: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => void end(code));

// npm passes a signal on to a shell, which keeps it: when that has ended, so does this.
const starter = process.ppid;
if (process.env['npm_lifecycle_event']) {
  setInterval(() => process.ppid !== starter && void end(SIGNALS.SIGTERM), 500).unref();
}

async function run(): Promise<void> {
  try {
    await (measuring = main(parseArguments(process.argv.slice(2))));
    await end(0);
  } catch (error) {
    if (ending) return; // what was under way has failed because it was ended
    const known = error instanceof BenchFailure;
    console.error(
      `\n${known ? error.message : `The benchmark failed unforeseen: ${(error as Error).stack}`}`,
    );
    await end(1);
  }
}

void run();
