/** A report as Markdown that is readable before it is rendered: https://github.github.com/gfm/ */
import { type Block, type Cell, type DocumentTable, type Inline, isValue } from './document';
import { visible } from './values';

export const markdown = (blocks: readonly Block[]): string => `${blocks.map(block).join('\n\n')}\n`;

function block(one: Block): string {
  if ('heading' in one) return `${'#'.repeat(one.level)} ${escaped(one.heading)}`;
  if ('paragraph' in one) return inlines(one.paragraph);
  if ('warning' in one)
    return [`> **${escaped(one.warning)}**`, '>', ...one.list.map((line) => `> - ${inlines(line)}`)].join(
      '\n',
    );
  if ('list' in one) return one.list.map((line) => `- ${inlines(line)}`).join('\n');
  if ('table' in one) return table(one.table);
  return fenced(one.code, one.language);
}

function table({ head, rows, more, numbers = [] }: DocumentTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(head.map(escaped)),
    line(head.map((_, index) => (numbers.includes(index) ? '--:' : '---'))),
    ...rows.map((row) => line(row.map(cellOf))),
    ...(more === undefined ? [] : ['', escaped(more)]),
  ].join('\n');
}

const cellOf = (cell: Cell): string => cell.map(inlines).join('<br>');

const inlines = (all: readonly Inline[]): string => all.map(inline).join('');

function inline(one: Inline): string {
  if (typeof one === 'string') return escaped(one);
  if (isValue(one)) return one.kind === 'null' ? '*NULL*' : escaped(one.text);
  if ('strong' in one) return `**${escaped(one.strong)}**`;
  // Ours, and without backticks.
  return `\`${one.code}\``;
}

/**
 * By entities, since they mean the same to every reader of Markdown, also in a table. An underscore within a word is one;
 * `:` makes links by itself only before `//`, `.` only after `www`.
 */
const SPECIAL = /[&<>|`*[\]~#$\\!@]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|:(?=\/\/)|(?<=www)\./giu;

const escaped = (text: string): string =>
  visible(text).replace(SPECIAL, (letter) => `&#${letter.charCodeAt(0)};`);

/** A fence that is longer than any in it; what cannot be printed would steer a terminal. */
function fenced(code: string, language: string): string {
  const longest = Math.max(2, ...(code.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${printable(code)}\n${fence}`;
}

const printable = (code: string): string =>
  code
    .split('\n')
    .map((line) => line.split('\t').map(visible).join('\t'))
    .join('\n');
