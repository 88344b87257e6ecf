/** What a drill came to, for a terminal: timeline, what clients saw, what was lost, and the promises. Pure. */
import { clock, count, milliseconds, seconds } from '../../lib/terminal/quantities';
import { WIDTH, cell, clean, cut, flowed, line, wrapped } from '../../lib/terminal/text';
import type { KindStats } from '../load/tally';
import { gaps, losses } from './clients-saw';
import type { Evidence, Verdict } from './drill';
import { excuse, type Outcome, outcomeOf } from './outcome';
import { failedShare } from './print-share';
import type { DrillReport } from './run';
import { type Span, failoverOf, milestones, spans } from './timeline';

export interface PrintOptions {
  readonly colour: boolean;
  /** Also each line of the journal. */
  readonly isVerbose: boolean;
}

export function printedReport(
  { drill, about, evidence, verdicts }: DrillReport,
  options: PrintOptions,
): string[] {
  const { colour, isVerbose } = options;
  const title = line([{ text: drill, tone: 'strong' }, `   ${about}`], colour);
  return [
    title,
    '',
    ...printedSpans([...spans(evidence), ...gaps(evidence)], evidence, colour),
    '',
    ...printedMilestones(evidence),
    '',
    ...clientsLines(evidence),
    ...lossLines(evidence),
    ...(isVerbose ? ['', ...journalLines(evidence)] : []),
    '',
    ...verdicts.flatMap((verdict) => verdictLines(verdict, colour, evidence.slowness)),
  ];
}

const NAME = 15;
const BAR = 44;

/** Bars over the seconds since the fault, one below the other. */
export function printedSpans(
  all: readonly Span[],
  { faultAt, endedAt }: Pick<Evidence, 'faultAt' | 'endedAt'>,
  colour: boolean,
): string[] {
  const length = Math.max(1, endedAt - faultAt, ...all.map(({ to }) => to - faultAt));
  const column = (at: number) => Math.round((Math.max(0, at - faultAt) / length) * BAR);
  return all.map(({ what, from, to, isGap }) => {
    const [begin, end] = [Math.min(column(from), BAR - 1), column(to)];
    const bar = (isGap ? '░' : '█').repeat(Math.max(1, end - begin));
    const times = `${since(from, faultAt).padStart(6)} – ${since(to, faultAt).padStart(6)} s  `;
    const tone = isGap ? 'wrong' : 'good';
    return line([cell(what, NAME), times, ' '.repeat(begin), { text: bar, tone }], colour);
  });
}

/** Seconds; what was a moment before, too. */
const since = (at: number, faultAt: number): string =>
  ((at - faultAt) / 1000).toFixed(1).replace('-0.0', '0.0');

function printedMilestones(evidence: Evidence): string[] {
  const { faultAt } = evidence;
  return milestones(evidence).flatMap(({ at, what, text }) => {
    const head = `${`+${since(at, faultAt)}`.padStart(7)} s  ${cell(what, NAME)}  `;
    const parts = wrapped(text, WIDTH - head.length);
    return parts.slice(0, 2).map((part, index) => (index === 0 ? head : ' '.repeat(head.length)) + part);
  });
}

const LABEL = 12;

const labelled = (label: string, parts: readonly string[]): string[] =>
  flowed(parts, ', ', WIDTH - LABEL).map((text, index) => cell(index === 0 ? label : '', LABEL) + text);

function clientsLines({ load, loadBegunAt, faultAt }: Evidence): string[] {
  const { reads, writes, errors, databases } = load;
  const kind = ({ longestGap: { milliseconds: length, from }, ...stats }: KindStats) => [
    `${failedShare(stats as KindStats)} failed`,
    `longest gap ${milliseconds(length)} from ${since(loadBegunAt + from * 1000, faultAt)} s on`,
    ...(stats.p95 === undefined ? [] : [`95 % within ${milliseconds(stats.p95)}`]),
  ];
  const failures = Object.entries(errors).map(([name, times]) => `${name} ×${count(times)}`);
  return [
    ...labelled('reads', kind(reads)),
    ...labelled('writes', kind(writes)),
    ...labelled('errors', failures.length > 0 ? failures : ['none']),
    ...labelled('read from', shares(databases['other reads'])),
    ...labelled('written to', shares(databases.writes)),
  ];
}

