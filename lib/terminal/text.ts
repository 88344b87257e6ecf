/** Text in the columns of a terminal. */

/** Fits every terminal, half a wide screen and a slide. */
export const WIDTH = 80;

/** How a piece of text is meant: colour only repeats what words and marks say. */
export type Tone = 'good' | 'change' | 'wrong' | 'quiet' | 'strong';

/** Select Graphic Rendition, ECMA-48: green, yellow, bold red, dim, bold. */
const CODES: Record<Tone, string> = { good: '32', change: '33', wrong: '1;31', quiet: '2', strong: '1' };

export interface Span {
  readonly text: string;
  readonly tone?: Tone;
}

// Two columns each in nearly every terminal: https://www.unicode.org/reports/tr11/
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;

const columnsOf = (character: string): number =>
  /\p{M}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1;

/** How many columns a text takes. */
export const columns = (text: string): number =>
  [...text].reduce((sum, character) => sum + columnsOf(character), 0);

/** Messages come from programs: one of their escape sequences must not steer the terminal. */
export const clean = (text: string): string => text.replace(/\s+/g, ' ').replace(/\p{C}/gu, '').trim();

/** @returns at most `width` columns, the last of them "…" when something was left out */
export function cut(text: string, width: number): string {
  if (columns(text) <= width) return text;
  let kept = '';
  let taken = 0;
  for (const character of text) {
    taken += columnsOf(character);
    if (taken > width - 1) break;
    kept += character;
  }
  return width > 0 ? `${kept}…` : '';
}

/** Cleaned, and exactly `width` columns wide. */
export function cell(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const kept = cut(clean(text), width);
  const room = ' '.repeat(width - columns(kept));
  return side === 'left' ? kept + room : room + kept;
}

/** One line of at most WIDTH columns, whatever the spans are. */
export function line(spans: readonly (Span | string)[], colour: boolean): string {
  let left = WIDTH;
  const parts = spans.map((span) => {
    const { text, tone }: Span = typeof span === 'string' ? { text: span } : span;
    const kept = cut(text, left);
    left -= columns(kept);
    return colour && tone && kept.trim() ? `\x1b[${CODES[tone]}m${kept}\x1b[0m` : kept;
  });
  return parts.join('').trimEnd();
}

/** Breaks at spaces; a word that is longer than a line is cut. */
export const wrapped = (text: string, width: number): string[] => flowed(clean(text).split(' '), ' ', width);

/** Breaks between parts only; a part that is longer than a line is cut. */
export function flowed(parts: readonly string[], separator: string, width: number): string[] {
  const lines: string[] = [];
  for (const [index, part] of parts.entries()) {
    const text = part + (index < parts.length - 1 ? separator.trimEnd() : '');
    const joined = `${lines.at(-1)}${separator.endsWith(' ') ? ' ' : ''}${text}`;
    if (lines.length > 0 && columns(joined) <= width) lines[lines.length - 1] = joined;
    else lines.push(cut(text, width));
  }
  return lines;
}
