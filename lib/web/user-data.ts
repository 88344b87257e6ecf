/**
 * The user data of the web servers, at every stage: a header of shell variables, then user-data.sh, which fetches
 * the boot script (boot-script.ts) and runs it. Pure text in, text out; values may hold CDK tokens, which stay whole.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quoted, withoutComments } from './shell';

export interface UserDataProps {
  /** Name of the site, lower case: /opt/<name> on the server. */
  readonly name: string;
  readonly region: string;
  /** The boot script in S3; user-data.sh runs it only when its SHA-256, hexadecimal, is this one. */
  readonly script: { readonly bucket: string; readonly key: string; readonly sha256: string };
  /** Zip file in S3, unpacked to /opt/<name>/site. */
  readonly artifact: { readonly bucket: string; readonly key: string };
  /** dnf packages of the site's runtime, such as nodejs24. */
  readonly packages: readonly string[];
  /** Runs in the site's folder, by `/bin/sh -c`: `$PORT` means what it says. */
  readonly startCommand: string;
  /** TCP port of the site on 127.0.0.1, 1024 or above as the site has no privileges. */
  readonly port: number;
  /** Path that answers 200 as soon as the process serves. */
  readonly healthPath: string;
  /** Seconds that the site takes to drain after SIGTERM; systemd waits ten more before it kills. */
  readonly drainSeconds: number;
  /**
   * What the site gets. PORT, DRAIN_SECONDS, SERVER_ID, SERVER_ZONE, AWS_REGION, and with a trust store
   * DATABASE_CA_FILE, are added; of these SERVER_ID and SERVER_ZONE cannot be given.
   */
  readonly environment: Readonly<Record<string, string>>;
  /** Fetch RDS's certificate authorities, to the path in DATABASE_CA_FILE. */
  readonly trustStore: boolean;
  /** Whom to tell when the boot has succeeded or failed. @default - nobody */
  readonly signal?: {
    /** Name or ID of the stack. */
    readonly stack: string;
    /** Logical ID of the Auto Scaling group. */
    readonly resource: string;
  };
  /** The first two stages: one server with a fixed address and its own data volume. @default - one of many */
  readonly loneServer?: LoneServer;
}

export interface LoneServer {
  /** Of the Elastic IP address. */
  readonly allocationId: string;
  /** Of the EBS volume, in the zone of the server. */
  readonly volumeId: string;
  /** Name that the volume is attached by; the kernel calls it otherwise. @default /dev/sdf */
  readonly device?: string;
  readonly proxy: {
    /** Name to obtain a certificate for. @default - HTTP only */
    readonly domain?: string;
    /** Where the certificate authority writes to. @default - nowhere */
    readonly acmeEmail?: string;
  };
  /** Valkey on 127.0.0.1:6379. */
  readonly cache: boolean;
  /** CloudWatch namespace of the metric Answers: each minute 1 or 0, with the dimension Site, the name. */
  readonly metrics: string;
  readonly database: LocalDatabase | RemoteDatabase;
}

/** PostgreSQL on the data volume, reached by socket in /run/postgresql as the role `site`. */
export interface LocalDatabase {
  readonly kind: 'local';
  readonly databaseName: string;
}

/** RDS; the database that an earlier stage left on the data volume is moved into it, once. */
export interface RemoteDatabase {
  readonly kind: 'remote';
  readonly databaseName: string;
  /** Name of the writer, an alias (CNAME) of the RDS endpoint or the endpoint itself. */
  readonly writerHost: string;
  /** Secret with username, password and perhaps port, of a role that may create tables. */
  readonly writerSecretArn: string;
}

/** Where `environment.DATABASE_CA_FILE` points unless it is given. */
export const trustStorePath = (name: string): string => `/opt/${name}/rds-ca.pem`;

/** The socket's folder: what DATABASE_WRITER_HOST is with a local database, for the role `site`. */
export const LOCAL_DATABASE_HOST = '/run/postgresql';

/** What `loneServer.cache` listens on. */
export const LOCAL_CACHE_URL = 'redis://127.0.0.1:6379';

/**
 * @throws Error when a value could not survive on the server, such as a line break in the environment
 */
