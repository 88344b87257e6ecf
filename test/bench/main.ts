import { type BenchArguments, HELP, PARTS, parseArguments } from './arguments';
import { BenchFailure } from './failure';
import type { Section } from './figure';
import { machine } from './machine';
import { json, printed } from './print';
import { Programs } from './programs';

const programs = new Programs();

/** `npm run bench`: the figures on standard output, what is going on on standard error. */
async function main({ help, parts, runs, form }: BenchArguments): Promise<void> {
  if (help) {
    console.log(HELP);
    return;
  }
  const say = (text: string) => console.error(text);
  const sections: Section[] = [];
  for (const part of parts) sections.push(await PARTS.get(part)!({ programs, runs, say }));
  const report = { machine: machine(), runs, sections };
  if (form !== 'json') console.error();
  console.log(form === 'json' ? json(report) : printed(report, form === 'markdown'));
}

let ending: Promise<never> | undefined;

/** Ends all that was started, then this process, with the code of whoever asked first. */
function end(code: number): Promise<never> {
  return (ending ??= programs.end().then(() => process.exit(code)));
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
    await main(parseArguments(process.argv.slice(2)));
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
