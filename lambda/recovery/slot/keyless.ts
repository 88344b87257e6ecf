/** Lost changes of a table whose rows cannot be told apart: for a person, with statements where there can be any. */
import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Unrecoverable } from '../finding';
import type { Table } from '../table';
import type { RowChange, Tuple } from './decode';

/** As many statements are written out; a person reads no more. */
const STATEMENTS_AT_MOST = 100;
/** And as much text. */
const CHARACTERS_AT_MOST = 200_000;

const COUNTED = ['insert', 'update', 'delete', 'truncate'] as const;

export class Keyless {
  private readonly count = { insert: 0, update: 0, delete: 0, truncate: 0 };
  private readonly transactions = new Set<string>();
  private readonly statements: string[] = [];
  private characters = 0;
  private more = 0;

  constructor(private readonly table: Table) {}

  add(id: string, change: RowChange): void {
    this.count[change.kind] += 1;
    this.transactions.add(id);
    if (this.isFull()) this.more += 1;
    else this.write(change.kind === 'insert' ? insert(this.table, change.after) : told(this.table, change));
  }

  truncate(id: string): void {
    this.count.truncate += 1;
    this.transactions.add(id);
    if (this.isFull()) this.more += 1;
    else this.write(comment(`truncate ${this.table.name}`));
  }

  private isFull(): boolean {
    return this.statements.length >= STATEMENTS_AT_MOST || this.characters >= CHARACTERS_AT_MOST;
  }

  private write(statement: string): void {
    this.statements.push(statement);
    this.characters += statement.length;
  }

  unrecoverable(): Unrecoverable {
    const { name } = this.table;
    const counts = COUNTED.filter((kind) => this.count[kind] > 0).map((kind) =>
      plural(this.count[kind], kind),
    );
    const all = this.count.insert + this.count.update + this.count.delete + this.count.truncate;
    return {
      kind: 'no key',
      table: name,
      what: `${name} has no primary key, nor a unique index without nulls, so that its rows cannot be told apart: ${counts.join(', ')} on it were lost.`,
      remedy:
        `Read the statements and run on the new primary those that are still wanted` +
        (this.count.insert < all ? '; updates and deletes are told as far as the WAL has them.' : '.') +
        (this.more > 0
          ? ` ${plural(this.more, 'more change')} ${this.more === 1 ? 'is' : 'are'} not written out.`
          : '') +
        ` A primary key spares this the next time.`,
      sql: [...this.statements, ...(this.more > 0 ? [comment(`and ${this.more} more`)] : [])].join('\n'),
      transactions: [...this.transactions],
    };
  }
}

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Literals without a type take their column's, by its input function: the value is the same bit for bit. */
function insert({ name, columns }: Table, after: Tuple | undefined): string {
  const written = columns.filter((column) => !column.isGenerated && after?.has(column.name));
  if (written.length === 0) return `insert into ${name} default values;`;
  const always = written.some(({ identity }) => identity === 'always') ? ' overriding system value' : '';
  const values = written.map((column) => literal(after!.get(column.name)));
  return `insert into ${name} (${written.map(({ quoted }) => quoted).join(', ')})${always} values (${values.join(', ')});`;
}

function told({ name }: Table, { kind, before, after }: RowChange): string {
  const row = before ? `of the row ${list(before)}` : 'of a row that the WAL does not tell';
  return comment(
    kind === 'delete' ? `delete from ${name}, ${row}` : `update ${name} to ${list(after)}, ${row}`,
  );
}

const list = (tuple: Tuple | undefined): string =>
  `(${[...(tuple ?? [])].map(([name, value]) => `${escapeIdentifier(name)} = ${literal(value)}`).join(', ')})`;

const literal = (value: string | null | symbol | undefined): string =>
  typeof value === 'string' ? escapeLiteral(value).trimStart() : value === null ? 'null' : '<unchanged>';

/** However many lines a value has: what follows a line's end would be run. */
const comment = (text: string): string =>
  text
    .split(/\r\n|\n|\r/)
    .map((line) => `-- ${line}`)
    .join('\n');
