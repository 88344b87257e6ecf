import { z } from 'zod';
import { DATABASE_CLASSES, INSTANCE_TYPES, isDatabaseClass, isInstanceType } from './settings/instance-types';
import {
  DAILY_WINDOW,
  DOMAIN,
  EMAIL,
  LABELS,
  NAME,
  NAME_LENGTH,
  RETENTION_DAYS,
  TAG_NAME,
  TAG_VALUE,
  VARIABLE,
  whyNotName,
  WINDOW,
} from './settings/forms';
import { isPrivate, parseCidr } from './settings/cidr';
import { REGIONS, whyNotRegion } from './settings/regions';
import { whyNotDatabase } from './settings/reserved-words';
import { STAGES } from './stage';

/**
 * Every setting of the blueprint: its type, unit, default, check and one sentence. From these definitions come
 * the parsed settings (settings/read.ts), docs/settings.md and docs/settings.schema.json (settings/document.ts).
 * What involves more than one setting is in settings/cross-checks.ts.
 */

/** What people are told of a setting. */
export interface About {
  /** One sentence. */
  readonly description: string;
  /** What is allowed: completes "allowed: …" in an error and stands in the documentation. */
  readonly allowed: string;
  readonly unit?: string;
  /** What holds when nothing is given and there is no plain default value. */
  readonly otherwise?: string;
  /** Names to look for the nearest in, where the value is one of many. */
  readonly names?: readonly string[];
  /** What is allowed instead of a value that has the right form, and why; undefined for all others. */
  readonly whyNot?: (given: string) => string | undefined;
}

const setting = <T extends z.ZodType>(schema: T, about: About): T => schema.meta({ ...about });

/** A check that says itself why not, beside the form that a value must have. */
const unless = (whyNot: (given: string) => string | undefined) => (given: string) =>
  whyNot(given) === undefined;

const whole = (minimum: number, maximum: number) => z.number().int().min(minimum).max(maximum);

const general = {
  name: setting(z.string().regex(NAME).max(NAME_LENGTH).refine(unless(whyNotName)).default('mysite'), {
    description: 'Name of the site: prefix of every stack and database identifier.',
    allowed: `1 to ${NAME_LENGTH} lower-case letters, digits and single hyphens, beginning with a letter and not ending in a hyphen (RDS takes no others, and "-replica-15" must still fit)`,
    whyNot: whyNotName,
  }),
  stage: setting(z.enum(STAGES).default('replicated'), {
    description: 'How far the site has grown (docs/growing.md).',
    allowed: `one of ${STAGES.join(', ')}`,
    names: STAGES,
  }),
  account: setting(
    z
      .string()
      .regex(/^\d{12}$/)
      .optional(),
    {
      description: 'AWS account to deploy to; giving it keeps a deployment out of the wrong one.',
      allowed: 'the 12 digits of an account, in quotes',
      otherwise: 'the account of the credentials in use',
    },
  ),
  region: setting(z.enum(REGIONS as [string, ...string[]]).default('us-east-1'), {
    description: 'AWS region to deploy to.',
    allowed: 'the name of a region, such as eu-central-1; not GovCloud or China',
    names: REGIONS,
    whyNot: whyNotRegion,
  }),
  tags: setting(
    z
      .record(z.string().regex(TAG_NAME), z.string().regex(TAG_VALUE))
      .refine((tags) => Object.keys(tags).length <= 40)
      .default({}),
    {
      description: 'Tags that every resource gets.',
      allowed:
        'up to 40 names of 1 to 128 and values of up to 256 letters, digits, spaces and _.:/=+-@, none beginning with "aws:" or "rds:"',
    },
  ),
};

const network = {
  cidr: setting(
    z
      .string()
      .refine((text) => {
        const network = parseCidr(text);
        return network !== undefined && network.prefix >= 16 && network.prefix <= 23 && isPrivate(network);
      })
      .default('10.0.0.0/16'),
    {
      description:
        'Addresses of the VPC; 9 subnets of a sixteenth each are laid out in it (3 tiers in up to 3 zones), whatever the stage.',
      // A VPC has a prefix of 16 to 28 bits (VPC guide, "VPC CIDR blocks"); a load balancer wants subnets of /27 with
      // 8 free addresses (ELB guide, "Subnets for your load balancer"), and a sixteenth of a /23 is a /27.
      allowed:
        'a private IPv4 network with a prefix from /16 to /23, nothing set behind the prefix, such as 10.0.0.0/16 (a smaller one leaves the load balancer no room)',
    },
  ),
  zones: setting(whole(2, 3).default(2), {
    description: 'Availability zones that the servers and databases are spread over.',
    allowed: '2 or 3, and no more than the region has',
    unit: 'zones',
  }),
  zoneNames: setting(z.array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/)).optional(), {
    description: 'The availability zones by name, if the first ones that the account sees are not wanted.',
    allowed:
      'a list of as many different zone names of the region as network.zones says, such as ["eu-central-1a", "eu-central-1b"]',
    otherwise: 'the first ones of the account',
  }),
  natGateways: setting(whole(0, 3).optional(), {
    description:
      'NAT gateways through which private servers reach AWS and package repositories; one a zone survives the loss of a zone.',
    allowed: 'from 1 to network.zones at load-balanced and replicated, 0 to network.zones before',
    unit: 'gateways',
    otherwise: '1 at load-balanced and replicated, otherwise 0',
  }),
};

