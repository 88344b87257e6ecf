/**
 * The environment contract of the function that prepares the database: the stack that sets the variables takes the
 * names and types from here, the function that reads them the parser. Nothing heavy may be imported.
 */
import * as z from 'zod';

/** A text of that form; `allowed` completes the sentence "must be …" of the error. */
const matching = (allowed: string, pattern: RegExp) =>
  z.string({ error: allowed }).regex(pattern, { error: allowed });

const secretArn = () =>
  matching('the ARN of a Secrets Manager secret', /^arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:\S+$/);

const variables = {
  DATABASE_HOST: matching('a host name', /^[\w-]+(\.[\w-]+)*\.?$/).describe(
    "The writer's name; may be an alias of the name in the certificate",
  ),
  DATABASE_PORT: matching('a port from 1 to 65535', /^[1-9]\d{0,4}$/)
    .transform(Number)
    .refine((port) => port <= 65_535, { error: 'a port from 1 to 65535' })
    .describe('TCP port of the database'),
  DATABASE_NAME: matching('1 to 63 printable ASCII characters', /^[\x20-\x7e]{1,63}$/).describe(
    'Name of the database',
  ),
  DATABASE_CA_FILE: matching('the path of a PEM file', /^[^\0]+$/).describe(
    'Certificate authorities that the database must prove itself by',
  ),
  AWS_REGION: matching('an AWS region such as eu-central-1', /^[a-z]{2}(-[a-z]+)+-\d$/).describe(
    'Region of the secrets; Lambda sets it',
  ),
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
    const problems = parsed.error.issues.map(({ path: [name], message }) => {
      const value = env[String(name)];
      return `${String(name)}${value === undefined ? ' is not set' : `=${value}`}: must be ${message}`;
    });
    throw new Error(`The environment is wrong: ${problems.join('; ')}`);
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
