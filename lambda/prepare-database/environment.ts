/**
 * The environment contract of the function that prepares the database: the stack that sets the variables takes the
 * names and types from here, the function that reads them the parser. Nothing heavy may be imported.
 */
import * as z from 'zod';
import {
  hostName,
  identifier,
  pemFile,
  port,
  problemsOf,
  region,
  secretArn,
} from '../../app/environment-forms';

const variables = {
  DATABASE_HOST: hostName().describe("The writer's name; may be an alias of the name in the certificate"),
  DATABASE_PORT: port(1).describe('TCP port of the database'),
  DATABASE_NAME: identifier().describe('Name of the database'),
  DATABASE_CA_FILE: pemFile().describe('Certificate authorities that the database must prove itself by'),
  AWS_REGION: region().describe('Region of the secrets; Lambda sets it'),
  MASTER_SECRET_ARN: secretArn().describe('Secret (JSON with username and password) of the master user'),
  APP_WRITER_SECRET_ARN: secretArn().describe('Secret of the role app_writer'),
  APP_READER_SECRET_ARN: secretArn().describe('Secret of the role app_reader'),
  CONTROLLER_SECRET_ARN: secretArn().describe('Secret of the role controller'),
  RECOVERY_SECRET_ARN: secretArn().describe('Secret of the role recovery'),
};

export type PrepareEnvironmentName = keyof typeof variables;

/** What the stack sets: all but what Lambda sets itself. */
export type PrepareEnvironmentVariables = Record<Exclude<PrepareEnvironmentName, 'AWS_REGION'>, string>;

export interface PrepareEnvironment {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly caFile: string;
  readonly region: string;
  readonly masterSecretArn: string;
  /** By role. */
  readonly secretArns: Readonly<Record<'app_writer' | 'app_reader' | 'controller' | 'recovery', string>>;
}

/**
 * Reads and checks the environment.
 * @throws Error naming every problem: variable, value given, what is allowed. No variable holds a secret.
 */
export function prepareEnvironment(env: Record<string, string | undefined>): PrepareEnvironment {
  const parsed = z.object(variables).safeParse(env);
  if (!parsed.success) {
    throw new Error(`The environment is wrong: ${problemsOf(parsed.error, env).join('; ')}`);
  }
  const value = parsed.data;
  return {
    host: value.DATABASE_HOST,
    port: value.DATABASE_PORT,
    database: value.DATABASE_NAME,
    caFile: value.DATABASE_CA_FILE,
    region: value.AWS_REGION,
    masterSecretArn: value.MASTER_SECRET_ARN,
    secretArns: {
      app_writer: value.APP_WRITER_SECRET_ARN,
      app_reader: value.APP_READER_SECRET_ARN,
      controller: value.CONTROLLER_SECRET_ARN,
      recovery: value.RECOVERY_SECRET_ARN,
    },
  };
}
