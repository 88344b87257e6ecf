/** Reads what RDS and EC2 offer where out of cfn-lint's own data: for `npm run offers`, and for the test of the table. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a service has: the sizes of each family, and for each region what of it is missing there, a family or one size.
 * Each list is words with spaces between them.
 */
export interface Catalogue {
  readonly sizes: Readonly<Record<string, string>>;
  readonly missing: Readonly<Record<string, string>>;
}

export interface OffersTable {
  readonly source: string;
  /** Versions of PostgreSQL 17, the major alone left out. */
  readonly postgres: string;
  /** Of EC2, such as `t4g.small`. */
  readonly types: Catalogue;
  /** Of RDS for PostgreSQL without their `db.`, such as `t4g.medium`. */
  readonly classes: Catalogue;
}

/** What suits a web site: burstable since generation 3, compute, general and memory since generation 5. */
const SUITABLE = /^(?:t[3-9]|[cmr](?:[5-9]|\d\d))[a-z]*(?:-flex)?\./;

/* eslint-disable @typescript-eslint/no-explicit-any -- cfn-lint's schemas are anything */

/**
 * @param venv the folder with cfn-lint, as bin/setup.mjs makes it
 * @param regions the regions to tell about
 * @throws Error when cfn-lint is not there
 */
export function readOffers(venv: string, regions: readonly string[]): OffersTable {
  const [python] = readdirSync(join(venv, 'lib'));
  const packages = join(venv, 'lib', python!, 'site-packages');
  const read = (file: string): any =>
    JSON.parse(readFileSync(join(packages, 'cfnlint/data/schemas/extensions', file), 'utf8'));
  const [version] = readdirSync(packages).flatMap(
    (name) => /^cfn_lint-(.*)\.dist-info$/.exec(name)?.[1] ?? [],
  );

  const versions = versionsOf(read('aws_rds_dbinstance/engine_version.json'));
  const known = classesOfVersion(read('aws_rds_dbinstance/db_instance_class.json'), versions.at(-1)!);
  const classes = read('aws_rds_dbinstance/dbinstanceclass_enum.json');
  const types = read('aws_ec2_instance/instancetype_enum.json');
  const each = (names: (region: string) => readonly string[]) =>
    new Map(regions.map((region) => [region, names(region)]));
  return {
    source: `cfn-lint ${version}`,
    postgres: versions.join(' '),
    types: catalogue(each((region) => types[region].enum.filter((type: string) => SUITABLE.test(type)))),
    classes: catalogue(
      each((region) =>
        classesIn(classes[region])
          .filter((name) => known.includes(name))
          .map((name) => name.replace(/^db\./, '')),
      ),
    ),
  };
}

const conditionsFor = (schema: any): any[] =>
  schema.allOf.filter((rule: any) => rule.if.properties.Engine?.const === 'postgres');

const versionsOf = (schema: any): string[] =>
  conditionsFor(schema)
    .flatMap((rule) => rule.then.properties.EngineVersion?.enum ?? [])
    .filter((version: string) => /^17\.\d+$/.test(version))
    .sort((one: string, other: string) => Number(one.slice(3)) - Number(other.slice(3)));

const classesOfVersion = (schema: any, version: string): string[] =>
  conditionsFor(schema)
    .filter((rule) => new RegExp(rule.if.properties.EngineVersion.pattern).test(version))
    .flatMap((rule) => rule.then.properties.DBInstanceClass.enum);

const classesIn = (schema: any): string[] => [
  ...new Set<string>(conditionsFor(schema).flatMap((rule) => rule.then.properties.DBInstanceClass.enum)),
];

/** The sizes that EC2 and RDS have, from small to large. */
const bySize = (one: string, other: string): number => rank(one) - rank(other) || one.localeCompare(other);
const NAMED = ['nano', 'micro', 'small', 'medium', 'large', 'xlarge'];
function rank(size: string): number {
  const named = NAMED.indexOf(size);
  if (named >= 0) return named;
  const [, times] = /(\d+)xl/.exec(size) ?? [];
  return NAMED.length + Number(times ?? 1_000) + (size.startsWith('metal') ? 1_000 : 0);
}

function catalogue(offered: ReadonlyMap<string, readonly string[]>): Catalogue {
  const families = sizesByFamily([...new Set([...offered.values()].flat())]);
  const missing = [...offered].map(([region, names]): [string, string] => {
    const here = sizesByFamily(names);
    const gaps = [...families].flatMap(([family, sizes]) => {
      const has = here.get(family);
      if (!has) return [family];
      return sizes.filter((size) => !has.includes(size)).map((size) => `${family}.${size}`);
    });
    return [region, gaps.join(' ')];
  });
  return {
    sizes: Object.fromEntries([...families].map(([family, sizes]) => [family, sizes.join(' ')])),
    missing: Object.fromEntries(missing),
  };
}

function sizesByFamily(names: readonly string[]): Map<string, string[]> {
  const families = new Map<string, string[]>();
  for (const name of [...names].sort()) {
    const [family, size] = name.split('.') as [string, string];
    families.set(family, [...(families.get(family) ?? []), size].sort(bySize));
  }
  return families;
}
