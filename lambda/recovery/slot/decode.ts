/**
 * What test_decoding says, line by line (contrib/test_decoding/test_decoding.c of PostgreSQL 17):
 *
 *     BEGIN 741
 *     table public."Ta ble": UPDATE: old-key: id[integer]:1 new-tuple: id[integer]:2 "a b"[text]:'it''s'
 *     COMMIT 741 (at 2026-11-22 19:25:50.581355+00)
 *
 * Names are quoted where SQL wants it, types have neither size nor precision, only quotes are doubled within a literal.
 */

/** A large value that an update left as it was: the WAL does not have it. */
export const UNCHANGED = Symbol('unchanged');
/** As the type's output function writes it. */
export type Value = string | null | typeof UNCHANGED;
/** By the column's name. */
export type Tuple = ReadonlyMap<string, Value>;

export interface Relation {
  readonly schema: string;
  readonly relation: string;
}

export interface RowChange extends Relation {
  readonly kind: 'insert' | 'update' | 'delete';
  /**
   * Before it: the key alone, or all that was not null, as the table's replica identity has it. Absent when the WAL tells
   * nothing, which for an update also means that the key stayed.
   */
  readonly before?: Tuple;
  /** After it. */
  readonly after?: Tuple;
}

export type Line =
  | { readonly kind: 'begin'; readonly id: string }
  /** `at`: ISO 8601 with microseconds; the session's time zone must be UTC. */
  | { readonly kind: 'commit'; readonly id: string; readonly at?: string }
  | RowChange
  | { readonly kind: 'truncate'; readonly relations: readonly Relation[]; readonly flags: readonly string[] }
  /** pg_logical_emit_message: nobody's row. */
  | { readonly kind: 'message' };

const OPERATIONS = { INSERT: 'insert', UPDATE: 'update', DELETE: 'delete' } as const;
const NO_TUPLE = ' (no-tuple-data)';

/** Says where, and quotes no value. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** @throws Unreadable */
export function decode(line: string): Line {
  if (line.startsWith('table ')) return change(new Reader(line, 'table '.length));
  const end = /^(BEGIN|COMMIT) (\d+)(?: \(at ([^)]+)\))?$/.exec(line);
  if (end) {
    const [, word, id, at] = end;
    return word === 'BEGIN'
      ? { kind: 'begin', id: id! }
      : { kind: 'commit', id: id!, ...(at && { at: isoTime(at) }) };
  }
  if (line.startsWith('message: ')) return { kind: 'message' };
  throw new Unreadable(`test_decoding begins a line in a way that is not known here: ${line.slice(0, 20)}`);
}

/** `2026-11-22 19:25:50.58+00` → `2026-11-22T19:25:50.580000Z` */
function isoTime(text: string): string {
  const found = /^(\d+-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/.exec(text);
  if (!found) throw new Unreadable(`A time of a commit that is not in UTC: ${text}`);
  const [, date, time, fraction = ''] = found;
  return `${date}T${time}.${fraction.padEnd(6, '0')}Z`;
}

function change(reader: Reader): RowChange | Extract<Line, { kind: 'truncate' }> {
  const relations = [reader.relation()];
  while (reader.take(', ')) relations.push(reader.relation());
  reader.expect(': ');
  if (reader.take('TRUNCATE: ')) {
    const flags = reader.rest();
    return { kind: 'truncate', relations, flags: flags === '(no-flags)' ? [] : flags.split(' ') };
  }
  const kind = OPERATIONS[reader.word() as keyof typeof OPERATIONS];
  reader.expect(':');
  if (!kind || relations.length > 1) throw reader.unreadable();
  const made = { kind, ...relations[0]! };
  if (reader.take(NO_TUPLE)) return made;
  if (kind === 'delete') return { ...made, before: reader.tuple() };
  if (!reader.take(' old-key:')) return { ...made, after: reader.tuple() };
  const before = reader.tuple();
  reader.expect(' new-tuple:');
  return reader.take(NO_TUPLE) ? { ...made, before } : { ...made, before, after: reader.tuple() };
}

/** Names are short, so that expressions with alternatives are no danger to the stack; values are looked through by hand. */
const NAME = /"((?:[^"]|"")+)"|([a-z_][a-z0-9_]*)/y;
/** Up to the bracket that a colon follows, outside of quotes: `integer[]`, `public."a]:b"`. */
const TYPE = /\[((?:"(?:[^"]|"")+"|[^"\]]|\](?!:))*)\]:/y;
const BARE = /[^ ]+/y;
const WORD = /[A-Z]+/y;

class Reader {
  constructor(
    private readonly text: string,
    private at: number,
  ) {}

  take(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  expect(text: string): void {
    if (!this.take(text)) throw this.unreadable();
  }

  rest(): string {
    return this.text.slice(this.at);
  }

  word(): string {
    return this.match(WORD)[0];
  }

  name(): string {
    const [, quoted, bare] = this.match(NAME);
    return bare ?? quoted!.replaceAll('""', '"');
  }

  relation(): Relation {
    const schema = this.name();
    this.expect('.');
    return { schema, relation: this.name() };
  }

  /** Until the line's end, or ` new-tuple:`, which is no name of a column: that would be quoted. */
  tuple(): Tuple {
    const tuple = new Map<string, Value>();
    while (this.at < this.text.length && !this.text.startsWith(' new-tuple:', this.at)) {
      this.expect(' ');
      const name = this.name();
      tuple.set(name, this.value(this.match(TYPE)[1]!));
    }
    return tuple;
  }

  private value(type: string): Value {
    if (this.take("'")) return this.literal();
    if (this.take("B'")) return this.literal();
    const [bare] = this.match(BARE);
    if (bare === 'null') return null;
    if (bare === 'unchanged-toast-datum') return UNCHANGED;
    // A domain over it is written as its output function has it, in quotes.
    if (type === 'boolean') return bare === 'true' ? 't' : 'f';
    return bare;
  }

  private literal(): string {
    const from = this.at;
    for (let end = from; ; end += 2) {
      end = this.text.indexOf("'", end);
      if (end < 0) throw this.unreadable();
      if (this.text[end + 1] === "'") continue;
      this.at = end + 1;
      return this.text.slice(from, end).replaceAll("''", "'");
    }
  }

  private match(expression: RegExp): RegExpExecArray {
    expression.lastIndex = this.at;
    const found = expression.exec(this.text);
    if (!found) throw this.unreadable();
    this.at = expression.lastIndex;
    return found;
  }

  unreadable(): Unreadable {
    return new Unreadable(`A line of test_decoding cannot be read from its character ${this.at + 1} on`);
  }
}
