/** A plan as a report, for somebody who has to decide at night: what happened, what it comes to, what to do, then all of it. */
import type { Plan, PlanHead } from '../plan';
import { type Block, cell, type Inline } from './document';
import { changesOf } from './changes';
import { type PlanSummary, summaryOf } from './summary';
import { ANCHORS, moreThan } from './shared';
import { count, counted, lengthOf, moment, momentOf } from './times';
import { valueOf } from './values';
import { CONFLICTS, METHODS } from './words';

export interface ReportOptions {
  /** Where the plan file is, as it is typed. @default - `recovery/PLAN ID/plan.jsonl` */
  readonly path?: string;
  /** What else is typed with each command: `--trial`. */
  readonly options?: string;
  /** And with those that the controller answers. @default - the same */
  readonly controllerOptions?: string;
}

export function planReport(plan: Plan, options: ReportOptions = {}): Block[] {
  const summary = summaryOf(plan);
  const { head } = plan;
  return [
    { heading: `Recovery plan ${head.id}`, level: 1 },
    { paragraph: happened(head, summary) },
    ...gaps(head),
    facts(head, summary),
    { heading: 'What it comes to', level: 2 },
    classes(summary),
    ...(summary.tables.length > 0 ? [byTable(summary)] : []),
    { heading: 'What to do next', level: 2 },
    ...toDo(head, summary, options),
    ...changesOf(plan),
    ...split(summary),
    ...sequences(head),
    ...transactions(head),
  ];
}

function happened(
  { from, to, transactions, fork }: PlanHead,
  { interval, ...summary }: PlanSummary,
): Inline[] {
  const isNothing = summary.apply.all + summary.conflicts + summary.unrecoverable === 0;
  const known = transactions.length;
  const when = interval
    ? `, committed from ${moment(interval.first)} to ${moment(interval.last)} (${lengthOf(interval.first, interval.last)})`
    : '';
  const what =
    known > 0
      ? `${counted(known, 'transaction')} of ${from}${when}, never reached ${to}.`
      : `No transaction of ${from} is known that never reached ${to}.`;
  return [
    `In failover ${fork.epoch}, ${to} took over from ${from}, having received its history up to ${fork.lsn}. `,
    what,
    ...(isNothing ? [' ', { strong: 'Nothing is to be put back.' }] : []),
  ];
}

/** First of all: what nobody could see. */
const gaps = (head: PlanHead): Block[] =>
  head.gaps.length > 0 ? [{ warning: 'What could not be seen', list: head.gaps.map((gap) => [gap]) }] : [];

function facts(head: PlanHead, { interval }: PlanSummary): Block {
  const { fork } = head;
  const rows: [string, string][] = [
    ['Lost writes come from', `${head.from}, database ${head.database}`],
    ['They go to', `${head.to}, timeline ${head.timeline}`],
    ['Found', METHODS[head.method](head)],
    [
      'The histories part at',
      `${fork.lsn} on timeline ${fork.timeline}, snapshot ${fork.snapshot}, system ${fork.system}`,
    ],
    [
      'Last sign of life that was received',
      fork.heartbeatAt > 0 ? `${momentOf(fork.heartbeatAt)}, by the old primary's clock` : 'not known',
    ],
    [
      'Lost commits',
      interval ? `${moment(interval.first)} to ${moment(interval.last)}` : 'at times that are not known',
    ],
    ['This plan was made', moment(head.madeAt)],
  ];
  return {
    table: { head: ['', ''], rows: rows.map(([what, text]) => [cell({ strong: what }), cell(text)]) },
  };
}

function classes({ apply, kinds, conflicts, unrecoverable, alreadyHere }: PlanSummary): Block {
  const rows: [Inline, number, string][] = [
    [
      { strong: 'Put back' },
      apply.all,
      `${count(apply.insert)} inserted, ${count(apply.update)} updated, ${count(apply.delete)} deleted`,
    ],
    [
      { strong: 'Conflicts' },
      conflicts,
      conflicts > 0 ? 'both servers have something to say: yours to decide' : '',
    ],
    ...kinds.map(({ kind, count: number }): [Inline, number, string] => [
      `– ${kind}`,
      number,
      CONFLICTS[kind].means,
    ]),
    [
      { strong: 'Unrecoverable' },
      unrecoverable,
      unrecoverable > 0 ? 'findings, each with what a person can do' : '',
    ],
    [{ strong: 'Here already' }, alreadyHere, 'both servers have the same: nothing to do'],
  ];
  return {
    table: {
      head: ['Class', 'Changes', ''],
      rows: rows.map(([what, number, text]) => [cell(what), cell(count(number)), cell(text)]),
      numbers: [1],
    },
  };
}

