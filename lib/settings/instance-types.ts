/**
 * Instance types of EC2 and classes of RDS for PostgreSQL 17 that suit a web site: burstable, general,
 * compute and memory families since generation 5 (t: since 3), with the sizes that each comes in.
 * Source: the enumerations of cfn-lint 1.58.0 (aws_ec2_instance/instancetype_enum.json,
 * aws_rds_dbinstance/db_instance_class.json). Not every region has every type: CloudFormation says so at deployment.
 */
type Families = readonly (readonly [families: string, sizes: string])[];

const EC2_FAMILIES: Families = [
  ['t3 t3a t4g', 'nano micro small medium large xlarge 2xlarge'],
  ['c5 c5d', 'large xlarge 2xlarge 4xlarge 9xlarge 12xlarge 18xlarge 24xlarge metal'],
  ['c5n', 'large xlarge 2xlarge 4xlarge 9xlarge 18xlarge metal'],
  ['c5a c5ad m5a m5ad r5a r5ad', 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge'],
  [
    'm5 m5d m5dn m5n r5 r5b r5d r5dn r5n',
    'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge metal',
  ],
  ['c6a m6a r6a', 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge 48xlarge metal'],
  [
    'c6g c6gd c6gn c7g c7gd c7gn m6g m6gd m7g m7gd r6g r6gd r7g r7gd',
    'medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge metal',
  ],
  [
    'c6i c6id c6in m6i m6id m6idn m6in r6i r6id r6idn r6in',
    'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge metal',
  ],
  [
    'c7a m7a r7a',
    'medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge 48xlarge metal-48xl',
  ],
  [
    'c7i m7i r7i',
    'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge metal-24xl metal-48xl',
  ],
  ['c7i-flex c8i-flex m7i-flex m8i-flex r8i-flex', 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge'],
  [
    'c8a c8g c8gd c8gn m8a m8g m8gd m8gn r8a r8g r8gd r8gn',
    'medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge metal-24xl metal-48xl',
  ],
  [
    'c8i c8id m8i m8id r8i r8id',
    'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge 48xlarge 96xlarge metal-48xl metal-96xl',
  ],
  [
    'c9g c9gd m9g m9gd r9g r9gd',
    'medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge metal-48xl',
  ],
];

const RDS_FAMILIES: Families = [
  ['t3 t4g', 'micro small medium large xlarge 2xlarge'],
  ['c6gd', 'medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge'],
  ['m5 m5d r5 r5b r5d', 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge'],
  ['m6g m6gd m7g r6g r6gd r7g x2g', 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge'],
  [
    'm6i m6id m6idn m6in r6i r6id r6idn r6in',
    'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge',
  ],
  [
    'm7i m8a m8g m8gd m9g r7i r8a r8g r8gd',
    'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge',
  ],
  ['x2iedn', 'xlarge 2xlarge 4xlarge 8xlarge 16xlarge 24xlarge 32xlarge'],
];

const sizesByFamily = (families: Families): ReadonlyMap<string, readonly string[]> =>
  new Map(families.flatMap(([names, sizes]) => names.split(' ').map((name) => [name, sizes.split(' ')])));

const EC2_SIZES = sizesByFamily(EC2_FAMILIES);
const RDS_SIZES = sizesByFamily(RDS_FAMILIES);

export type Architecture = 'arm64' | 'x86_64';

/** Whether EC2 has the instance type, e.g. `t4g.small`. */
export function isInstanceType(type: string): boolean {
  const [family = '', size = '', ...rest] = type.split('.');
  return rest.length === 0 && (EC2_SIZES.get(family)?.includes(size) ?? false);
}

/** Whether RDS for PostgreSQL has the instance class, e.g. `db.t4g.medium`. */
export function isDatabaseClass(type: string): boolean {
  const [db, family = '', size = '', ...rest] = type.split('.');
  return db === 'db' && rest.length === 0 && (RDS_SIZES.get(family)?.includes(size) ?? false);
}

/** All names that are allowed, for the nearest one in an error. */
export const INSTANCE_TYPES: readonly string[] = [...EC2_SIZES].flatMap(([family, sizes]) =>
  sizes.map((size) => `${family}.${size}`),
);
export const DATABASE_CLASSES: readonly string[] = [...RDS_SIZES].flatMap(([family, sizes]) =>
  sizes.map((size) => `db.${family}.${size}`),
);

/**
 * The processor architecture of an instance type: a `g` among the letters after the generation is AWS's Graviton
 * (https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html).
 */
export function architectureOf(type: string): Architecture {
  return /^[a-z]+\d[a-z]*g/.test(type) ? 'arm64' : 'x86_64';
}