const site = {
  zoneName: setting(z.string().regex(DOMAIN).optional(), {
    description: 'Your domain: the name of the public hosted zone.',
    allowed: 'a domain name in lower case without a dot at its end, such as mysite.com',
    otherwise: "no record; the site is reached by the load balancer's own name or the server's address",
  }),
  recordName: setting(z.union([z.literal(''), z.string().max(190).regex(LABELS)]).default(''), {
    description: 'Name of the site within the domain; empty for the domain itself.',
    allowed:
      'letters, digits, hyphens and dots in lower case without the domain, such as "api" for api.mysite.com',
  }),
  hostedZoneId: setting(
    z
      .string()
      .regex(/^Z[A-Z0-9]{1,31}$/)
      .optional(),
    {
      description: 'The hosted zone of the domain, if it exists already.',
      allowed: 'the ID of a hosted zone, such as Z0123456789ABCDEFGHIJ',
      otherwise: 'a new zone, in a stack of its own',
    },
  ),
  takeOverRecord: setting(z.boolean().default(false), {
    description:
      'Put the name of the site over a record that it has already, in one step, and back if the deployment fails (docs/domain.md). Set it before the first deployment of the name, and leave it.',
    allowed: 'true or false; true needs site.hostedZoneId',
  }),
  https: setting(z.boolean().optional(), {
    description: 'Serve HTTPS, and redirect HTTP to it.',
    allowed: 'true or false; true needs site.zoneName',
    otherwise: 'true if site.zoneName is given',
  }),
};

const web = {
  instanceType: setting(z.string().refine(isInstanceType).default('t4g.small'), {
    description: 'EC2 instance type of the web servers.',
    allowed: 'a t, m, c or r type in a size that its family has, such as t4g.small or m7g.large',
    names: INSTANCE_TYPES,
  }),
  architecture: setting(z.enum(['arm64', 'x86_64']).default('arm64'), {
    description: 'Processor architecture of the Amazon Linux 2023 image.',
    allowed: 'arm64 or x86_64, as the instance type has it',
    names: ['arm64', 'x86_64'],
  }),
  artifact: setting(z.string().min(1).optional(), {
    description: 'Folder with your site, ready to run; it is uploaded and unpacked on each server.',
    allowed: 'a folder that exists, relative to cdk.json',
    otherwise: 'the sample site in app/',
  }),
  packages: setting(z.array(z.string().regex(/^[A-Za-z0-9][\w.+-]*$/)).default(['nodejs22']), {
    description: 'Packages of Amazon Linux 2023 that the site needs to run.',
    allowed: 'a list of package names, such as ["nodejs22"]',
  }),
  startCommand: setting(
    z
      .string()
      .regex(/^[^\r\n]{1,500}$/)
      .default('node site.js'),
    {
      description:
        'Command that starts the site, in the folder of the artifact; /bin/sh reads it, so that $PORT means the port.',
      allowed: 'one line of 1 to 500 characters, such as "node site.js"',
    },
  ),
  port: setting(whole(1024, 65535).default(8080), {
    description: 'Port that the site listens on (it is in the variable PORT).',
    allowed: 'a whole number from 1024 to 65535',
    unit: 'TCP port',
  }),
  healthPath: setting(
    z
      .string()
      .regex(/^\/[\w\-./~%?=&]{0,255}$/)
      .default('/healthz'),
    {
      description: 'Path that answers 200 while the server is fit; it must not depend on the database.',
      allowed: 'a path beginning with "/", of letters, digits and -._~%/?=&',
    },
  ),
  drainSeconds: setting(whole(1, 900).default(30), {
    description: 'Time that a server has for finishing its requests when it is taken out.',
    allowed: 'a whole number from 1 to 900',
    unit: 'seconds',
  }),
  minCapacity: setting(whole(1, 100).default(2), {
    description: 'Fewest web servers behind the load balancer.',
    allowed: 'a whole number from 1 to 100, at most web.maxCapacity',
    unit: 'servers',
  }),
  maxCapacity: setting(whole(1, 100).default(6), {
    description: 'Most web servers behind the load balancer.',
    allowed: 'a whole number from 1 to 100, at least web.minCapacity',
    unit: 'servers',
  }),
  requestsPerTargetPerMinute: setting(whole(1, 1_000_000).default(1000), {
    description: 'Load that one server is to carry; above it servers are added, below it they go.',
    allowed: 'a whole number from 1 to 1000000',
    unit: 'requests a minute',
  }),
  environment: setting(
    z.record(z.string().regex(VARIABLE), z.string().regex(/^[^\0\r\n]{0,1000}$/)).default({}),
    {
      description:
        "Further environment variables of the site; no secrets, as they stand in the server's user data.",
      allowed:
        'names of letters, digits and _ that the blueprint does not set itself, with values in quotes of up to 1000 characters without line breaks; together with web.packages and web.startCommand at most 8192 bytes',
    },
  ),
};

