/** What a load tells a person: a line a second, and a table at the end. */
import { clock, count, milliseconds, rate, seconds } from '../../lib/terminal/quantities';
import { WIDTH, cell, clean, cut, flowed, wrapped } from '../../lib/terminal/text';
import type { Audit } from './audit';
import type { Report } from './load';
import type { KindStats, LoadStats } from './tally';

/** Nothing acknowledged is missing, and nobody missed a write of his own. */
export const isSound = ({ ownReads, audit }: Report): boolean =>
  ownReads.stale === 0 && !('impossible' in audit) && isKept(audit);

export const isKept = ({ missing, doubled }: Audit): boolean => missing.length === 0 && doubled.length === 0;

/** The numbers since `before`, in one line. */
export function progress(now: LoadStats, before?: LoadStats): string {
  const since = Math.max(0.001, now.seconds - (before?.seconds ?? 0));
  const answered = ({ reads, writes }: LoadStats) => reads.succeeded + writes.succeeded;
  const failed = now.reads.failed + now.writes.failed;
  return cut(
    [
      `${now.seconds.toFixed(0).padStart(4)} s`,
      `${rate((answered(now) - (before ? answered(before) : 0)) / since).padStart(7)} answers/s`,
      `reads ${p95(now.reads)}`,
      `writes ${p95(now.writes)}`,
      `${count(failed)} failed`,
      `${count(now.ownReads.stale)} stale`,
    ].join('   '),
    WIDTH,
  );
}

const p95 = ({ p95: value }: KindStats) => (value === undefined ? '–' : milliseconds(value)).padEnd(6);

const LABEL = 24;

export function printedReport(report: Report): string[] {
  const { url, reads, writes, errors, servers, databases, ownReads, audit, seed, ledger } = report;
  const requests = reads.sent + writes.sent;
  const failures = Object.entries(errors).map(([kind, times]) => `${kind} ×${count(times)}`);
  return (
    [
      `${count(requests)} requests in ${seconds(report.seconds)} to ${url} (seed ${seed})`,
      '',
      row('', ['sent', 'failed', 'p50', 'p95', 'p99', 'longest gap']),
      ...kindRows('reads', reads),
      ...kindRows('writes', writes),
      '',
      ...labelled('Failures', failures.length > 0 ? failures : ['none']),
      ...labelled('Answered by server', shares(servers)),
      ...labelled('Reads from', shares(databases['other reads'])),
      ...labelled('Reads of own writes from', shares(databases['own reads'])),
      ...labelled('Writes to', shares(databases.writes)),
      '',
      ...labelled('Own writes read back', [`${count(ownReads.compared)}`, `${count(ownReads.stale)} stale`]),
      ...ownReads.examples.flatMap((example) => wrapped(example, WIDTH - 4).map((part) => `    ${part}`)),
      ...('impossible' in audit ? labelled('Acknowledged writes', [audit.impossible]) : printedAudit(audit)),
    ]
      .map((text) => cut(text.trimEnd(), WIDTH))
      // Whole, as it is to be copied.
      .concat(`${cell('Ledger', LABEL)}  ${ledger}`)
  );
}

/** The part on what became of the writes; also by itself, when a ledger is compared again. */
export function printedAudit({ acknowledged, there, missing, inDoubt, doubled }: Audit): string[] {
  const doubt = inDoubt.there + inDoubt.notThere;
  return [
    ...labelled('Acknowledged writes', [
      count(acknowledged),
      `${count(there)} there`,
      `${count(missing.length)} missing`,
    ]),
    ...missing
      .slice(0, EXAMPLES)
      .flatMap(({ write, kind, note, acknowledgedAt, server, database }) =>
        wrapped(
          `Missing: write ${write} (${kind} of note ${note}), which ${server ?? 'the site'} acknowledged at ${clock(acknowledgedAt)}${database ? ` from ${database}` : ''}.`,
          WIDTH - 4,
        ).map((part) => `    ${part}`),
      ),
    ...(missing.length > EXAMPLES
      ? [`    … and ${count(missing.length - EXAMPLES)} more: see the ledger.`]
      : []),
    ...(doubt === 0
      ? []
      : labelled('Not acknowledged', [
          count(doubt),
          `${count(inDoubt.there)} there all the same`,
          `${count(inDoubt.notThere)} not there`,
        ])),
    ...(doubled.length === 0 ? [] : labelled('Written twice', [`${count(doubled.length)} notes`])),
  ];
}

const EXAMPLES = 5;

function kindRows(name: string, { sent, failed, p50, p95, p99, longestGap }: KindStats): string[] {
  if (sent === 0) return [];
  const time = (value?: number) => (value === undefined ? '–' : milliseconds(value));
  const { milliseconds: length, from } = longestGap;
  const gap = `${milliseconds(length)} from ${from.toFixed(1)} s`;
  return [row(name, [count(sent), count(failed), time(p50), time(p95), time(p99), gap])];
}

const COLUMNS = [9, 9, 9, 9, 9, 20];

const row = (name: string, cells: readonly string[]): string =>
  cell(name, 10) + cells.map((text, index) => cell(text, COLUMNS[index]!, 'right')).join('');

function labelled(label: string, parts: readonly string[]): string[] {
  const lines =
    parts.length === 1 ? wrapped(parts[0]!, WIDTH - LABEL - 2) : flowed(parts, ', ', WIDTH - LABEL - 2);
  return lines.map((text, index) => `${cell(index === 0 ? label : '', LABEL)}  ${text}`);
}

function shares(counts: Readonly<Record<string, number>>): string[] {
  const total = Object.values(counts).reduce((sum, value) => sum + value, 0);
  const most = Object.entries(counts).sort(([, one], [, other]) => other - one);
  return most.length === 0
    ? ['nobody']
    : most.map(([name, value]) => `${clean(name)} ${((100 * value) / total).toFixed(1)} %`);
}
