/** What a plan comes to, on a terminal. */
import type { Operation, Plan } from '../../lambda/recovery/plan';
import { summaryOf } from '../../lambda/recovery/report/summary';
import { counted } from '../../lambda/recovery/report/times';
import { visible } from '../../lambda/recovery/report/values';
import { count } from '../../lib/terminal/quantities';
import { WIDTH, cell, cut, wrapped } from '../../lib/terminal/text';

const METHODS = { slot: 'by its slot', rows: 'by rows', restore: 'by rows of a restore' } as const;

/** So many tables; the report has them all. */
const MOST_TABLES = 20;

export function printedPlan(plan: Plan): string[] {
  const { head } = plan;
  const { apply, conflicts, kinds, unrecoverable, alreadyHere, split, tables } = summaryOf(plan);
  const line = (number: number, text: string) => `${count(number).padStart(10)}  ${text}`;
  return [
    ...wrapped(
      `${head.id}: what ${head.from} had and ${head.to} has not, found ${METHODS[head.method]}`,
      WIDTH,
    ),
    '',
    line(apply.all, apply.all > 0 ? `put back: ${operations(apply)}` : 'put back'),
    ...indented(
      line(
        conflicts,
        conflicts > 0
          ? `conflicts: ${kinds.map(({ kind, count: number }) => `${count(number)} ${kind}`).join(', ')}`
          : 'conflicts',
      ),
    ),
    line(unrecoverable, 'unrecoverable: only a person can put these back'),
    line(alreadyHere, 'here already'),
    ...(split.length > 0
      ? [
          line(
            split.length,
            `${split.length === 1 ? 'transaction' : 'transactions'} of which only a part is put back`,
          ),
        ]
      : []),
    ...tableLines(tables),
    ...(head.gaps.length > 0 ? ['', 'What could not be seen:', ...head.gaps.flatMap(bullet)] : []),
    ...(unrecoverable > 0
      ? [
          '',
          'Unrecoverable:',
          ...head.unrecoverable.slice(0, MOST_TABLES).flatMap(({ what }) => bullet(what)),
          ...(unrecoverable > MOST_TABLES
            ? [`  … and ${count(unrecoverable - MOST_TABLES)} more in the report`]
            : []),
        ]
      : []),
  ];
}

/** `3 inserts, 1 delete` */
const operations = (apply: Readonly<Record<Operation, number>>): string =>
  (['insert', 'update', 'delete'] as const)
    .filter((operation) => apply[operation] > 0)
    .map((operation) => counted(apply[operation], operation))
    .join(', ');

const HEADINGS = ['insert', 'update', 'delete', 'conflict', 'unrec.'];
const NUMBER_WIDTH = 9;

function tableLines(all: ReturnType<typeof summaryOf>['tables']): string[] {
  if (all.length === 0) return [];
  const longest = Math.max(5, ...all.map(({ table }) => visible(table).length));
  const width = Math.min(WIDTH - HEADINGS.length * NUMBER_WIDTH, longest);
  const row = (name: string, cells: readonly string[]) =>
    `${cell(name, width)}${cells.map((text) => text.padStart(NUMBER_WIDTH)).join('')}`;
  const more = all.length - MOST_TABLES;
  return [
    '',
    row('table', HEADINGS),
    ...all.slice(0, MOST_TABLES).map(({ table, apply, conflicts, unrecoverable }) =>
      row(
        table === '' ? 'no table' : visible(table),
        [apply.insert, apply.update, apply.delete, conflicts, unrecoverable].map((number) =>
          number === 0 ? '–' : count(number),
        ),
      ),
    ),
    ...(more > 0 ? [`… and ${count(more)} tables more in the report`] : []),
  ];
}

const bullet = (text: string): string[] =>
  wrapped(visible(text), WIDTH - 4).map((part, index) => `${index === 0 ? '  - ' : '    '}${part}`);

const indented = (text: string): string[] => {
  const [first = '', ...rest] = wrapped(text.trimStart(), WIDTH - 12);
  const lead = text.slice(0, text.length - text.trimStart().length);
  return [
    cut(lead + first.replace(/^(\S+) /, '$1  '), WIDTH),
    ...rest.map((part) => `${' '.repeat(12)}${part}`),
  ];
};
