import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import Ajv from 'ajv/dist/2020';
import { settingsJsonSchema, settingsPage } from '../../../lib/settings/document';
import { listSettings } from '../../../lib/settings/schema';

const ROOT = resolve(__dirname, '../../..');
const read = (path: string) => readFileSync(resolve(ROOT, path), 'utf8');

// Stale? npm run settings
test('docs/settings.md is what the definitions say', () => {
  expect(read('docs/settings.md')).toBe(settingsPage());
});

test('docs/settings.schema.json is what the definitions say', () => {
  expect(read('docs/settings.schema.json')).toBe(settingsJsonSchema());
});

test.each(listSettings().map((listed) => [listed.path, listed] as const))(
  '%s is documented',
  (_, { about }) => {
    expect(about.description).toMatch(/\.$/);
    expect(about.allowed).not.toBe('');
  },
);

test('the settings of cdk.json and of its environments fit the JSON schema, others do not', () => {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(
    JSON.parse(settingsJsonSchema()),
  );
  const { settings } = JSON.parse(read('cdk.json')).context;
  expect([validate(settings), validate.errors]).toEqual([true, null]);
  expect(validate({ web: { port: 80 } })).toBe(false);
  expect(validate({ nme: 'x' })).toBe(false);
});