const server = {
  volumeGiB: setting(whole(8, 16384).default(20), {
    description: 'Data volume of the lone server: database, certificates.',
    allowed: 'a whole number from 8 to 16384; it can only grow',
    unit: 'GiB',
  }),
  snapshotDays: setting(whole(1, 365).default(14), {
    description: 'How long the daily snapshots of the data volume are kept.',
    allowed: 'a whole number from 1 to 365',
    unit: 'days',
  }),
  keepVolume: setting(z.boolean().default(true), {
    description:
      'Keep the data volume among the resources from load-balanced on; when false it leaves the stack, but stays in the account.',
    allowed: 'true or false',
  }),
  acmeEmail: setting(z.string().regex(EMAIL).optional(), {
    description: "Where the certificate authority of the lone server's certificate writes to.",
    allowed: 'an e-mail address',
    otherwise: 'no address',
  }),
};

const database = {
  databaseName: setting(
    z
      .string()
      .regex(/^(?!pg_|rds|template[01]$)[a-z][a-z0-9_]{0,62}$/)
      .refine(unless(whyNotDatabase))
      .default('site'),
    {
      description: 'Name of the database.',
      allowed:
        '1 to 63 lower-case letters, digits and _, beginning with a letter, not with "pg_" or "rds", and no key word of SQL',
      whyNot: whyNotDatabase,
    },
  ),
  engineVersion: setting(
    z
      .string()
      .regex(/^17(\.\d{1,2})?$/)
      .default('17'),
    {
      description: "Version of PostgreSQL; the major number alone takes RDS's default minor version.",
      allowed: '"17" or "17.N", in quotes (replication is built and tested for 17)',
    },
  ),
  instanceType: setting(z.string().refine(isDatabaseClass).default('db.t4g.medium'), {
    description: 'RDS instance class of the primary and of each replica.',
    allowed:
      'a class of RDS for PostgreSQL in a size that its family has, such as db.t4g.medium or db.r7g.large',
    names: DATABASE_CLASSES,
  }),
  // gp3 begins at 20 GiB and ends at 64 TiB (RDS guide, "gp3 storage").
  storageGiB: setting(whole(20, 65536).default(20), {
    description: 'Storage of the database at the start; it can only grow.',
    allowed: 'a whole number from 20 to 65536, below database.maxStorageGiB',
    unit: 'GiB',
  }),
  maxStorageGiB: setting(whole(22, 65536).default(100), {
    description: 'Up to where RDS grows the storage by itself.',
    allowed: 'a whole number up to 65536, at least 10 % above database.storageGiB',
    unit: 'GiB',
  }),
  multiAz: setting(z.boolean().default(false), {
    description: 'A synchronous standby of the primary in another zone, which RDS fails over to by itself.',
    allowed: 'true or false',
  }),
  // At most 15 replicas a source (RDS guide, "Working with PostgreSQL read replicas").
  replicas: setting(whole(0, 15).default(2), {
    description: 'Read replicas at the stage replicated.',
    allowed: 'a whole number from 1 to 15 at replicated, from 0 before',
    unit: 'replicas',
  }),
  backupDays: setting(whole(0, 35).default(7), {
    description: 'How long automatic backups are kept; replicas need them.',
    allowed: 'a whole number from 1 to 35; 0 (no backups) only without replicas',
    unit: 'days',
  }),
  backupWindow: setting(z.string().regex(DAILY_WINDOW).default('05:00-06:00'), {
    description: 'Daily time, in UTC, in which RDS begins the automatic backup.',
    allowed: 'hh:mm-hh:mm, at least 30 minutes, not while failover.maintenanceWindow is, such as 05:00-06:00',
    unit: 'UTC',
  }),
  deletionProtection: setting(z.boolean().default(true), {
    description: 'Refuse to delete the primary and the load balancer.',
    allowed: 'true or false',
  }),
  secretRotationDays: setting(whole(0, 365).default(0), {
    description: 'How often the passwords in Secrets Manager are changed; 0 for never.',
    allowed: 'a whole number from 0 to 365',
    unit: 'days',
  }),
};

