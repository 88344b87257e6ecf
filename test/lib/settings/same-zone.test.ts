import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readSettings } from '../../../lib/settings/read';
import type { SettingsError } from '../../../lib/settings/problem';

const FOLDER = resolve(__dirname, '../../..');
const { context: SHIPPED } = JSON.parse(readFileSync(resolve(FOLDER, 'cdk.json'), 'utf8'));

const SITE = { name: 'mysite', site: { zoneName: 'mysite.com' } };

function refused(context: object): string | undefined {
  try {
    readSettings(context as Record<string, unknown>, FOLDER);
    return undefined;
  } catch (error) {
    return (error as SettingsError).message;
  }
}

test.each([undefined, ...Object.keys(SHIPPED.environments)])('cdk.json as it is shipped: %s', (env) => {
  expect(refused({ ...SHIPPED, ...(env && { env }) })).toBeUndefined();
});

test('two environments whose stacks would make the same public zone are refused, with the ways out', () => {
  const context = { settings: SITE, environments: { dev: { name: 'mysite-dev' } } };
  expect(refused({ ...context, env: 'dev' })).toBe(
    [
      '1 problem in the settings (docs/settings.md has them all):',
      '  site.zoneName: "mysite.com" (settings in cdk.json)',
      '      allowed: a domain of its own, such as "dev.mysite.com", or the zone that exists already in site.hostedZoneId: without an environment cdk.json makes a public zone of the same name in another stack, and the registrar can name one (docs/domain.md)',
    ].join('\n'),
  );
  expect(refused(context)).toContain('the environment dev makes a public zone of the same name');
});

test.each([
  ['another region', { region: 'eu-central-1' }],
  ['another account', { account: '111122223333' }],
])('%s is another stack', (_, other) => {
  expect(refused({ settings: SITE, environments: { other }, env: 'other' })).toContain('site.zoneName');
});

test.each([
  ['the same stack', { web: { minCapacity: 3 } }],
  ['a zone that exists', { name: 'mysite-dev', site: { hostedZoneId: 'Z0123456789' } }],
  ['a domain of its own', { name: 'mysite-dev', site: { zoneName: 'dev.mysite.com' } }],
  ['no domain', { name: 'mysite-dev', site: { zoneName: null } }],
  ['settings that are wrong', { name: 'My Site' }],
])('shares nothing: %s', (_, other) => {
  expect(refused({ settings: SITE, environments: { other, mine: {} }, env: 'mine' })).toBeUndefined();
});

test('a domain that is given for one run is no other environment’s', () => {
  const dev = { name: 'mysite-dev', site: { zoneName: 'dev.mysite.com' } };
  const context = { settings: SITE, environments: { dev } };
  expect(refused({ ...context, 'site.zoneName': 'other.org' })).toBeUndefined();
  expect(refused({ ...context, 'site.zoneName': 'dev.mysite.com' })).toContain('the environment dev makes');
});

test('single values are for every environment: another region for one deployment is no conflict', () => {
  expect(refused({ settings: SITE, environments: { prod: {} }, region: 'eu-central-1' })).toBeUndefined();
});
