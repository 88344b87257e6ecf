import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { partsOf } from '../stage';
import { type Settings, settingsSchema } from '../settings';
import { crossChecks } from './cross-checks';
import { nearest } from './nearest';
import { type Problem, SettingsError } from './problem';
import { sharesZoneName, type Variant } from './same-zone';
import { nodeAt } from './schema';
import { type Gathered, type Tree, gather, isTree, unknownSetting, valueAt } from './sources';

/**
 * Reads the settings out of the CDK's context.
 *
 * @param context the app's whole context: `settings`, `environments`, `env` and single values
 * @param folder what relative paths (`web.artifact`) are relative to
 * @throws SettingsError with every problem there is
 */
export function readSettings(context: Readonly<Record<string, unknown>>, folder: string): Settings {
  const isFolder = (path: string) =>
    statSync(resolve(folder, path), { throwIfNoEntry: false })?.isDirectory() ?? false;
  const gathered = gather(context);
  const problems = [...gathered.problems];

  const first = settingsSchema.safeParse(gathered.tree);
  const wrong = first.success ? [] : first.error.issues.flatMap((issue) => problemsOf(issue, gathered));
  problems.push(...wrong);

  // What is wrong is left out, so that the checks between settings still see the rest.
  const rest = first.success ? first : settingsSchema.safeParse(without(gathered.tree, wrong));
  if (rest.success) {
    const settings = withDefaults(rest.data);
    const mistaken = new Set(wrong.map((problem) => problem.path));
    for (const { paths, allowed } of crossChecks(settings, isFolder)) {
      if (paths.some((path) => mistaken.has(path))) continue;
      const path = paths[0];
      problems.push({
        path,
        given: valueAt(settings, path.split('.')),
        where: originOf(path, gathered),
        allowed,
      });
    }
    if (problems.length === 0) problems.push(...sameZone(settings, context, gathered));
    if (problems.length === 0) return settings;
  }
  throw new SettingsError(problems);
}

/** The settings of every other environment in cdk.json, and of none, as far as they are right. */
function others({ env, ...given }: Readonly<Record<string, unknown>>): Variant[] {
  // A domain that is given for this run alone is no other's.
  const context = Object.fromEntries(Object.entries(given).filter(([path]) => path !== 'site.zoneName'));
  const environments = isTree(context.environments) ? Object.keys(context.environments) : [];
  return [undefined, ...environments]
    .filter((environment) => environment !== env)
    .flatMap((environment) => {
      const { tree } = gather(environment === undefined ? context : { ...context, env: environment });
      const parsed = settingsSchema.safeParse(tree);
      return parsed.success ? [{ environment, settings: withDefaults(parsed.data) }] : [];
    });
}

function sameZone(
  settings: Settings,
  context: Readonly<Record<string, unknown>>,
  gathered: Gathered,
): Problem[] {
  const other = sharesZoneName(settings, others(context));
  if (!other) return [];
  const { zoneName } = settings.site;
  const { environment } = other;
  const who =
    environment === undefined ? 'without an environment cdk.json' : `the environment ${environment}`;
  const path = 'site.zoneName';
  return [
    {
      path,
      given: zoneName,
      where: originOf(path, gathered),
      allowed: `a domain of its own, such as "${String(context.env ?? 'dev')}.${zoneName}", or the zone that exists already in site.hostedZoneId: ${who} makes a public zone of the same name in another stack, and the registrar can name one (docs/domain.md)`,
    },
  ];
}

/** Works out the defaults that depend on other settings. */
function withDefaults(given: z.output<typeof settingsSchema>): Settings {
  return {
    ...given,
    network: {
      ...given.network,
      natGateways: given.network.natGateways ?? (partsOf(given.stage).loadBalancer ? 1 : 0),
    },
    site: { ...given.site, https: given.site.https ?? given.site.zoneName !== undefined },
  };
}

function problemsOf(issue: z.core.$ZodIssue, gathered: Gathered): Problem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const name = [...path, key].join('.');
      return problem([...path, key], gathered, unknownSetting(name));
    });
  }
  // A member of a list or record is reported with what is allowed for the whole.
  const node = nodeAt(path) ?? nodeAt(path.slice(0, -1));
  if (!node || node.kind === 'group') return [problem(path, gathered, 'an object of settings')];
  const given = valueAt(gathered.tree, path);
  if (typeof given !== 'string') return [problem(path, gathered, node.about!.allowed)];
  const whyNot = node.about?.whyNot?.(given);
  const near = nearest(given, node.about?.names ?? []);
  return [problem(path, gathered, whyNot ?? node.about!.allowed + (near ? `; did you mean "${near}"?` : ''))];
}

function problem(path: readonly string[], gathered: Gathered, allowed: string): Problem {
  const name = path.join('.');
  return { path: name, given: valueAt(gathered.tree, path), where: originOf(name, gathered), allowed };
}

function originOf(path: string, { origin }: Gathered): string {
  const parts = path.split('.');
  for (let length = parts.length; length > 0; length--) {
    const where = origin.get(parts.slice(0, length).join('.'));
    if (where) return where;
  }
  return 'default';
}

function without(tree: Tree, wrong: readonly Problem[]): Tree {
  const copy = structuredClone(tree);
  for (const { path } of wrong) {
    const keys = path.split('.');
    // Of a list the whole goes, as a hole in it would be wrong again.
    const holder = keys.slice(0, -1).reduce<unknown>((at, key) => (isTree(at) ? at[key] : at), copy);
    if (isTree(holder)) delete holder[keys.at(-1)!];
    else if (Array.isArray(holder)) {
      const above = keys.slice(0, -2).reduce<unknown>((at, key) => (isTree(at) ? at[key] : at), copy);
      if (isTree(above)) delete above[keys.at(-2)!];
    }
  }
  return copy;
}
