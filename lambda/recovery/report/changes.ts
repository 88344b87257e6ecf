/** The changes of a plan in tables: what is put back, conflicts, what is unrecoverable. */
import type { LostTransaction } from '../finding';
import type { Change, Plan } from '../plan';
import type { Table } from '../table';
import { differences, keyOf, versions } from './differences';
import { type Block, type Cell, cell, type DocumentTable } from './document';
import { ANCHORS, moreThan } from './shared';
import { count, counted, moment } from './times';
import { valueOf } from './values';
import { CONFLICTS, UNRECOVERABLE } from './words';

/** Rows of one table of the site, and of all of them: more than that nobody reads, and no browser likes. */
const MOST_ROWS = 200;
const MOST_ROWS_IN_ALL = 2000;
const LEAST_ROWS = 5;

/** So many transactions of a change are named. */
const MOST_TRANSACTIONS = 3;

/** Of one finding; longer scripts are in the plan file. */
const MOST_SQL_LETTERS = 4000;

export function changesOf(plan: Plan): Block[] {
  const puttable = grouped(plan.changes.filter(({ conflict }) => !conflict));
  const conflicts = grouped(plan.changes.filter(({ conflict }) => conflict));
  const groups = puttable.size + conflicts.size;
  const most = Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(MOST_ROWS_IN_ALL / Math.max(1, groups))));
  const context: Context = {
    tables: new Map(plan.head.tables.map((table) => [table.name, table])),
    transactions: new Map(plan.head.transactions.map((one) => [one.id, one])),
    most,
  };
  return [
    ...section('Put back', ANCHORS.apply, puttable, 'Nothing.', (changes) => applied(changes, context)),
    ...section('Conflicts', ANCHORS.conflicts, conflicts, 'None.', (changes) => contested(changes, context)),
    ...unrecoverable(plan, context),
  ];
}

interface Context {
  readonly tables: ReadonlyMap<string, Table>;
  readonly transactions: ReadonlyMap<string, LostTransaction>;
  readonly most: number;
}

function grouped(changes: readonly Change[]): ReadonlyMap<string, readonly Change[]> {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const group = groups.get(change.table);
    if (group) group.push(change);
    else groups.set(change.table, [change]);
  }
  return groups;
}

function section(
  heading: string,
  id: string,
  groups: ReadonlyMap<string, readonly Change[]>,
  empty: string,
  blocks: (changes: readonly Change[]) => Block[],
): Block[] {
  const all = [...groups.values()].reduce((sum, { length }) => sum + length, 0);
  return [
    { heading: `${heading} (${count(all)})`, level: 2, id },
    ...(all === 0 ? [{ paragraph: [empty] }] : []),
    ...[...groups].flatMap(([table, changes]): Block[] => [
      { heading: `${valueOf(table).text}: ${counted(changes.length, 'change')}`, level: 3 },
      ...blocks(changes),
    ]),
  ];
}

function applied(changes: readonly Change[], context: Context): Block[] {
  const table: DocumentTable = {
    head: ['No.', 'Operation', 'Key', 'What it changes: here → lost', 'Transactions'],
    rows: changes.slice(0, context.most).map((change) => {
      const of = context.tables.get(change.table);
      return [
        cell(count(change.number)),
        cell(change.operation),
        keyOf(change, of),
        differences(change, of),
        transactionsOf(change.transactions, context),
      ];
    }),
    numbers: [0],
    ...moreThan(changes.length, context.most),
  };
  return [{ table }];
}

function contested(changes: readonly Change[], context: Context): Block[] {
  const kinds = [...new Set(changes.map(({ conflict }) => conflict!.kind))];
  const table: DocumentTable = {
    head: ['No.', 'Operation', 'Key', 'Lost version', 'Here now', 'Why', 'Transactions'],
    rows: changes.slice(0, context.most).map((change) => {
      const of = context.tables.get(change.table);
      const { lost, here } = versions(change, of);
      return [
        cell(count(change.number)),
        cell(change.operation),
        keyOf(change, of),
        lost,
        here,
        [[{ strong: change.conflict!.kind }], [change.conflict!.why]],
        transactionsOf(change.transactions, context),
      ];
    }),
    numbers: [0],
    ...moreThan(changes.length, context.most),
  };
  return [
    {
      list: kinds.map((kind) => {
        const { means, keep, replace } = CONFLICTS[kind];
        return [
          { strong: kind },
          `: ${means} `,
          { code: 'keep' },
          `: ${keep}; `,
          { code: 'replace' },
          `: ${replace}.`,
        ];
      }),
    },
    { table },
  ];
}

function unrecoverable({ head }: Plan, context: Context): Block[] {
  const all = head.unrecoverable;
  return [
    { heading: `Unrecoverable (${count(all.length)})`, level: 2, id: ANCHORS.unrecoverable },
    ...(all.length === 0 ? [{ paragraph: ['Nothing.'] }] : []),
    ...all.slice(0, MOST_ROWS).flatMap(({ kind, table, what, remedy, sql, transactions }): Block[] => [
      {
        heading: table === undefined ? UNRECOVERABLE[kind] : `${valueOf(table).text}: ${UNRECOVERABLE[kind]}`,
        level: 3,
      },
      {
        paragraph: [
          what,
          ' ',
          { strong: 'What to do:' },
          ' ',
          remedy,
          ...(transactions.length > 0
            ? [
                ' ',
                ...transactionsOf(transactions, context).flatMap((line, index) => [
                  index > 0 ? ', ' : `${transactions.length === 1 ? 'Transaction' : 'Transactions'} `,
                  ...line,
                ]),
                '.',
              ]
            : []),
        ],
      },
      ...(sql === undefined ? [] : [{ code: scriptOf(sql), language: 'sql' as const }]),
    ]),
    ...(all.length > MOST_ROWS ? [{ paragraph: [moreThan(all.length, MOST_ROWS).more!] }] : []),
  ];
}

/** Cut between lines, as half a statement must not be run. */
function scriptOf(sql: string): string {
  if (sql.length <= MOST_SQL_LETTERS) return sql;
  const kept = sql.slice(0, sql.lastIndexOf('\n', MOST_SQL_LETTERS) + 1);
  return `${kept}-- ${count(sql.length - kept.length)} letters more: "unrecoverable" in the first line of the plan file has it whole`;
}

/** `744, committed 2026-11-22 18:30:01 UTC` */
function transactionsOf(ids: readonly string[], { transactions }: Context): Cell {
  const lines = ids.slice(0, MOST_TRANSACTIONS).map((id) => {
    const committedAt = transactions.get(id)?.committedAt;
    return [valueOf(id), ...(committedAt === undefined ? [] : [` at ${moment(committedAt)}`])];
  });
  const more = ids.length - MOST_TRANSACTIONS;
  return more > 0 ? [...lines, [`… and ${count(more)} more`]] : lines;
}