const failover = {
  mode: setting(z.enum(['automatic', 'notify', 'off']).default('automatic'), {
    description: 'Fail over by itself, only say that it would, or do not watch at all.',
    allowed: 'automatic, notify or off',
    names: ['automatic', 'notify', 'off'],
  }),
  probeIntervalSeconds: setting(whole(1, 60).default(5), {
    description: 'How often the controller looks at the databases while nothing is wrong.',
    allowed: 'a whole number from 1 to 60, at most half of failover.detectAfterSeconds',
    unit: 'seconds',
  }),
  detectAfterSeconds: setting(whole(2, 3600).default(20), {
    description: 'How long the primary must have been out of reach before it counts as dead.',
    allowed: 'a whole number from 2 to 3600, at least twice failover.probeIntervalSeconds',
    unit: 'seconds',
  }),
  maxLagSeconds: setting(whole(1, 86400).default(30), {
    description: 'Lag beyond which a replica serves no reads and is not promoted.',
    allowed: 'a whole number from 1 to 86400',
    unit: 'seconds',
  }),
  fencing: setting(z.enum(['strict', 'best-effort']).default('strict'), {
    description: 'Whether a failover waits for a human when the old primary cannot be shown to be cut off.',
    allowed: 'strict or best-effort',
    names: ['strict', 'best-effort'],
  }),
  minimumIntervalMinutes: setting(whole(0, 10080).default(60), {
    description: 'Time after a failover in which another one needs an acknowledgement.',
    allowed: 'a whole number from 0 to 10080',
    unit: 'minutes',
  }),
  replaceAfterSeconds: setting(whole(5, 86_400).default(600), {
    description: 'How long a replica may be unfit before it is replaced.',
    allowed: 'a whole number from 5 to 86400',
    unit: 'seconds',
  }),
  managedFailoverGraceSeconds: setting(whole(0, 3600).default(180), {
    description:
      "How long RDS's own failover or reboot of the primary is waited for, before and within a failover; less than 120 is for trials.",
    allowed: 'a whole number from 0 to 3600',
    unit: 'seconds',
  }),
  sequenceGap: setting(whole(0, 1_000_000_000).default(100_000), {
    description:
      'How far sequences are advanced on a promoted replica, so that keys of lost rows are not given out again.',
    allowed: 'a whole number from 0 to 1000000000',
    unit: 'values',
  }),
  reserveConcurrency: setting(z.boolean().default(false), {
    description:
      "Keep one execution of Lambda free for the failover controller and one for recovery, so that other functions of the account cannot use all of them; the account's quota must be at least 102, and a new account's is 10.",
    allowed: 'true or false',
  }),
  maintenanceWindow: setting(z.string().regex(WINDOW).default('sun:03:00-sun:04:00'), {
    description:
      "Weekly time, in UTC, for RDS's maintenance and for giving databases their usual names back.",
    allowed: 'ddd:hh:mm-ddd:hh:mm in lower case, at least 30 minutes, such as sun:03:00-sun:04:00',
    unit: 'UTC',
  }),
};

const alarms = {
  email: setting(z.string().regex(EMAIL).optional(), {
    description: 'Who is told of alarms; the address must confirm the subscription.',
    allowed: 'an e-mail address',
    otherwise: 'nobody; the topic is there to be subscribed to',
  }),
};

const logs = {
  days: setting(
    z
      .number()
      .refine((days) => RETENTION_DAYS.includes(days))
      .default(90),
    {
      description: 'How long access logs, flow logs, and the logs of databases and functions are kept.',
      allowed: `one of ${RETENTION_DAYS.join(', ')}`,
      unit: 'days',
    },
  ),
};

const group = <T extends z.ZodRawShape>(shape: T, description: string) =>
  // A prefault is parsed, so that an absent group gets the defaults of its members.
  z
    .strictObject(shape)
    .prefault({} as never)
    .meta({ description });

/** The settings as they are given; every key may be absent. */
export const settingsSchema = z.strictObject({
  ...general,
  network: group(network, 'Network'),
  site: group(site, 'Name of the site'),
  web: group(web, 'Web servers'),
  server: group(server, 'The lone server of the first two stages'),
  database: group(database, 'Database'),
  failover: group(failover, 'Failover'),
  alarms: group(alarms, 'Alarms'),
  logs: group(logs, 'Logs'),
});

type Given = z.output<typeof settingsSchema>;

/** The settings as the stacks get them: checked, and with every default worked out. */
export interface Settings extends Given {
  readonly network: Given['network'] & { readonly natGateways: number };
  readonly site: Given['site'] & { readonly https: boolean };
}
