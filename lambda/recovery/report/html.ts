/** A report as one page that needs nothing else: no network, no script. */
import { type Block, type Cell, type DocumentTable, type Inline, isValue } from './document';
import { STYLE } from './html-style';
import { visible } from './values';

export interface Page {
  readonly title: string;
  /** Links at its top: text and anchor. */
  readonly links: readonly { readonly text: string; readonly id: string }[];
}

/** Whatever is in a value, the browser is told that the page has no scripts, no pictures and asks nobody. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export function html(blocks: readonly Block[], { title, links }: Page): string {
  const [first, ...rest] = blocks;
  const nav = links.map(({ text, id }) => `<a href="#${id}">${escaped(text)}</a>`).join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${first ? block(first) : ''}
${nav ? `<nav>${nav}</nav>` : ''}
${rest.map(block).join('\n')}
</main>
</body>
</html>
`;
}

function block(one: Block): string {
  if ('heading' in one) {
    const id = one.id === undefined ? '' : ` id="${one.id}"`;
    return `<h${one.level}${id}>${escaped(one.heading)}</h${one.level}>`;
  }
  if ('paragraph' in one) return `<p>${inlines(one.paragraph)}</p>`;
  if ('warning' in one)
    return `<section class="warning"><strong>${escaped(one.warning)}</strong>${list(one.list)}</section>`;
  if ('list' in one) return list(one.list);
  if ('table' in one) return table(one.table);
  return `<pre><code>${code(one.code)}</code></pre>`;
}

const list = (lines: readonly (readonly Inline[])[]): string =>
  `<ul>${lines.map((line) => `<li>${inlines(line)}</li>`).join('')}</ul>`;

function table({ head, rows, more, numbers = [] }: DocumentTable): string {
  const attributes = (index: number) => (numbers.includes(index) ? ' class="number"' : '');
  const isHeaded = head.some((name) => name !== '');
  const heading = isHeaded
    ? `<thead><tr>${head.map((name, index) => `<th${attributes(index)}>${escaped(name)}</th>`).join('')}</tr></thead>\n`
    : '';
  const body = rows
    .map(
      (row) =>
        `<tr>${row.map((cell, index) => `<td${attributes(index)}>${cellOf(cell)}</td>`).join('')}</tr>`,
    )
    .join('\n');
  return `<div class="wide"><table>${heading}<tbody>\n${body}\n</tbody></table></div>${more === undefined ? '' : `\n<p class="more">${escaped(more)}</p>`}`;
}

const cellOf = (cell: Cell): string =>
  cell.length === 1 ? inlines(cell[0]!) : cell.map((line) => `<div>${inlines(line)}</div>`).join('');

const inlines = (all: readonly Inline[]): string => all.map(inline).join('');

function inline(one: Inline): string {
  if (typeof one === 'string') return escaped(one);
  if (isValue(one)) {
    const classes = [one.kind === 'null' ? 'null' : 'value', one.side].filter(Boolean).join(' ');
    // A value may be written from right to left: it must not turn what stands around it.
    return `<bdi class="${classes}">${escaped(one.text)}</bdi>`;
  }
  if ('strong' in one) return `<strong>${escaped(one.strong)}</strong>`;
  return `<code>${escaped(one.code)}</code>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const entities = (text: string): string => text.replace(/[&<>"']/g, (letter) => ENTITIES[letter]!);

const escaped = (text: string): string => entities(visible(text));

const code = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.split('\t').map(escaped).join('\t'))
    .join('\n');