const byTable = ({ tables }: PlanSummary): Block => ({
  table: {
    head: ['Table', 'Insert', 'Update', 'Delete', 'Conflicts', 'Unrecoverable'],
    rows: tables.map(({ table, apply, conflicts, unrecoverable }) => [
      cell(table === '' ? 'no table' : valueOf(table)),
      ...[apply.insert, apply.update, apply.delete, conflicts, unrecoverable].map((number) =>
        cell(number === 0 ? '–' : count(number)),
      ),
    ]),
    numbers: [1, 2, 3, 4, 5],
  },
});

function toDo(head: PlanHead, summary: PlanSummary, options: ReportOptions): Block[] {
  const { path = `recovery/${head.id}/plan.jsonl`, options: more, controllerOptions = more } = options;
  const command = (words: string, also = more) => `npm run recover -- ${words}${also ? ` ${also}` : ''}`;
  const { conflicts, unrecoverable } = summary;
  const steps: Block[] = [
    { paragraph: ['Try it: nothing is written, and it says what has changed since this plan was made.'] },
    { code: command(`apply ${path} --dry-run`), language: 'sh' },
    {
      paragraph: [
        'Put back what can be put back. It may be interrupted and begun again, and does nothing twice.',
        ...(conflicts > 0
          ? [
              ` Where there is a conflict (${count(conflicts)}), the new primary's version stays (`,
              { code: '--conflicts keep' },
              '), and the lost one is kept in the ledger; ',
              { code: '--conflicts replace' },
              ' writes the lost version over it, ',
              { code: '--conflicts skip' },
              ' leaves them open for another day.',
            ]
          : []),
      ],
    },
    { code: command(`apply ${path}`), language: 'sh' },
  ];
  if (unrecoverable > 0) {
    steps.push({
      paragraph: [
        `${counted(unrecoverable, 'finding')} can only be put back by hand: see under Unrecoverable. The old primary is still there to look at until recovery is done or waived.`,
      ],
    });
  }
  return [
    ...steps,
    {
      paragraph: [
        'Look where it stands, or give up what is left, with a reason that stays in the journal. After that the old primary is deleted, with a last snapshot.',
      ],
    },
    { code: `${command('status')}\n${command('waive --why "TEXT"', controllerOptions)}`, language: 'sh' },
  ];
}

/** As long as a person reads on. */
const MOST_TRANSACTIONS = 200;

function split({ split: all }: PlanSummary): Block[] {
  if (all.length === 0) return [];
  return [
    {
      heading: `Transactions of which only a part is put back (${count(all.length)})`,
      level: 2,
      id: ANCHORS.split,
    },
    {
      paragraph: [
        'They were one piece on the old primary. The rest of each is a conflict or cannot be put back: look whether the part makes sense without it.',
      ],
    },
    {
      table: {
        head: ['Transaction', 'Committed', 'Put back', 'Conflicts', 'Unrecoverable'],
        rows: all
          .slice(0, MOST_TRANSACTIONS)
          .map(({ id, committedAt, apply, conflicts, unrecoverable }) => [
            cell(valueOf(id)),
            cell(committedAt === undefined ? 'not known' : moment(committedAt)),
            ...[apply, conflicts, unrecoverable].map((number) => cell(count(number))),
          ]),
        numbers: [2, 3, 4],
        ...moreThan(all.length, MOST_TRANSACTIONS),
      },
    },
  ];
}

function sequences({ sequences: all }: PlanHead): Block[] {
  if (all.length === 0) return [];
  return [
    { heading: 'Sequences', level: 2 },
    { paragraph: ['Each is set past what either server has given out, never back.'] },
    {
      table: {
        head: ['Sequence', 'Old primary', 'New primary'],
        rows: all
          .slice(0, MOST_TRANSACTIONS)
          .map(({ name, old, present }) => [
            cell(valueOf(name)),
            ...[old, present].map((value) => cell(value ?? 'not used yet')),
          ]),
        numbers: [1, 2],
        ...moreThan(all.length, MOST_TRANSACTIONS),
      },
    },
  ];
}

function transactions({ transactions: all }: PlanHead): Block[] {
  if (all.length === 0) return [];
  return [
    { heading: `Lost transactions (${count(all.length)})`, level: 2 },
    {
      table: {
        head: ['Transaction', 'Committed', 'End of its commit record'],
        rows: all
          .slice(0, MOST_TRANSACTIONS)
          .map(({ id, committedAt, lsn }) => [
            cell(valueOf(id)),
            cell(committedAt === undefined ? 'not known' : moment(committedAt)),
            cell(lsn ?? 'not known'),
          ]),
        ...moreThan(all.length, MOST_TRANSACTIONS),
      },
    },
  ];
}
