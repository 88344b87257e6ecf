import { nearest } from './nearest';
import type { Problem } from './problem';
import { type Node, bare, listSettings, nodeAt } from './schema';

/** A tree of settings as it was given, and where each leaf of it came from. */
export interface Gathered {
  readonly tree: Tree;
  readonly origin: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

export interface Tree {
  [key: string]: unknown;
}

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Context of the CDK itself: feature flags (`@aws-cdk/…`), look-ups and options (`aws:cdk:…`), tokens of tools. */
const isForeign = (key: string): boolean => /[@:/]/.test(key) || /^(aws-cdk|cdk|cli)\b/.test(key);

const OWN_KEYS = ['settings', 'environments', 'env'];

/**
 * Puts the sources on top of one another: `settings` of cdk.json, then the environment that `env` names, then
 * single values such as `-c web.minCapacity=4`. In an environment `null` takes a setting back to its default.
 */
export function gather(context: Readonly<Record<string, unknown>>): Gathered {
  const tree: Tree = {};
  const origin = new Map<string, string>();
  const problems: Problem[] = [];

  const lay = (source: unknown, where: string) => {
    if (source === undefined) return;
    if (isTree(source)) overlay(tree, source, where, origin, []);
    else problems.push({ path: where, given: source, where: 'cdk.json', allowed: 'an object of settings' });
  };

  lay(context.settings, 'settings in cdk.json');
  const environment = chosenEnvironment(context, problems);
  if (environment) lay(environment.settings, `environments.${environment.name} in cdk.json`);

  for (const [key, value] of Object.entries(context)) {
    if (OWN_KEYS.includes(key) || isForeign(key)) continue;
    const path = key.split('.');
    const where = `-c ${key}`;
    if (!nodeAt(path)) problems.push({ path: key, given: value, where, allowed: unknownSetting(key) });
    else if (path.some((_, length) => length > 0 && !isTree(valueAt(tree, path.slice(0, length)) ?? {})))
      continue; // what stands above is wrong already, and is reported as such
    else overlay(tree, nest(path, fromText(value, nodeAt(path)!, path)), where, origin, []);
  }
  return { tree, origin, problems };
}

function chosenEnvironment(context: Readonly<Record<string, unknown>>, problems: Problem[]) {
  const name = context.env;
  if (name === undefined) return undefined;
  const environments = isTree(context.environments) ? context.environments : {};
  if (typeof name === 'string' && Object.hasOwn(environments, name)) {
    return { name, settings: environments[name] };
  }
  const known = Object.keys(environments);
  const near = nearest(String(name), known);
  problems.push({
    path: 'env',
    given: name,
    where: '-c env',
    allowed:
      `one of ${known.join(', ')}` +
      (near ? `; did you mean "${near}"?` : '; add others under "environments" in cdk.json'),
  });
  return undefined;
}

/** What to say of a setting that does not exist. */
export function unknownSetting(path: string): string {
  const paths = listSettings().map((listed) => listed.path);
  const last = path.split('.').at(-1)!;
  const near = nearest(path, paths) ?? paths.find((known) => known.split('.').at(-1) === last);
  return near ? `no setting has this name; did you mean "${near}"?` : 'no setting has this name';
}

function overlay(
  target: Tree,
  source: Tree,
  where: string,
  origin: Map<string, string>,
  above: readonly string[],
): void {
  for (const [key, value] of Object.entries(source)) {
    const path = [...above, key];
    const name = path.join('.');
    const kind = nodeAt(path)?.kind;
    if (value === null) {
      delete target[key];
    } else if (
      isTree(value) &&
      (kind === 'group' || (kind === 'record' && nodeAt(above)?.kind !== 'record'))
    ) {
      const inner = isTree(target[key]) ? target[key] : {};
      overlay((target[key] = inner), value, where, origin, path);
    } else {
      target[key] = value;
    }
    origin.set(name, where);
  }
}

const nest = (path: readonly string[], value: unknown): Tree =>
  path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Tree;

export function valueAt(tree: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      (isTree(at) || Array.isArray(at)) && Object.hasOwn(at, key)
        ? (at as Readonly<Record<string, unknown>>)[key]
        : undefined,
    tree,
  );
}

/**
 * The command line gives text: numbers, truth values, lists and groups are read as JSON where the setting wants such;
 * what cannot be read stays text, for the check to refuse.
 */
function fromText(value: unknown, node: Node, path: readonly string[]): unknown {
  if (typeof value !== 'string') return value;
  if (node.kind === 'value' && bare(node.schema)._zod.def.type === 'string') return value;
  if (node.kind === 'record' && nodeAt(path.slice(0, -1))?.kind === 'record') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
