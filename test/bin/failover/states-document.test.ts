import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BEGIN, END, statesTable, withStates } from '../../../bin/failover/states-document';
import { STATES } from '../../../lambda/failover/states';
import { said } from './stand';

const DOCUMENT = readFileSync(resolve(__dirname, '../../../docs/failover.md'), 'utf8');

test('docs/failover.md has the states of today: npm run failover -- states --write', () => {
  expect(withStates(DOCUMENT)).toBe(DOCUMENT);
});

test('every state is a row of four cells', () => {
  const rows = statesTable().split('\n').slice(2);
  expect(rows).toHaveLength(Object.keys(STATES).length);
  for (const row of rows) expect(row.split(/(?<!\\)\|/)).toHaveLength(6);
});

test('only what is between the markers is replaced', () => {
  const replaced = withStates(`# Title\n\n${BEGIN}\n\nstale\n\n${END}\n\nAfter.\n`);
  expect(replaced).toMatch(/^# Title\n\n<!--/);
  expect(replaced).toMatch(/\n\nAfter\.\n$/);
  expect(replaced).not.toContain('stale');
  expect(withStates(replaced)).toBe(replaced);
});

test.each(['', BEGIN, `${END}${BEGIN}`, `${BEGIN}${END}${BEGIN}${END}`, `${BEGIN}${END}${END}`])(
  'without the markers it is refused: %#',
  (document) => {
    expect(() => withStates(document)).toThrow(/needs these two lines, once each/);
  },
);

test('the command prints them, for people, documents and programs, and writes them', async () => {
  expect((await said('states')).out).toContain('cut-off (critical)\n  seen: neither the primary');
  expect((await said('states --markdown')).out).toBe(`${statesTable()}\n`);
  expect(JSON.parse((await said('states --json')).out)).toContainEqual({ name: 'held', ...STATES.held });

  const project = mkdtempSync(join(tmpdir(), 'states-'));
  mkdirSync(join(project, 'docs'));
  writeFileSync(join(project, 'docs/failover.md'), `${BEGIN}\n${END}\n`);
  const write = () => said('states --write', { changes: { project } });
  expect((await write()).out).toBe('docs/failover.md has the states of today now.\n');
  expect((await write()).out).toBe('docs/failover.md was up to date.\n');
  rmSync(project, { recursive: true });
});
