/** Values of the site as people can read them: cut, and without what would steer a terminal or hide in a page. */
import type { Value } from './document';

/** Two of them side by side are a line or two. */
const MOST_LETTERS = 120;

/** So much of what is the same stands before a difference that lies deep in a text. */
const BEFORE_LETTERS = 20;

const NAMED: Readonly<Record<string, string>> = { '\n': '↵', '\r': '␍', '\t': '⇥' };

/** Control characters, marks that turn the direction of writing, halves of pairs, line separators of Unicode. */
const UNPRINTABLE = /[\p{C}\u2028\u2029]/gu;

/** `⟨U+001B⟩` for whatever cannot be seen. */
export const visible = (text: string): string =>
  text.replace(
    UNPRINTABLE,
    (letter) => NAMED[letter] ?? `⟨U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );

/** Whole letters. */
const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${[...text.slice(0, most)].slice(0, -1).join('')}…`;

/** @param from where it begins; what stands before is left out */
export function valueOf(text: string | null, side?: Value['side'], from = 0): Value {
  if (text === null) return { text: 'NULL', kind: 'null', ...(side && { side }) };
  const begun = from > 0 ? `…${text.slice(from)}` : text;
  // Twice as many: what is left out of the middle of a letter is seen by nobody.
  const shown = cut(visible(cut(begun, MOST_LETTERS * 2)), MOST_LETTERS);
  const isBare = shown !== '' && shown.trim() === shown;
  return { text: isBare ? shown : `"${shown}"`, kind: 'text', ...(side && { side }) };
}

/** Two values that differ, each from shortly before where they do. */
export function pairOf(here: string | null, lost: string | null): { here: Value; lost: Value } {
  const from = here === null || lost === null ? 0 : begin(here, lost);
  return { here: valueOf(here, 'here', from), lost: valueOf(lost, 'lost', from) };
}

function begin(one: string, other: string): number {
  if (one.length <= MOST_LETTERS && other.length <= MOST_LETTERS) return 0;
  let same = 0;
  while (same < one.length && one[same] === other[same]) same++;
  return same > MOST_LETTERS / 2 ? same - BEFORE_LETTERS : 0;
}
