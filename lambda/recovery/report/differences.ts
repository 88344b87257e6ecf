/** What a change would change, column by column. */
import type { Change } from '../plan';
import { parseRow } from '../row-text';
import type { Table } from '../table';
import type { Cell, Inline } from './document';
import { pairOf, valueOf } from './values';

/** So many columns of a row are shown; a plan file has them all. */
const MOST_COLUMNS = 30;

/** Of a change that is made: an update as `column: here → lost`, an insert or a delete as its row. */
export function differences(change: Change, table: Table | undefined): Cell {
  const { lost, present } = change;
  const here = rowOf(present, table);
  const there = rowOf(lost, table);
  if (here && there) {
    const differing = here
      .map(({ column, value }, index) => ({ column, here: value, lost: there[index]?.value ?? null }))
      .filter((one) => one.here !== one.lost);
    return limited(
      differing.map((one) => {
        const pair = pairOf(one.here, one.lost);
        return [{ strong: visibleName(one.column) }, ' ', pair.here, ' → ', pair.lost];
      }),
    );
  }
  const side = there ? 'lost' : 'here';
  return limited(
    (there ?? here ?? [])
      .filter(({ value }) => value !== null)
      .map(({ column, value }) => [{ strong: visibleName(column) }, ' ', valueOf(value, side)]),
  );
}

/** Of a conflict: both versions, each with the columns that differ; a row that is not there is said to be so. */
export function versions(change: Change, table: Table | undefined): { lost: Cell; here: Cell } {
  const there = rowOf(change.lost, table);
  const here = rowOf(change.present, table);
  if (there && here) {
    const differing = there
      .map(({ column, value }, index) => ({
        column,
        pair: pairOf(here[index]?.value ?? null, value),
        value,
        other: here[index]?.value ?? null,
      }))
      .filter(({ value, other }) => value !== other);
    return {
      lost: limited(differing.map(({ column, pair }) => [{ strong: visibleName(column) }, ' ', pair.lost])),
      here: limited(differing.map(({ column, pair }) => [{ strong: visibleName(column) }, ' ', pair.here])),
    };
  }
  const whole = (row: Row | undefined, absent: string, side: 'lost' | 'here'): Cell =>
    row
      ? limited(
          row
            .filter(({ value }) => value !== null)
            .map(({ column, value }) => [{ strong: visibleName(column) }, ' ', valueOf(value, side)]),
        )
      : [[absent]];
  return { lost: whole(there, 'deleted', 'lost'), here: whole(here, 'no such row', 'here') };
}

/** `id 12, part b` */
export function keyOf({ key }: Change, table: Table | undefined): Cell {
  const names = table?.key?.map((index) => table.columns[index]?.name ?? '');
  const parts = key.map((value, index): Inline[] => [
    ...(names?.[index] ? [`${visibleName(names[index])} `] : []),
    valueOf(value),
  ]);
  return [parts.flatMap((part, index) => (index === 0 ? part : [', ', ...part]))];
}

type Row = readonly { readonly column: string; readonly value: string | null }[];

function rowOf(text: string | null, table: Table | undefined): Row | undefined {
  if (text === null) return undefined;
  const values = parsed(text);
  // Not a row of this table: shown as it stands.
  if (!values || (table && values.length !== table.columns.length)) return [{ column: 'row', value: text }];
  return values.map((value, index) => ({ column: table?.columns[index]?.name ?? `${index + 1}`, value }));
}

function parsed(text: string): (string | null)[] | undefined {
  try {
    return parseRow(text);
  } catch {
    return undefined;
  }
}

const visibleName = (name: string): string => valueOf(name).text;

const limited = (lines: Cell): Cell =>
  lines.length <= MOST_COLUMNS
    ? lines
    : [...lines.slice(0, MOST_COLUMNS), [`… and ${lines.length - MOST_COLUMNS} columns more`]];
