import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RdsError } from '../../../trial/rds/model/errors';
import { OPERATIONS } from '../../../trial/rds/model/operations';
import { answers, UNDECIDED } from '../../../trial/rds/model/undecided';
import { CATALOGUE } from './refusals/all';
import { page } from './refusals/page';
import { prepare, PRIMARY } from './refusals/prepared';
import type { Row } from './refusals/row';
import { SHOWN } from './refusals/statuses';

const nameOf = ({ operation, asked, given, undecided }: Row): string =>
  [operation, asked, `on ${given}`, undecided && JSON.stringify(undecided)].filter(Boolean).join(', ');

test.each(CATALOGUE.map((row) => [nameOf(row), row] as const))('%s', async (_, row) => {
  const world = await prepare(row.given, { ...answers(), ...row.undecided });
  const asked = world.model.call(row.operation, row.request as never).then(
    () => ({ code: 'accepted', message: '' }),
    (error: unknown) => {
      if (error instanceof RdsError) return error;
      throw error;
    },
  );
  const { code, message } = await asked;
  expect({ code, message }).toMatchObject({ code: row.code });
  if (row.says) expect(message).toMatch(row.says);
  const name = (row.request as { DBInstanceIdentifier?: string }).DBInstanceIdentifier;
  if (row.shows) expect(await world.status(name!)).toBe(row.shows);
});

test.each(SHOWN)('%s is shown', async (status) => {
  expect(await (await prepare(status, answers())).status(PRIMARY)).toBe(status);
});

test('no row is there twice, and each has a source', () => {
  const names = CATALOGUE.map(nameOf);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  for (const { source } of CATALOGUE) expect(source.length).toBeGreaterThan(2);
});

test('every operation has a refusal, and every open question a row for each of its answers', () => {
  const refused = new Set(
    CATALOGUE.filter(({ code }) => code !== 'accepted').map(({ operation }) => operation),
  );
  expect(Object.keys(OPERATIONS).filter((name) => !refused.has(name as never))).toEqual([]);
  const played = CATALOGUE.flatMap(({ undecided = {} }) =>
    Object.entries(undecided).map(([question, answer]) => `${question}: ${answer}`),
  );
  const open = Object.entries(UNDECIDED)
    .filter(([question]) => !TESTED_BESIDE.includes(question))
    .flatMap(([question, { answers: all }]) => all.map((answer) => `${question}: ${answer}`));
  expect(open.filter((one) => !played.includes(one))).toEqual([]);
});

/** Questions about what is shown, not about what is refused: undecided.test.ts. */
const TESTED_BESIDE = ['backupWindowOfReplica', 'groupsOfReplica', 'windowAtRandom'];

test('docs/rds-refusals.md is what the catalogue says', () => {
  // Different after a change? npx ts-node test/trial/rds/write-refusals.ts
  expect(readFileSync(join(__dirname, '../../../docs/rds-refusals.md'), 'utf8')).toBe(page());
});
