/** Where recovery stands, from the journal: for people, and the same as JSON. */
import type { Memory, Retired } from '../../lambda/failover/memory';
import type { Stored } from '../../lambda/failover/ports';
import { FORK, type Fork } from '../../lambda/recovery/fork';
import type { RunStatus } from '../../lambda/recovery/ledger';
import { type RunState, SILENT_MILLIS } from '../../lambda/recovery/run-state';
import { count, seconds } from '../../lib/terminal/quantities';
import { WIDTH, clean, cut, wrapped } from '../../lib/terminal/text';
import { nameOf } from '../failover/timeline';
import { silenceOf } from '../failover/view';
import { progressLine } from './progress-line';
import { typed } from './words';

/** Times are milliseconds since 1970. */
export interface WaitingView {
  readonly resourceId: string;
  readonly identifier: string;
  readonly epoch: number;
  readonly recovery: Retired['recovery'];
  readonly since: number;
  readonly why?: string;
  /** Absent: no client ever wrote to it. For `plan --fork`. */
  readonly fork?: Fork;
}

export interface RecoveryView {
  readonly site?: string;
  readonly at: number;
  readonly warnings: readonly string[];
  /** Old primaries that wait for recovery. */
  readonly waiting: readonly WaitingView[];
  /** Old primaries whose recovery is decided, and that are not gone yet. */
  readonly leaving: readonly WaitingView[];
  readonly runs: readonly RunState[];
  /** Of the new primary, where that was asked for. */
  readonly ledger?: readonly RunStatus[];
}

export function viewOf(site: string, stored: Stored, runs: readonly RunState[], now: number): RecoveryView {
  const { memory } = stored;
  const silence = silenceOf(stored, now);
  const all = memory?.retired.map((one) => waitingOf(memory, one)) ?? [];
  return {
    site,
    at: now,
    warnings:
      silence === undefined
        ? []
        : [
            `The controller has given no sign of life for ${seconds(silence / 1000)}: what follows is that old.`,
          ],
    waiting: all.filter(({ recovery }) => recovery === 'needed'),
    leaving: all.filter(({ recovery }) => recovery !== 'needed'),
    runs,
  };
}

function waitingOf(memory: Memory, { resourceId, epoch, recovery, since, why, fork }: Retired): WaitingView {
  return {
    ...{ resourceId, identifier: nameOf(memory, resourceId), epoch, recovery, since },
    ...(why !== undefined && { why }),
    ...(fork && { fork: FORK.parse(fork) }),
  };
}

export const momentUtc = (millis: number): string =>
  `${new Date(millis).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** Beside others, so many are enough. */
const MOST_RUNS = 10;

/** @param options what is typed with each command */
export function printedView(
  { site, at, warnings, waiting, leaving, runs, ledger }: RecoveryView,
  options: string,
): string[] {
  const isFollowed = site !== undefined;
  return [
    ...warnings.flatMap((text) => wrapped(text, WIDTH)),
    ...(isFollowed
      ? [
          `${site}: ${waiting.length === 0 ? 'no old primary waits' : waiting.length === 1 ? 'an old primary waits' : `${waiting.length} old primaries wait`} for recovery`,
        ]
      : []),
    ...waiting.flatMap((one) => waitingLines(one, waiting.length > 1, options)),
    ...leaving.flatMap(({ identifier, epoch, recovery, why }) =>
      wrapped(
        `${identifier} (epoch ${epoch}): recovery ${recovery}; it is being deleted${why === undefined ? '' : ` (${why})`}`,
        WIDTH - 2,
      ).map((text) => `  ${text}`),
    ),
    ...(runs.length > 0 ? ['', 'Runs of the function'] : []),
    ...runs.slice(0, MOST_RUNS).flatMap((run) => runLines(run, at)),
    ...(runs.length > MOST_RUNS
      ? [`  … and ${count(runs.length - MOST_RUNS)} earlier ones (--json shows them)`]
      : []),
    ...(ledger ? ledgerLines(ledger, isFollowed) : []),
  ];
}

function waitingLines(
  { identifier, epoch, since, fork }: WaitingView,
  isOneOfSeveral: boolean,
  options: string,
): string[] {
  const choice = isOneOfSeveral ? `--epoch ${epoch}` : '';
  return [
    '',
    `  ${identifier}, in quarantine since ${momentUtc(since)} (epoch ${epoch})`,
    ...(fork
      ? [
          `    fork      ${fork.lsn} on timeline ${fork.timeline}`,
          `    last beat ${fork.heartbeatAt > 0 ? momentUtc(fork.heartbeatAt) : 'not known'}`,
          `    next      ${typed('plan', choice, options)}`,
        ]
      : ['    It never took a write: nothing is to be recovered from it.']),
    `    or        ${typed('waive', choice, '--why "…"', options)}`,
  ];
}

function runLines(run: RunState, now: number): string[] {
  const { request, state, startedAt, plan, problem, progress, updatedAt } = run;
  const isKilled = state === 'running' && now - updatedAt > SILENT_MILLIS;
  const what = isKilled ? `silent for ${seconds((now - updatedAt) / 1000)}` : state;
  const text =
    problem ??
    (plan
      ? `${plan.id}: ${count(plan.apply)} to put back, ${count(plan.conflicts)} conflicts, ${count(plan.unrecoverable)} unrecoverable, ${count(plan.alreadyHere)} here already`
      : state === 'running' && progress
        ? progressLine(progress, 0, 0)
        : appliedText(run));
  return [
    cut(`  ${request.run}  ${what}, begun ${momentUtc(startedAt)} by ${clean(request.by)}`, WIDTH),
    ...(text ? wrapped(text, WIDTH - 6).map((part) => `      ${part}`) : []),
  ];
}

function appliedText({ request, applied, ...rest }: RunState): string {
  const { sentence } = rest as { sentence?: string };
  if (request.kind !== 'apply' || !applied) return sentence ?? '';
  const { counts = {}, isDryRun } = applied as { counts?: Record<string, number>; isDryRun?: boolean };
  const told = Object.entries(counts).map(([outcome, number]) => `${count(number)} ${outcome}`);
  return `${request.plan}${isDryRun ? ' (dry run)' : ''}: ${told.join(', ') || 'nothing'}${sentence ? `. ${sentence}` : ''}`;
}

function ledgerLines(ledger: readonly RunStatus[], isBelow: boolean): string[] {
  const head = [...(isBelow ? [''] : []), 'Ledger of the new primary'];
  if (ledger.length === 0) return [...head, '  Nothing was ever put back here.'];
  return [
    ...head,
    ...ledger.slice(0, MOST_RUNS).flatMap(({ plan, begunAt, finishedAt, outcomes, changes }) => {
      const told = Object.entries(outcomes).map(([outcome, number]) => `${count(number)} ${outcome}`);
      const when =
        finishedAt === undefined ? 'not finished' : `finished ${momentUtc(Date.parse(finishedAt))}`;
      return [
        `  ${plan}`,
        `      begun ${momentUtc(Date.parse(begunAt))}, ${when}`,
        ...wrapped(`${told.join(', ') || 'nothing'}, of ${count(changes)} changes`, WIDTH - 6).map(
          (part) => `      ${part}`,
        ),
      ];
    }),
  ];
}
