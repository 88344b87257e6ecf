import type { Link } from './link';

const NAME_WIDTH = 15;
const FOUND_WIDTH = 31;
const EVIDENCE_WIDTH = 46;

/** The chain as a table of at most 98 columns. */
export function printed(links: readonly Link[], colour: boolean): string {
  const paint = (text: string, code: number) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  const rule = '─'.repeat(NAME_WIDTH + FOUND_WIDTH + EVIDENCE_WIDTH + 6);
  return [rule, ...links.flatMap((link) => rows(link, paint)), rule].join('\n');
}

function rows(
  { name, found, evidence, wrong }: Link,
  paint: (text: string, code: number) => string,
): string[] {
  const mark = wrong ? paint('✗', 31) : paint('✓', 32);
  const left = found.flatMap((text) => wrapped(text, FOUND_WIDTH));
  const right = [
    ...wrapped(evidence.join('; '), EVIDENCE_WIDTH),
    ...(wrong ? wrapped(`expected: ${wrong.expected}`, EVIDENCE_WIDTH).map((line) => paint(line, 31)) : []),
    ...(wrong ? wrapped(`found: ${wrong.found}`, EVIDENCE_WIDTH).map((line) => paint(line, 31)) : []),
  ].filter((line) => line);
  return Array.from({ length: Math.max(left.length, right.length, 1) }, (_, row) =>
    [
      row === 0 ? `${mark} ${name.padEnd(NAME_WIDTH)}` : ' '.repeat(NAME_WIDTH + 2),
      (left[row] ?? '').padEnd(FOUND_WIDTH),
      right[row] ?? '',
    ]
      .join('  ')
      .trimEnd(),
  );
}

/** Breaks at spaces, and inside a word only when it is longer than a line. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line && line.length + 1 + word.length > width) lines.push('');
    const start = lines.at(-1)!;
    const pieces = `${start && `${start} `}${word}`.match(new RegExp(`.{1,${width}}`, 'g')) ?? [''];
    lines.splice(-1, 1, ...pieces);
  }
  return lines;
}

/** The wrong links, a sentence each. */
export const complaints = (links: readonly Link[]): string[] =>
  links.flatMap(({ name, wrong }) =>
    wrong ? [`Wrong link "${name}": expected ${wrong.expected}; found ${wrong.found}.`] : [],
  );
