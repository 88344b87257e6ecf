/**
 * Instance types of EC2 and classes of RDS for PostgreSQL that suit a web site, and where they are offered. All of it
 * is in offers-table.json, which `npm run offers` makes from cfn-lint's data; that comes from AWS's price lists
 * (cfn-lint, rules E3025 and E3628). A region may still lack a type in one of its zones: only AWS can tell.
 */
import table from './offers-table.json';

interface Catalogue {
  readonly sizes: ReadonlyMap<string, readonly string[]>;
  readonly missing: Readonly<Record<string, string>>;
}

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

const read = ({
  sizes,
  missing,
}: {
  sizes: Record<string, string>;
  missing: Record<string, string>;
}): Catalogue => ({
  sizes: new Map(Object.entries(sizes).map(([family, list]) => [family, words(list)])),
  missing,
});

const TYPES = read(table.types);
const CLASSES = read(table.classes);

const names = ({ sizes }: Catalogue): string[] =>
  [...sizes].flatMap(([family, list]) => list.map((size) => `${family}.${size}`));

/** All names that are allowed, for the nearest one in an error. */
export const INSTANCE_TYPES: readonly string[] = names(TYPES);
export const DATABASE_CLASSES: readonly string[] = names(CLASSES).map((name) => `db.${name}`);

/** Whether EC2 has the instance type somewhere, e.g. `t4g.small`. */
export const isInstanceType = (type: string): boolean => INSTANCE_TYPES.includes(type);

/** Whether RDS for PostgreSQL has the instance class somewhere, e.g. `db.t4g.medium`. */
export const isDatabaseClass = (name: string): boolean => DATABASE_CLASSES.includes(name);

const isOffered = ({ missing }: Catalogue, name: string, region: string): boolean => {
  const gaps = words(missing[region] ?? '');
  return !gaps.includes(name) && !gaps.includes(name.split('.')[0]!);
};

/** Whether EC2 offers the type in the region. */
export const isTypeOffered = (type: string, region: string): boolean => isOffered(TYPES, type, region);

/** Whether RDS offers the class for PostgreSQL in the region. */
export const isClassOffered = (name: string, region: string): boolean =>
  isOffered(CLASSES, bareClass(name), region);

const bareClass = (name: string): string => name.replace(/^db\./, '');

/** What the region has of the same size, the same letter and processor first: the way out of an error. */
function alternatives(catalogue: Catalogue, name: string, region: string): string[] {
  const [family = '', size = ''] = name.split('.');
  const likeness = (other: string): number =>
    (other[0] === family[0] ? 2 : 0) + (architectureOf(other) === architectureOf(family) ? 1 : 0);
  return [...catalogue.sizes.keys()]
    .filter((other) => catalogue.sizes.get(other)!.includes(size))
    .map((other) => `${other}.${size}`)
    .filter((other) => isOffered(catalogue, other, region))
    .sort((one, other) => likeness(other) - likeness(one));
}

export const typesLike = (type: string, region: string): string[] => alternatives(TYPES, type, region);
export const classesLike = (name: string, region: string): string[] =>
  alternatives(CLASSES, bareClass(name), region).map((other) => `db.${other}`);

/** Versions of PostgreSQL 17 that RDS has had, oldest first. */
export const POSTGRES_VERSIONS: readonly string[] = words(table.postgres);

export type Architecture = 'arm64' | 'x86_64';

/**
 * The processor architecture of an instance type: a `g` among the letters after the generation is AWS's Graviton
 * (https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html).
 */
export function architectureOf(type: string): Architecture {
  return /^[a-z]+\d[a-z]*g/.test(type) ? 'arm64' : 'x86_64';
}
