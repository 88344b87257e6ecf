import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Load, startLoad } from '../load/load';
import { DEFAULTS, LIMITS, type LoadOptions, siteUrl } from '../load/options';
import { isKept, isSound, printedAudit, printedReport, progress } from '../load/print';
import { checkLedger } from '../load/read-back';
import type { LoadStats } from '../load/tally';
import { runningTrial } from '../view/source';
import { EXIT, type Surroundings } from './surroundings';
import { readNumber, readTime, readWholeNumber } from './units';
import { UsageFailure } from '../../lib/terminal/usage';
import { readWords } from './words';

export const LOAD_HELP = `npm run trial -- load [options]   reads and writes, and what became of them

  --for TIME        how long (default: ${DEFAULTS.seconds}s); Ctrl-C ends it with the report
  --rate NUMBER     requests a second, however fast the site is (default: ${DEFAULTS.rate})
  --writes PERCENT  share of the requests that write (default: ${DEFAULTS.writes * 100}%)
  --clients NUMBER  visitors; one half writes and reads back (default: ${DEFAULTS.clients})
  --url URL         the site, on this machine (default: the running trial's)
  --seed NUMBER     the same seed asks for the same (default: a new one)
  --json            the report as JSON, progress on standard error
  --check FILE      no load: compares the ledger of an earlier one with the
                    notes that are there now, as after a recovery

Every write is in a ledger, .trial/load-….jsonl, before it is sent and again
when it is acknowledged. The exit code is 1 when an acknowledged write is
missing or doubled, or when a visitor did not read his own write.`;

const LONGEST = { millis: LIMITS.seconds * 1000, name: `${LIMITS.seconds / 60}min` };

/** @throws UsageFailure */
export function parseLoad(args: readonly string[]) {
  const { values, flags } = readWords('load', args, {
    values: ['for', 'rate', 'writes', 'clients', 'url', 'seed', 'check'],
    flags: ['json'],
  });
  const { for: time, rate, writes, clients, seed, url, check } = values;
  const given = <T>(value: string | undefined, read: (text: string) => T): T | undefined =>
    value === undefined ? undefined : read(value);
  const seconds = given(time, (text) => readTime(text, LONGEST) / 1000) ?? DEFAULTS.seconds;
  if (seconds === 0) throw new UsageFailure('--for 0 is no load: write a time such as 30s.');
  return {
    isJson: flags.has('json'),
    url: given(url, siteUrl)?.origin,
    check,
    seconds,
    rate: given(rate, (text) => readNumber('rate', text, 0.1, LIMITS.rate)) ?? DEFAULTS.rate,
    writes:
      given(writes, (text) => readNumber('writes', text.replace(/%$/, ''), 0, 100) / 100) ?? DEFAULTS.writes,
    clients:
      given(clients, (text) => readWholeNumber('clients', text, 1, LIMITS.clients)) ?? DEFAULTS.clients,
    seed: given(seed, (text) => readWholeNumber('seed', text, 0, 2 ** 32 - 1)),
  };
}

export async function load(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { isJson, check, url: given, seed = Math.floor(Math.random() * 1e6), ...asked } = parseLoad(args);
  const { folder, out, err, signal } = surroundings;
  const url = given ?? runningTrial(folder).site;
  if (check !== undefined) {
    const audit = await checkLedger(check, url);
    out.write(`${(isJson ? [JSON.stringify(audit, null, 2)] : printedAudit(audit)).join('\n')}\n`);
    return isKept(audit) ? EXIT.fine : EXIT.failed;
  }
  const options: LoadOptions = { ...asked, url, seed, folder };
  const running = startLoad(options);
  await follow(running, isJson ? err : out, signal);
  const report = await running.stop();
  const ledger = relative('', report.ledger);
  const lines = isJson ? [JSON.stringify(report, null, 2)] : ['', ...printedReport({ ...report, ledger })];
  out.write(`${lines.join('\n')}\n`);
  return isSound(report) ? EXIT.fine : EXIT.failed;
}

/** A line a second, until all is sent or somebody wants the end. */
async function follow(
  running: Load,
  to: { write(text: string): unknown },
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort();
  void running.sent.then(end);
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  let before: LoadStats | undefined;
  while (!over.signal.aborted) {
    await sleep(1000, undefined, { signal: over.signal }).catch(() => undefined);
    if (over.signal.aborted) break;
    const now = running.stats();
    to.write(`${progress(now, before)}\n`);
    before = now;
  }
  signal.removeEventListener('abort', end);
}
