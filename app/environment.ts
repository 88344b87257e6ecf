/**
 * The environment contract of the sample site: every variable it reads, once.
 * The stack that sets the variables takes the names and types from here, the program that
 * reads them the parser, so that the two cannot drift apart. Nothing heavy may be imported.
 */
import { isIP, isIPv4 } from 'node:net';
import { hostname } from 'node:os';
import * as z from 'zod';
import {
  HOST_NAME,
  identifier,
  matching,
  pemFile,
  problemsOf,
  region,
  secretArn,
  text,
  wholeNumber,
} from './environment-forms';

const databaseHost = () =>
  text(
    'a host name, an IP address, or the folder of a unix socket (begins with "/")',
    (value) => value.startsWith('/') || isIP(value) !== 0 || HOST_NAME.test(value),
  );

const variables = {
  PORT: wholeNumber(0, 65535).prefault('8080').describe('TCP port to serve HTTP on; 0: any free one'),
  SITE_NAME: matching('1 to 60 characters without line breaks', /^[^\p{Cc}]{1,60}$/u)
    .prefault('Notes')
    .describe('Name of the site, as its visitors read it'),
  DATABASE_WRITER_HOST: databaseHost().describe('Where inserts, updates and deletes go'),
  DATABASE_READER_HOST: databaseHost().optional().describe('Where reads go; absent: the writer'),
  DATABASE_PORT: wholeNumber(1, 65535).prefault('5432').describe('TCP port of the database'),
  DATABASE_NAME: identifier().describe('Name of the database'),
  DATABASE_WRITER_SECRET_ARN: secretArn()
    .optional()
    .describe('Secret (JSON with username and password) of the writing role; absent: DATABASE_USER'),
  DATABASE_READER_SECRET_ARN: secretArn()
    .optional()
    .describe('Secret (JSON with username and password) of the reading role; absent: the writing role'),
  DATABASE_USER: identifier()
    .optional()
    .describe('Role for peer or trust authentication, where there is no secret'),
  DATABASE_CA_FILE: pemFile()
    .optional()
    .describe('Certificate authorities that the database must prove itself by'),
  AWS_REGION: region().optional().describe('Region of the secrets'),
  SERVER_ID: matching('1 to 128 printable characters without spaces', /^[\x21-\x7e]{1,128}$/)
    .optional()
    .describe('EC2 instance id, shown by /whoami; absent: the host name'),
  SERVER_ZONE: matching('1 to 128 printable characters without spaces', /^[\x21-\x7e]{1,128}$/)
    .optional()
    .describe('Availability zone, shown by /whoami'),
  DRAIN_SECONDS: wholeNumber(0, 3600)
    .prefault('20')
    .describe('Seconds that requests in flight get to finish after SIGTERM'),
  CACHE_URL: matching('a redis:// or valkey:// URL', /^(redis|valkey)s?:\/\/\S+$/)
    .optional()
    .describe('Valkey of the single server, for your own application; the sample site does not use it'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'], { error: 'debug, info, warn or error' })
    .prefault('info')
    .describe('Least severe level that is logged'),
};

export type SiteEnvironmentName = keyof typeof variables;

export const SITE_ENVIRONMENT_NAMES = Object.keys(variables) as SiteEnvironmentName[];

/** What a stack sets: absent variables keep the default that their description states. */
export type SiteEnvironmentVariables = Partial<Record<SiteEnvironmentName, string>>;

export interface DatabaseEndpoint {
  /** Host name, IP address, or folder of a unix socket. */
  readonly host: string;
  /** ARN of the secret with the role's user name and password; absent: no password. */
  readonly secretArn?: string;
}

export interface SiteEnvironment {
  readonly port: number;
  readonly siteName: string;
  readonly database: {
    readonly writer: DatabaseEndpoint;
    readonly reader: DatabaseEndpoint;
    readonly port: number;
    readonly name: string;
    readonly user?: string;
    readonly caFile?: string;
  };
  readonly region?: string;
  readonly server: { readonly id: string; readonly zone?: string };
  readonly drainSeconds: number;
  readonly cacheUrl?: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** All that is wrong with an environment, one sentence a problem. */
export class SiteEnvironmentError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The environment of the site is wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'SiteEnvironmentError';
  }
}

/** A unix socket folder, or this very machine: nobody can listen on the way, TLS may be absent. */
export const isLocalHost = (host: string): boolean =>
  host.startsWith('/') || host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));

/** A URL may carry a password: an error shows it without. */
const shown = (value: string): string => value.replace(/(:\/\/)[^/]*@/, '$1…@');

/** What no single variable can tell. Works on raw values, so that it reports beside the problems of others. */
const crossProblems = (set: SiteEnvironmentVariables): string[] => {
  const hosts = (['DATABASE_WRITER_HOST', 'DATABASE_READER_HOST'] as const).filter((name) => set[name]);
  const secrets = (['DATABASE_WRITER_SECRET_ARN', 'DATABASE_READER_SECRET_ARN'] as const).filter(
    (name) => set[name],
  );
  return [
    ...hosts
      .filter((name) => !set.DATABASE_CA_FILE && !isLocalHost(set[name] ?? ''))
      .map(
        (name) =>
          `DATABASE_CA_FILE is not set, but ${name}=${set[name]} is another machine: ` +
          'must be the path of a PEM file, since TLS is always verified',
      ),
    ...(set.DATABASE_WRITER_SECRET_ARN || set.DATABASE_USER
      ? []
      : ['DATABASE_USER is not set: must be a role of the database, or set DATABASE_WRITER_SECRET_ARN']),
    ...secrets
      .filter(() => !set.AWS_REGION)
      .map((name) => `AWS_REGION is not set: must be the region of the secret in ${name}`),
  ];
};

/**
 * Reads and checks the environment. A variable set to nothing (`NAME=`) counts as absent, as
 * systemd's environment files leave it.
 * @throws SiteEnvironmentError naming every problem: variable, value given, what is allowed
 */
export function siteEnvironment(env: Record<string, string | undefined>): SiteEnvironment {
  const set: SiteEnvironmentVariables = {};
  for (const name of SITE_ENVIRONMENT_NAMES) if (env[name]) set[name] = env[name];

  const parsed = z.object(variables).safeParse(set);
  const problems = problemsOf(parsed.error, set, shown);
  // What is wrong by itself is told once: it is left out of the comparison with others.
  const sound = { ...set };
  for (const issue of parsed.error?.issues ?? []) {
    const name = issue.path[0] as SiteEnvironmentName;
    if (name.endsWith('_HOST')) delete sound[name];
  }
  problems.push(...crossProblems(sound));
  if (!parsed.success || problems.length > 0) throw new SiteEnvironmentError(problems);

  const value = parsed.data;
  return {
    port: value.PORT,
    siteName: value.SITE_NAME,
    database: {
      writer: { host: value.DATABASE_WRITER_HOST, secretArn: value.DATABASE_WRITER_SECRET_ARN },
      reader: {
        host: value.DATABASE_READER_HOST ?? value.DATABASE_WRITER_HOST,
        secretArn: value.DATABASE_READER_SECRET_ARN ?? value.DATABASE_WRITER_SECRET_ARN,
      },
      port: value.DATABASE_PORT,
      name: value.DATABASE_NAME,
      user: value.DATABASE_USER,
      caFile: value.DATABASE_CA_FILE,
    },
    region: value.AWS_REGION,
    server: { id: value.SERVER_ID ?? hostname(), zone: value.SERVER_ZONE },
    drainSeconds: value.DRAIN_SECONDS,
    cacheUrl: value.CACHE_URL,
    logLevel: value.LOG_LEVEL,
  };
}
