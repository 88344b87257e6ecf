import { TrialFailure } from '../failure';
import { HELP, parseArguments, type SimulateArguments } from './arguments';
import type { Done } from './batch';
import { simulateAll } from './crew';
import { progress } from './progress';
import { violationText } from './report';
import { SCENARIOS } from './scenarios';
import { shrink } from './shrink';
import { simulate } from './simulate';
import { emptyTally, merge, summaryOf, summaryText } from './summary';

/** `npm run simulate`: the summary on standard output, what is going on on standard error. */
async function main(wanted: SimulateArguments, ended: AbortSignal): Promise<number> {
  if (wanted.help) {
    console.log(HELP);
    return 0;
  }
  const tally = emptyTally();
  const failed: number[] = [];
  const shown = progress(wanted.schedules);
  const begun = performance.now();
  const onDone = (done: Done) => {
    merge(tally, done.tally);
    failed.push(...done.failed);
    for (const text of done.texts) console.error(text);
    shown.at(tally.schedules);
  };
  await simulateAll(wanted, onDone, ended);
  shown.end();
  const seconds = (performance.now() - begun) / 1000;

  const [seed] = failed.sort((one, other) => one - other);
  const violation = seed === undefined ? undefined : await explained(wanted, seed);
  const summary = summaryOf(tally);
  if (wanted.json) {
    const { scenario, seed: first } = wanted;
    console.log(
      JSON.stringify({ scenario, seed: first, seconds, summary, violation: violation?.result }, undefined, 2),
    );
    if (violation) console.error(`\n${violation.text}`);
  } else {
    console.log(summaryText(summary));
    console.log(
      `\n${seconds.toFixed(1)} s, ${((1000 * seconds) / Math.max(1, tally.schedules)).toFixed(1)} ms a schedule`,
    );
    console.log(violation ? `\n${violation.text}` : '\nWhat must hold has held at every step.');
  }
  return violation ? 1 : 0;
}

async function explained({ scenario }: SimulateArguments, seed: number) {
  const original = await simulate(SCENARIOS[scenario].schedule(seed));
  console.error(`Seed ${seed} breaks point ${original.violation?.number}; its schedule is made smaller …`);
  const smallest = await shrink(original);
  const { violation, schedule } = smallest;
  const option = scenario === 'any' ? '' : ` --scenario ${scenario}`;
  return {
    text: violationText(original, smallest, option),
    result: { seed, ...violation, smallest: schedule },
  };
}

/** Exit code of a program that a signal has ended: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

async function run(): Promise<void> {
  const ending = new AbortController();
  let code: number | undefined;
  const end = (signal: keyof typeof SIGNALS) => {
    // The second time at once.
    if (code !== undefined) process.exit(code);
    code = SIGNALS[signal];
    ending.abort();
  };
  for (const signal of Object.keys(SIGNALS) as (keyof typeof SIGNALS)[])
    process.on(signal, () => end(signal));
  // npm passes a signal on to a shell, which keeps it: when that has ended, so does this.
  const starter = process.ppid;
  if (process.env['npm_lifecycle_event']) {
    setInterval(() => process.ppid !== starter && end('SIGTERM'), 500).unref();
  }
  try {
    const found = await main(parseArguments(process.argv.slice(2)), ending.signal);
    process.exit(code ?? found);
  } catch (error) {
    if (!(error instanceof TrialFailure)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

void run();
