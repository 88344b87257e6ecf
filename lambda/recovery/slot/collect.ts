/** Lost changes, in the order of their commits, gathered by table and key. */
import { type Finding, rowId, type Touched, type Unrecoverable } from '../finding';
import type { Line, RowChange } from './decode';
import { stepsOf } from './keys';
import { Keyless } from './keyless';
import { OWN_SCHEMA } from '../../prepare-database/plan';
import type { Relations } from './relations';

interface Row {
  readonly table: string;
  readonly key: readonly string[];
  readonly base: 'present' | 'absent';
  transactions: readonly string[];
}

/** A relation that is in no table of the plan. */
interface Stranger {
  rows: number;
  readonly transactions: Set<string>;
}

export class Collected {
  private readonly rows = new Map<string, Row>();
  private readonly byRows: Set<string>;
  private readonly keyless = new Map<string, Keyless>();
  private readonly strangers = new Map<string, Stranger>();
  /** One list for all rows that only one transaction has touched: they are many. */
  private alone: readonly string[] = [];

  constructor(private readonly relations: Relations) {
    this.byRows = new Set(relations.redefined);
  }

  /** @param id of the transaction */
  add(id: string, line: Line): void {
    if (line.kind === 'begin' || line.kind === 'commit' || line.kind === 'message') return;
    if (this.alone[0] !== id) this.alone = [id];
    if (line.kind !== 'truncate') return this.change(line);
    for (const relation of line.relations) {
      const known = this.relations.of(relation);
      if (!known) this.stranger(relation);
      else if (known.key.length === 0) this.keylessOf(known.table.name, relation).truncate(id);
      else this.byRows.add(known.table.name);
    }
  }

  private change(change: RowChange): void {
    const known = this.relations.of(change);
    if (!known) return this.stranger(change);
    const { table, key } = known;
    if (key.length === 0) return this.keylessOf(table.name, change).add(this.alone[0]!, change);
    if (this.byRows.has(table.name)) return;
    const steps = this.relations.untold.has(table.name) ? undefined : stepsOf(change, key);
    if (!steps) this.byRows.add(table.name);
    else for (const step of steps) this.touch({ table: table.name, ...step });
  }

  private touch(row: Omit<Row, 'transactions'>): void {
    const name = rowId(row.table, row.key);
    const known = this.rows.get(name);
    // What was first done to it tells whether it was there.
    if (!known) this.rows.set(name, { ...row, transactions: this.alone });
    else if (known.transactions.at(-1) !== this.alone[0]) {
      known.transactions = [...known.transactions, ...this.alone];
    }
  }

  private keylessOf(name: string, relation: Parameters<Relations['of']>[0]): Keyless {
    const known = this.keyless.get(name);
    if (known) return known;
    const made = new Keyless(this.relations.of(relation)!.table);
    this.keyless.set(name, made);
    return made;
  }

  private stranger({ schema, relation }: Parameters<Relations['of']>[0]): void {
    if (schema === OWN_SCHEMA) return;
    const name = `${quoted(schema)}.${quoted(relation)}`;
    const known = this.strangers.get(name) ?? { rows: 0, transactions: new Set() };
    known.rows += 1;
    known.transactions.add(this.alone[0]!);
    this.strangers.set(name, known);
  }

  result(): Pick<Finding, 'touched' | 'unrecoverable'> & { readonly byRows: readonly string[] } {
    const touched: Touched[] = [];
    for (const row of this.rows.values()) if (!this.byRows.has(row.table)) touched.push(row);
    const others = [...this.strangers].map(([table, { rows, transactions }]): Unrecoverable => ({
      kind: 'other',
      table,
      what: `${table} was changed ${rows === 1 ? 'once' : `${rows} times`} by lost transactions, and is not among the tables that can be compared: it was dropped or renamed since, or is not the same on both servers.`,
      remedy: `See what else is said of it here. If it is on the old primary under another name, compare the rows by hand.`,
      transactions: [...transactions],
    }));
    return {
      touched,
      byRows: [...this.byRows],
      unrecoverable: [...[...this.keyless.values()].map((one) => one.unrecoverable()), ...others],
    };
  }
}

/** As quote_ident, but for words of SQL: it is for people. */
const quoted = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
