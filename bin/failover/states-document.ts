/** The table of docs/failover.md: what is seen, what it is called, what is done. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STATES } from '../../lambda/failover/states';
import { Failure } from '../../lib/terminal/failure';

export const BEGIN =
  '<!-- states: made by `npm run failover -- states --write` from lambda/failover/states.ts -->';
export const END = '<!-- states: end -->';

const cell = (text: string) => text.replaceAll('|', '\\|');

export function statesTable(): string {
  const rows = Object.entries(STATES).map(
    ([name, { seen, done, severity }]) =>
      `| \`${name}\` | ${cell(seen)} | ${cell(done)} | ${severity ?? '–'} |`,
  );
  return [
    '| state | what is seen | what is done | people are told |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/**
 * @returns `document` with the table of today between the markers
 * @throws Failure when the markers are not there, once each and in this order
 */
export function withStates(document: string): string {
  const [before, rest, ...more] = document.split(BEGIN);
  const [, after, ...others] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined || more.length > 0 || others.length > 0) {
    throw new Failure(
      `docs/failover.md needs these two lines, once each: "${BEGIN}" and "${END}". The table is put between them.`,
    );
  }
  return `${before}${BEGIN}\n<!-- prettier-ignore -->\n${statesTable()}\n\n${END}${after}`;
}

/** @returns whether anything was stale */
export function writeStates(project: string): boolean {
  const path = join(project, 'docs/failover.md');
  const before = readFileSync(path, 'utf8');
  const after = withStates(before);
  if (after !== before) writeFileSync(path, after);
  return after !== before;
}
