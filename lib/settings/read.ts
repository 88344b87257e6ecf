import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { partsOf } from '../stage';
import { type Settings, settingsSchema } from '../settings';
import { crossChecks } from './cross-checks';
import { nearest } from './nearest';
import { type Problem, SettingsError } from './problem';
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
    if (problems.length === 0) return settings;
  }
  throw new SettingsError(problems);
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
  const near = typeof given === 'string' ? nearest(given, node.about?.names ?? []) : undefined;
  return [problem(path, gathered, node.about!.allowed + (near ? `; did you mean "${near}"?` : ''))];
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
