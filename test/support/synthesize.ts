import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { blueprint } from '../../lib/blueprint';
import { readSettings } from '../../lib/settings/read';
import { STAGES, type Stage } from '../../lib/stage';
import type { TemplateJson } from './deliveries/account';

const FOLDER = resolve(__dirname, '../..');

const CONTEXT = JSON.parse(readFileSync(resolve(FOLDER, 'cdk.json'), 'utf8')).context as Record<
  string,
  unknown
> & { readonly environments: Record<string, object> };

/** The feature flags: all of cdk.json's context but the settings. */
const FLAGS = Object.fromEntries(Object.entries(CONTEXT).filter(([key]) => key.startsWith('@')));

/** The environments of cdk.json. */
export const ENVIRONMENTS = Object.keys(CONTEXT.environments);

/** The settings of a site with a domain, for tests to put others on top of. */
export const SITE = { name: 'mysite', site: { zoneName: 'mysite.com', recordName: 'api' } };

/** Builds the app as bin/ does, with the feature flags of cdk.json, and without writing anything. */
export function app(settings: object = {}, single: Record<string, unknown> = {}): App {
  const context = {
    ...FLAGS,
    // Bundles are looked at where they are made (test/app/bundle.test.ts); here they would only take time.
    'aws:cdk:bundling-stacks': [],
    settings: { ...SITE, ...settings },
    ...single,
  };
  // What the context is made of is given once more, as the CDK would otherwise keep it for itself.
  const created = new App({ context, analyticsReporting: false });
  blueprint(created, readSettings(context, FOLDER), FOLDER);
  return created;
}

/** The stacks of an app by what comes after the site's name: `network`, `data`, … */
export function stacksOf(created: App): Map<string, Stack> {
  return new Map(created.node.children.map((child) => [child.node.id.replace(/^.*-/, ''), child as Stack]));
}

/** Every template of an app by the part of its stack's name. */
export function templatesOf(created: App): Map<string, Template> {
  return new Map([...stacksOf(created)].map(([part, stack]) => [part, Template.fromStack(stack)]));
}

const cache = new Map<Stage, Map<string, Template>>();

/** The templates of a stage with the settings of SITE; made once a test file. */
export function stageTemplates(stage: Stage): Map<string, Template> {
  const known = cache.get(stage);
  if (known) return known;
  const made = templatesOf(app({ stage }));
  cache.set(stage, made);
  return made;
}

const shipped = new Map<string, ReadonlyMap<string, TemplateJson>>();

/** The templates of cdk.json as it is shipped, by the names of their stacks; made once a test file. */
export function environmentTemplates(stage: Stage, environment?: string): ReadonlyMap<string, TemplateJson> {
  const key = `${stage} ${environment}`;
  const known = shipped.get(key);
  if (known) return known;
  const { environments, settings } = CONTEXT;
  const created = app(settings as object, { environments, stage, ...(environment && { env: environment }) });
  const made = new Map(
    [...stacksOf(created).values()].map((stack) => [
      stack.stackName,
      Template.fromStack(stack).toJSON() as TemplateJson,
    ]),
  );
  shipped.set(key, made);
  return made;
}

export { STAGES };
