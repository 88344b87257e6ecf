/**
 * The environment contract of the failover controller: the stack that sets the variables takes the names and types from
 * here, the function that reads them the parser. Nothing heavy may be imported.
 */
import * as z from 'zod';
import {
  hostName,
  identifier,
  matching,
  pemFile,
  problemsOf,
  region,
  secretArn,
  wholeNumber,
  yesOrNo,
} from '../../app/environment-forms';
import type { Policy } from './policy';

/** A year, in seconds and in minutes: more is a mistake, however long the settings allow. */
const YEAR_SECONDS = 365 * 24 * 3600;
const YEAR_MINUTES = YEAR_SECONDS / 60;

const seconds = (lowest: number) => wholeNumber(lowest, YEAR_SECONDS);
const minutes = () => wholeNumber(0, YEAR_MINUTES);
const securityGroup = () =>
  matching('the id of a security group, such as sg-0123456789abcdef0', /^sg-[\da-zA-Z]{1,32}$/);

const DAY = '(mon|tue|wed|thu|fri|sat|sun)';
const TIME = '([01]\\d|2[0-3]):[0-5]\\d';

const variables = {
  GROUP_NAME: matching('the name of the site', /^[a-z][a-z\d-]{0,51}$/).describe(
    'Name of the site, with which every identifier begins',
  ),
  MODE: z
    .enum(['automatic', 'notify'], { error: 'automatic or notify' })
    .describe('Fail over, or only say that it would'),
  PROBE_INTERVAL_SECONDS: seconds(1).describe('Time between two looks while nothing is wrong'),
  DETECT_AFTER_SECONDS: seconds(1).describe('How long the primary must be missed before it counts as dead'),
  MAX_LAG_SECONDS: seconds(1).describe('Lag beyond which a replica serves no reads and is not promoted'),
  FENCE_POLICY: z
    .enum(['strict', 'best-effort'], { error: 'strict or best-effort' })
    .describe('Whether a failover waits for a human when the fence cannot be shown'),
  MINIMUM_INTERVAL_MINUTES: minutes().describe(
    'Time after a failover in which another one needs an acknowledgement',
  ),
  REPLACE_AFTER_SECONDS: seconds(1).describe('How long a replica may be unfit before it is replaced'),
  MANAGED_FAILOVER_GRACE_SECONDS: seconds(0).describe("How long RDS's own failover or reboot is waited for"),
  SEQUENCE_GAP: wholeNumber(0, 1_000_000_000).describe('How far sequences are advanced after a promotion'),
  MAINTENANCE_WINDOW: matching(
    'ddd:hh:mm-ddd:hh:mm in UTC, such as sun:03:00-sun:04:00',
    new RegExp(`^${DAY}:${TIME}-${DAY}:${TIME}$`),
  ).describe('Weekly time in which databases get their usual names back'),
  BACKUP_WINDOW: matching(
    'hh:mm-hh:mm in UTC, such as 05:00-06:00',
    new RegExp(`^${TIME}-${TIME}$`),
  ).describe('Daily time of backups'),
  // At most 15 replicas of one source: RDS user guide, "Working with DB instance read replicas".
  REPLICAS: wholeNumber(0, 15).describe('How many replicas there should be'),
  BACKUP_DAYS: wholeNumber(1, 35).describe('Days that backups of the primary are kept'),
  MULTI_AZ: yesOrNo().describe('Whether the primary has a standby in another zone'),
  DELETION_PROTECTION: yesOrNo().describe('Whether the primary is protected against deletion'),
  DATABASE_GROUP_ID: securityGroup().describe('Security group of the databases'),
  QUARANTINE_GROUP_ID: securityGroup().describe('Security group of an old primary, which no client passes'),
  DATABASE_NAME: identifier().describe('Name of the database'),
  DATABASE_CA_FILE: pemFile().describe('Certificate authorities that the databases must prove themselves by'),
  CONTROLLER_SECRET_ARN: secretArn().describe(
    'Secret (JSON with username and password) of the role controller',
  ),
  ZONE_ID: matching('the id of a hosted zone', /^[A-Z\d]{1,32}$/).describe(
    'Private hosted zone of the two names',
  ),
  WRITER_NAME: hostName().describe('Name that clients write to'),
  READER_NAME: hostName().describe('Name that clients read from'),
  JOURNAL_TABLE: matching('the name of a DynamoDB table', /^[\w.-]{3,255}$/).describe(
    'Table with lease, memory and journal',
  ),
  DATA_STACK: matching('the name or ARN of a stack', /^(arn:\S+|[A-Za-z][\w-]{0,127})$/).describe(
    'Stack with the databases, whose policy keeps deployments away from them',
  ),
  TOPIC_ARN: matching('the ARN of an SNS topic', /^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]+$/).describe(
    'Topic that people are told by',
  ),
  AWS_REGION: region().describe('Region of all of it; Lambda sets it'),
};

export type FailoverEnvironmentName = keyof typeof variables;

/** What the stack sets: all but what Lambda sets itself. */
export type FailoverEnvironmentVariables = Record<Exclude<FailoverEnvironmentName, 'AWS_REGION'>, string>;

export interface FailoverEnvironment {
  readonly policy: Policy;
  readonly database: string;
  readonly caFile: string;
  readonly controllerSecretArn: string;
  readonly zoneId: string;
  readonly writerName: string;
  readonly readerName: string;
  readonly journalTable: string;
  /** Name or ARN. */
  readonly dataStack: string;
  readonly topicArn: string;
  readonly region: string;
}

/**
 * Reads and checks the environment.
 * @throws Error naming every problem: variable, value given, what is allowed. No variable holds a secret.
 */
export function failoverEnvironment(env: Record<string, string | undefined>): FailoverEnvironment {
  const parsed = z.object(variables).safeParse(env);
  if (!parsed.success) {
    throw new Error(`The environment is wrong: ${problemsOf(parsed.error, env).join('; ')}`);
  }
  const value = parsed.data;
  return {
    policy: {
      name: value.GROUP_NAME,
      mode: value.MODE,
      probeIntervalMillis: value.PROBE_INTERVAL_SECONDS * 1_000,
      detectAfterMillis: value.DETECT_AFTER_SECONDS * 1_000,
      maxLagMillis: value.MAX_LAG_SECONDS * 1_000,
      fencePolicy: value.FENCE_POLICY,
      minimumIntervalMillis: value.MINIMUM_INTERVAL_MINUTES * 60_000,
      replaceAfterMillis: value.REPLACE_AFTER_SECONDS * 1_000,
      managedFailoverGraceMillis: value.MANAGED_FAILOVER_GRACE_SECONDS * 1_000,
      sequenceGap: value.SEQUENCE_GAP,
      maintenanceWindow: value.MAINTENANCE_WINDOW,
      backupWindow: value.BACKUP_WINDOW,
      replicas: value.REPLICAS,
      databaseGroup: value.DATABASE_GROUP_ID,
      quarantineGroup: value.QUARANTINE_GROUP_ID,
      backupDays: value.BACKUP_DAYS,
      multiAz: value.MULTI_AZ,
      deletionProtection: value.DELETION_PROTECTION,
    },
    database: value.DATABASE_NAME,
    caFile: value.DATABASE_CA_FILE,
    controllerSecretArn: value.CONTROLLER_SECRET_ARN,
    zoneId: value.ZONE_ID,
    writerName: value.WRITER_NAME,
    readerName: value.READER_NAME,
    journalTable: value.JOURNAL_TABLE,
    dataStack: value.DATA_STACK,
    topicArn: value.TOPIC_ARN,
    region: value.AWS_REGION,
  };
}
