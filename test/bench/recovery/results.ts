/** From what was measured to figures with goals and a table. Pure. */
import type { Figure, Section, Table } from '../figure';
import { median, pairwise } from '../figure';
import { quantity } from '../print';
import type { Judgement } from './judge';
import { LOST, TO_PUT_BACK } from './truth';

/** One tool on one table size, once a run. */
export interface Measured {
  readonly tool: string;
  readonly isOurs: boolean;
  /** Of those that are compared with: plain SQL is beside them. */
  readonly isPeer: boolean;
  readonly seconds: readonly number[];
  /** Of them, without the start of the program; empty where only the whole is known. */
  readonly workSeconds: readonly number[];
  /** Of the program; empty where nobody can tell. */
  readonly peakMiB: readonly number[];
  /** Of one server process. */
  readonly backendMiB: readonly number[];
  /** The worst of all runs. */
  readonly judgement: Judgement;
}

/** Of one table size. */
export interface Size {
  readonly rows: number;
  readonly measured: readonly Measured[];
  /** Peers that could not be measured, and why. */
  readonly missing: readonly { readonly tool: string; readonly why: string }[];
  /** What is wrong on the new primary after the apply, in sentences. */
  readonly faults: readonly string[];
}

const TIMES_FASTER = 10;
const MEMORY_MIB = 200;

/** `1 M`, `2,000`. */
export const rowsName = (rows: number): string =>
  rows % 1_000_000 === 0 ? `${rows / 1_000_000} M` : rows.toLocaleString('en-US');

export function figuresOf({ rows, measured, faults }: Size): Figure[] {
  const size = `${rowsName(rows)} rows`;
  const peers = measured.filter(({ isPeer }) => isPeer);
  // That of the same run: whichever was faster.
  const fastest = peers[0]?.seconds.map((_, run) => Math.min(...peers.map(({ seconds }) => seconds[run]!)));
  return [
    ...measured.flatMap(({ tool, isOurs, seconds, workSeconds }): Figure[] => [
      { name: `${size}: ${tool}`, unit: 's', values: seconds },
      ...(isOurs && workSeconds.length > 0
        ? [{ name: `${size}: of that without the start of Node`, unit: 's' as const, values: workSeconds }]
        : []),
    ]),
    ...measured
      .filter(({ isOurs }) => isOurs)
      .flatMap(({ tool, seconds, peakMiB, judgement }): Figure[] => [
        ...(fastest
          ? [
              {
                name: `${size}: the faster of ${peers.map(({ tool }) => tool).join(' and ')} to ${tool}`,
                unit: 'times' as const,
                values: pairwise(fastest, seconds, (peer, own) => peer / own),
                goal: { atLeast: TIMES_FASTER },
              },
            ]
          : []),
        ...(peakMiB.length > 0
          ? [
              {
                name: `${size}: ${tool}: memory at its peak`,
                unit: 'MiB' as const,
                values: peakMiB,
                goal: { atMost: MEMORY_MIB },
              },
            ]
          : []),
        count(`${size}: ${tool}: harmful repairs`, judgement.harmful),
        count(`${size}: ${tool}: lost changes missed`, judgement.missed),
      ]),
    count(`${size}: faults found on the new primary after the apply`, faults.length),
  ];
}

const count = (name: string, value: number): Figure => ({
  name,
  unit: 'changes',
  values: [value],
  goal: { atMost: 0 },
});

export function tableOf(sizes: readonly Size[]): Table {
  const middle = (values: readonly number[], unit: 's' | 'MiB') =>
    values.length > 0 ? quantity(median(values), unit) : '';
  return {
    columns: [
      { name: 'Rows', number: true },
      { name: 'Tool' },
      { name: 'Time', number: true },
      { name: 'Memory', number: true },
      { name: 'Of a backend', number: true },
      { name: `Correct, of ${TO_PUT_BACK}`, number: true },
      { name: 'Harmful', number: true },
      { name: 'Missed', number: true },
    ],
    rows: sizes.flatMap(({ rows, measured, missing }) => [
      ...measured.map(({ tool, seconds, peakMiB, backendMiB, judgement }) => [
        rowsName(rows),
        tool,
        middle(seconds, 's'),
        middle(peakMiB, 'MiB'),
        middle(backendMiB, 'MiB'),
        String(judgement.correct),
        String(judgement.harmful),
        String(judgement.missed),
      ]),
      ...missing.map(({ tool }) => [rowsName(rows), `${tool}: missing`, '', '', '', '', '', '']),
    ]),
  };
}

export function sectionOf(sizes: readonly Size[]): Section {
  const missing = new Set(sizes.flatMap(({ missing }) => missing.map(({ why }) => why)));
  return {
    part: 'recovery',
    title: `Recovery: ${LOST} lost changes`,
    about: [
      `A primary and its promoted replica, each PostgreSQL 17 with the same table. After the fork the old one has committed ${LOST} changes: ${TO_PUT_BACK} of them are to be put back; the others are in conflict with what the new one has written since (70 of 100 inserted keys were given out again), or are there all the same. All tools see the same two servers, one after the other, in each run. Time is that of the whole program, from its start to its end; ours is bundled as the Lambda is. The hash that pg_comparator wants of the servers is their own one, as Debian's is compiled for another version; on that version both take equally long. Plain SQL copies the table to the new primary through postgres_fdw first, which is in its time. A tool that only compares is judged by what it would do to make the new primary like the old one; harmful is what overwrites, deletes or brings back a row that the new primary has written. Of a backend: what one server process had of its own at most.`,
      ...missing,
    ].join(' '),
    figures: sizes.flatMap(figuresOf),
    table: tableOf(sizes),
  };
}
