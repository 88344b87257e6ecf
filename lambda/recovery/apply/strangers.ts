/**
 * Rows whose key was given out on the new primary between plan and apply: what refers to such a row by its key must not be
 * put back, as it would be attached to a stranger. (What was so when the plan was made is a conflict in it:
 * dependents/settle.ts.)
 */
import type { Change } from '../plan';
import { parseRow } from '../row-text';
import type { Table } from '../table';
import type { Verdict } from './applied';
import type { Step } from './step';

type Values = readonly (string | null)[];

export class Strangers {
  private readonly names = new Set<string>();
  /** By table: columns that foreign keys of the plan's tables refer to. */
  private readonly named = new Map<string, readonly (readonly number[])[]>();

  constructor(private readonly tables: ReadonlyMap<string, Table>) {
    for (const { references } of tables.values()) {
      for (const { table, to } of references) {
        this.named.set(table, [...(this.named.get(table) ?? []), inOrder(to)]);
      }
    }
  }

  /** A lost row that is not inserted: whoever has its key here is another one. */
  note({ table, lost, present }: Pick<Change, 'table' | 'lost' | 'present'>): void {
    const named = this.named.get(table);
    if (!named || lost === null || present !== null) return;
    const row = parseRow(lost);
    for (const columns of named) this.names.add(nameOf(table, columns, row));
  }

  /** @returns why the row must not be written, when it refers to a stranger; it is then noted itself */
  verdictOf({ change, operation }: Step): Verdict | undefined {
    if (this.names.size === 0 || operation === 'delete' || change.lost === null) return undefined;
    const row = parseRow(change.lost);
    for (const { table, from, to } of this.tables.get(change.table)!.references) {
      const values: (string | null)[] = [];
      from.forEach((column, part) => (values[to[part]!] = row[column]!));
      if (!this.names.has(nameOf(table, inOrder(to), values))) continue;
      this.note(change);
      return {
        outcome: 'changed since',
        why: `It refers to a row of ${table} whose key the new primary has given out since the plan was made: it would be attached to a stranger.`,
        present: change.present,
      };
    }
    return undefined;
  }
}

const inOrder = (columns: readonly number[]): readonly number[] => [...columns].sort((a, b) => a - b);

const nameOf = (table: string, columns: readonly number[], values: Values): string =>
  JSON.stringify([table, columns, columns.map((column) => values[column] ?? null)]);