const shares = (counts: Readonly<Record<string, number>>): string[] => {
  const parts = Object.entries(counts).map(([name, times]) => `${clean(name)} ${count(times)}`);
  return parts.length > 0 ? parts : ['nobody'];
};

/** Of more, the ledger tells. */
const EXAMPLES = 3;

function lossLines(evidence: Evidence): string[] {
  const { load, faultAt } = evidence;
  const { audit, ledger } = load;
  if ('impossible' in audit) return labelled('lost', [audit.impossible]);
  const from = evidence.before.databases.find(({ role }) => role === 'primary')?.identifier;
  const { missing, unexplained } = losses(evidence, from)!;
  const fork = failoverOf(evidence)?.fork;
  const parts = [
    `${count(missing.length)} of ${count(audit.acknowledged)} acknowledged writes are missing`,
    ...(missing.length === 0 ? [] : [`${missing.length - unexplained.length} of them past the fork`]),
    ...(audit.inDoubt.there + audit.inDoubt.notThere === 0
      ? []
      : [`${audit.inDoubt.there} not acknowledged, and there all the same`]),
  ];
  return [
    ...labelled('lost', parts),
    ...missing
      .slice(0, EXAMPLES)
      .map(({ write, kind, note, acknowledgedAt, database }) =>
        cut(
          `${' '.repeat(LABEL)}write ${write} (${kind} of note ${note}), acknowledged at ${since(acknowledgedAt, faultAt)} s by ${database ?? 'the site'}`,
          WIDTH,
        ),
      ),
    ...(fork
      ? labelled('fork', [`${fork.lsn} on timeline ${fork.timeline}`, `snapshot ${fork.snapshot}`])
      : []),
    cell('ledger', LABEL) + ledger,
  ];
}

function journalLines({ entries, faultAt }: Evidence): string[] {
  return entries.flatMap(({ at, epoch, phase, what, evidence }) => [
    cut(`${`+${since(at, faultAt)}`.padStart(7)} s  epoch ${epoch} ${phase}: ${what}`, 2 * WIDTH),
    ...evidence.map((sentence) => cut(`             ${sentence}`, 2 * WIDTH)),
  ]);
}

const MARKS = {
  kept: { text: '✓', tone: 'good' },
  broken: { text: '✗', tone: 'wrong' },
  undecided: { text: '–', tone: 'change' },
} as const;

/** @param slowness of the machine in that run: 1 is alone */
export function verdictLines(verdict: Verdict, colour: boolean, slowness: number): string[] {
  const outcome = outcomeOf(verdict, slowness);
  const found = outcome === 'undecided' ? `${verdict.found}; ${excuse(slowness)}` : verdict.found;
  return [
    line([MARKS[outcome], ` ${verdict.promise}`], colour),
    ...wrapped(found, WIDTH - 4).map((part) => `    ${part}`),
  ];
}

/** Of several drills, a line each. */
export function printedSummary(reports: readonly DrillReport[]): string[] {
  return reports.map(({ drill, verdicts, evidence }) => {
    const of = (outcome: Outcome) =>
      verdicts.filter((verdict) => outcomeOf(verdict, evidence.slowness) === outcome);
    const [broken] = of('broken');
    const [late] = of('undecided');
    const took = seconds((evidence.endedAt - evidence.faultAt) / 1000);
    const mark = MARKS[broken ? 'broken' : 'kept'].text;
    const what = broken
      ? `broken: ${broken.promise}`
      : `${of('kept').length} promises kept${late ? `; slow machine: ${late.promise}` : ''}`;
    return cut(`${mark} ${cell(drill, 28)} ${cell(took, 8, 'right')}  ${what}`, WIDTH);
  });
}

/** The report for programs: without what the ledger has anyway. */
export const asJson = (reports: readonly DrillReport[]): string =>
  JSON.stringify(
    reports.map(({ drill, about, verdicts, evidence }) => {
      const { faultAt, loadBegunAt, endedAt, slowness, memories, load, entries, before, after } = evidence;
      const timeline = milestones(evidence).map(({ at, what, text }) => ({
        seconds: (at - evidence.faultAt) / 1000,
        at: clock(at),
        what,
        text,
      }));
      return {
        drill,
        about,
        verdicts,
        ...{ faultAt, loadBegunAt, endedAt, slowness, timeline, spans: spans(evidence) },
        failover: failoverOf(evidence),
        ...{ load, entries, memories, before, after },
      };
    }),
    null,
    2,
  );
