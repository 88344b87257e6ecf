/**
 * The environment contract of the recovery function: the stack that sets the variables takes the names and types from
 * here, the function that reads them the parser. Nothing heavy may be imported.
 */
import * as z from 'zod';
import { identifier, matching, pemFile, problemsOf, region, secretArn } from '../../app/environment-forms';

const variables = {
  GROUP_NAME: matching('the name of the site', /^[a-z][a-z\d-]{0,51}$/).describe(
    'Name of the site, with which every identifier begins',
  ),
  DATABASE_NAME: identifier().describe('Name of the database'),
  DATABASE_CA_FILE: pemFile().describe('Certificate authorities that the databases must prove themselves by'),
  RECOVERY_SECRET_ARN: secretArn().describe('Secret (JSON with username and password) of the role recovery'),
  JOURNAL_TABLE: matching('the name of a DynamoDB table', /^[\w.-]{3,255}$/).describe(
    'Table of the failover controller, which has the forks; runs of recovery are told there too',
  ),
  REPORT_BUCKET: matching('the name of an S3 bucket', /^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/).describe(
    'Bucket that plans and reports are kept in, below recovery/',
  ),
  TOPIC_ARN: matching('the ARN of an SNS topic', /^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]+$/).describe(
    'Topic that people are told by',
  ),
  AWS_REGION: region().describe('Region of all of it; Lambda sets it'),
};

export type RecoveryEnvironmentName = keyof typeof variables;

/** What the stack sets: all but what Lambda sets itself. */
export type RecoveryEnvironmentVariables = Record<Exclude<RecoveryEnvironmentName, 'AWS_REGION'>, string>;

export interface RecoveryEnvironment {
  /** Name of the site. */
  readonly group: string;
  readonly database: string;
  readonly caFile: string;
  readonly secretArn: string;
  readonly journalTable: string;
  readonly bucket: string;
  readonly topicArn: string;
  readonly region: string;
}

/**
 * Reads and checks the environment.
 * @throws Error naming every problem: variable, value given, what is allowed. No variable holds a secret.
 */
export function recoveryEnvironment(env: Record<string, string | undefined>): RecoveryEnvironment {
  const parsed = z.object(variables).safeParse(env);
  if (!parsed.success) {
    throw new Error(`The environment is wrong: ${problemsOf(parsed.error, env).join('; ')}`);
  }
  const value = parsed.data;
  return {
    group: value.GROUP_NAME,
    database: value.DATABASE_NAME,
    caFile: value.DATABASE_CA_FILE,
    secretArn: value.RECOVERY_SECRET_ARN,
    journalTable: value.JOURNAL_TABLE,
    bucket: value.REPORT_BUCKET,
    topicArn: value.TOPIC_ARN,
    region: value.AWS_REGION,
  };
}
