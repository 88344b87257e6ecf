/** Rows that wait for each other: with foreign keys in a circle none of them can be written before the others. */
import { parseRow } from '../row-text';
import type { Table } from '../table';
import type { Step } from './step';

/**
 * @param steps that a foreign key has refused
 * @returns the same, those that refer to each other directly or by others behind each other, as one unit
 */
export function unitsOf(steps: readonly Step[], tables: ReadonlyMap<string, Table>): Step[] {
  // As they shall be; of a row that goes, as it is.
  const rows = steps.map(({ change }) => parseRow((change.lost ?? change.present)!));
  const name = (table: string, columns: readonly number[], values: readonly (string | null)[]) =>
    JSON.stringify([table, columns, columns.map((column) => values[column])]);
  const pick = (row: readonly (string | null)[], columns: readonly number[]) =>
    columns.map((column) => row[column]!);

  // By what they are referred to by: each table's columns that a foreign key names.
  const named = new Map<string, readonly (readonly number[])[]>();
  for (const { references } of tables.values()) {
    for (const { table, to } of references) named.set(table, [...(named.get(table) ?? []), to]);
  }
  const owners = new Map<string, number>();
  rows.forEach((row, at) => {
    const { table } = steps[at]!.change;
    for (const to of named.get(table) ?? []) owners.set(name(table, to, row), at);
  });

  const unit = steps.map((_, at) => at);
  const rootOf = (at: number): number => {
    let root = at;
    while (unit[root] !== root) root = unit[root]!;
    unit[at] = root;
    return root;
  };
  rows.forEach((row, at) => {
    for (const { table, from, to } of tables.get(steps[at]!.change.table)!.references) {
      const values: (string | null)[] = [];
      pick(row, from).forEach((value, part) => (values[to[part]!] = value));
      const owner = owners.get(name(table, to, values));
      if (owner !== undefined) unit[rootOf(at)] = rootOf(owner);
    }
  });
  return steps
    .map((step, at) => ({ ...step, unit: rootOf(at) }))
    .sort((a, b) => a.unit - b.unit || a.change.number - b.change.number);
}