export function userData(props: UserDataProps): string {
  const problem = firstProblem(props);
  if (problem) throw new Error(problem);
  const stub = withoutComments(readFileSync(join(__dirname, 'user-data.sh'), 'utf8'));
  return ['#!/bin/bash', ...variables(props), stub, 'main'].join('\n') + '\n';
}

function firstProblem({ name, port, environment }: UserDataProps): string | undefined {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) return `name is "${name}": lower-case letters, digits and hyphens`;
  if (!(port >= 1024 && port <= 65_535)) {
    return `port is ${port}: 1024 to 65535, as the site runs without privileges`;
  }
  for (const [key, value] of Object.entries(environment)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) {
      return `environment has "${key}": a name has letters, digits and underscores`;
    }
    if (/[\n\r\0]/.test(value))
      return `environment.${key} has a line break, which the site's environment file cannot hold`;
    if (key === 'SERVER_ID' || key === 'SERVER_ZONE')
      return `environment.${key} is given: each server finds its own`;
  }
  return undefined;
}

function variables(props: UserDataProps): string[] {
  const { loneServer: lone, signal } = props;
  const remote = lone?.database.kind === 'remote' ? lone.database : undefined;
  const trustStore =
    props.trustStore || remote ? (props.environment.DATABASE_CA_FILE ?? trustStorePath(props.name)) : '';
  const environment: Record<string, string> = {
    PORT: String(props.port),
    DRAIN_SECONDS: String(props.drainSeconds),
    AWS_REGION: props.region,
    ...(trustStore ? { DATABASE_CA_FILE: trustStore } : {}),
    ...props.environment,
  };
  const header: Record<string, string | readonly string[]> = {
    NAME: props.name,
    REGION: props.region,
    SCRIPT: `s3://${props.script.bucket}/${props.script.key}`,
    SCRIPT_SHA256: props.script.sha256,
    ARTIFACT: `s3://${props.artifact.bucket}/${props.artifact.key}`,
    PACKAGES: serverPackages(props),
    START_COMMAND: props.startCommand,
    PORT: String(props.port),
    HEALTH_PATH: props.healthPath,
    DRAIN_SECONDS: String(props.drainSeconds),
    ENVIRONMENT: Object.entries(environment).map(([key, value]) => `${key}=${value}`),
    TRUST_STORE: trustStore,
    SIGNAL_STACK: signal?.stack ?? '',
    SIGNAL_RESOURCE: signal?.resource ?? '',
    LONE_SERVER: lone ? 'yes' : '',
    ...(lone && {
      ALLOCATION_ID: lone.allocationId,
      VOLUME_ID: lone.volumeId,
      DEVICE: lone.device ?? '/dev/sdf',
      DOMAIN: lone.proxy.domain ?? '',
      ACME_EMAIL: lone.proxy.acmeEmail ?? '',
      CACHE: lone.cache ? 'yes' : '',
      METRICS: lone.metrics,
      DATABASE_NAME: lone.database.databaseName,
    }),
    ...(remote && { WRITER_HOST: remote.writerHost, WRITER_SECRET: remote.writerSecretArn }),
  };
  return Object.entries(header).map(([key, value]) =>
    typeof value === 'string' ? `${key}=${quoted(value)}` : `${key}=(${value.map(quoted).join(' ')})`,
  );
}

/**
 * All in one transaction of dnf, all from Amazon Linux 2023's own repository.
 * mod_md is not there (https://github.com/amazonlinux/amazon-linux-2023/issues/611), certbot is
 * (https://github.com/amazonlinux/amazon-linux-2023/issues/444), as are Valkey
 * (https://github.com/amazonlinux/amazon-linux-2023/issues/833) and PostgreSQL 17
 * (https://github.com/amazonlinux/amazon-linux-2023/issues/860).
 */
function serverPackages({ packages, loneServer: lone }: UserDataProps): string[] {
  const all = [
    'unzip',
    ...packages,
    ...(lone ? ['nginx'] : []),
    ...(lone?.proxy.domain ? ['certbot'] : []),
    ...(lone?.cache ? ['valkey'] : []),
    ...(lone?.database.kind === 'local' ? ['postgresql17', 'postgresql17-server', 'glibc-langpack-en'] : []),
  ];
  return [...new Set(all)];
}
