/** Forms and values that AWS, DNS and PostgreSQL prescribe. */

/** What RDS takes as an instance identifier (API reference, CreateDBInstance, DBInstanceIdentifier), in lower case. */
export const NAME = /^[a-z](?:[a-z0-9]|-(?=[a-z0-9]))*$/;
/** RDS takes 63 characters; `-replica-15` takes 11 of them. */
export const NAME_LENGTH = 63 - '-replica-15'.length;

/** Beginnings of names that AWS keeps for itself, of what is named after the site. */
const RESERVED_NAMES: readonly (readonly [RegExp, string])[] = [
  // KMS API reference, CreateAlias: the key of the databases has the alias `<name>/database`.
  [/^aws$/, 'KMS keeps aliases that begin with "aws/" for itself'],
  // S3 guide, "General purpose bucket naming rules": CloudFormation begins the name of the log bucket with the stack's.
  [/^(sthree|amzn-s3-demo)(-|$)/, 'S3 keeps buckets whose names begin so for itself'],
  // VPC guide, "DNS attributes": the databases' private zone is `<name>.internal`, and would hide the names of servers.
  [/^(ec2|compute)$/, 'the servers of a VPC are named in the zone <name>.internal already'],
];

/** What is allowed instead of a name that AWS refuses for something named after it; undefined for all others. */
export function whyNotName(name: string): string | undefined {
  const why = RESERVED_NAMES.find(([form]) => form.test(name))?.[1];
  return why && `another name, as ${why}`;
}

/** "aws:" is AWS's in any spelling, and RDS keeps "rds:" too, of values as well (API reference, Tag). */
const NOT_RESERVED = '(?![aA][wW][sS]:|[rR][dD][sS]:)';
export const TAG_NAME = new RegExp(`^${NOT_RESERVED}[\\w .:/=+@-]{1,128}$`);
export const TAG_VALUE = new RegExp(`^${NOT_RESERVED}[\\w .:/=+@-]{0,256}$`);

export const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
export const LABELS = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;
/** RFC 5321, section 4.5.3.1.3: a path has 256 characters, two of which are its brackets. */
export const EMAIL = /^(?=.{1,254}$)[^@\s]+@[^@\s]+\.[^@\s]+$/;
/** A name in a shell's environment. */
export const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Of each day, in UTC (RDS API reference, PreferredBackupWindow). */
export const DAILY_WINDOW = /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/;
/** Of each week, in UTC (RDS API reference, PreferredMaintenanceWindow). */
export const WINDOW =
  /^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d$/;

/** What CloudWatch Logs takes (API reference, PutRetentionPolicy). */
export const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
