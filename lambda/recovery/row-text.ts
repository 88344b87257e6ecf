/**
 * The text of a whole row, as PostgreSQL writes it for `(t.*)::text` (record_out in rowtypes.c): `(1,"a ""b"",",,"")`.
 * Nothing between two commas is null, `""` is the empty string. Generated columns are in it, dropped ones are not.
 */
import { Problem } from './problem';

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** record_out's choice; its isspace() knows these in every locale of UTF-8. */
const NEEDS_QUOTES = /["\\(), \t\n\v\f\r]/;

/**
 * The values in the order of the columns, each as its type's output function has written it. A table has one column at
 * least: `()` is one null.
 * @throws Problem when record_out cannot have written this
 */
export function parseRow(text: string): (string | null)[] {
  const end = text.length - 1;
  if (end < 1 || text[0] !== '(' || text[end] !== ')') throw malformed(text);
  const values: (string | null)[] = [];
  for (let at = 1; ; at++) {
    if (text.charCodeAt(at) === QUOTE) {
      const close = closingQuote(text, at + 1, end);
      values.push(unquoted(text.slice(at + 1, close)));
      at = close + 1;
    } else {
      let comma = at;
      while (comma < end && text.charCodeAt(comma) !== COMMA) comma++;
      const value = text.slice(at, comma);
      if (NEEDS_QUOTES.test(value)) throw malformed(text);
      values.push(value === '' ? null : value);
      at = comma;
    }
    if (at === end) return values;
    if (text.charCodeAt(at) !== COMMA) throw malformed(text);
  }
}

/** The reverse, letter for letter what PostgreSQL writes. */
export const writeRow = (values: readonly (string | null)[]): string =>
  `(${values.map((value) => (value === null ? '' : quotedIfNeeded(value))).join()})`;

function closingQuote(text: string, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH || (code === QUOTE && text.charCodeAt(at + 1) === QUOTE)) at++;
    else if (code === QUOTE) return at;
  }
  throw malformed(text);
}

const unquoted = (inner: string): string =>
  inner.includes('"') || inner.includes('\\') ? inner.replace(/["\\](["\\])/g, '$1') : inner;

const quotedIfNeeded = (value: string): string =>
  value === '' || NEEDS_QUOTES.test(value) ? `"${value.replace(/["\\]/g, '$&$&')}"` : value;

const malformed = (text: string): Problem =>
  new Problem(
    `This is not the text of a row as PostgreSQL writes it: ${text.slice(0, 200)}${text.length > 200 ? ' …' : ''}`,
  );
