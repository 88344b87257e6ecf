/**
 * Runs as a custom resource of the data stack, whenever this code or the database behind it changes: makes the roles
 * with the passwords of their secrets, the heartbeat and the slot (plan.ts says what and why).
 */
import { readFileSync } from 'node:fs';
import { fromSecret, secretsManager } from '../../app/database/credentials';
import type { Credentials, FetchSecret } from '../../app/database/credentials';
import { createLog } from '../../app/log';
import { realNameFinder } from '../../app/database/real-name';
import type { FindRealName } from '../../app/database/real-name';
import { type CustomResourceRequest, respond } from '../custom-resource/respond';
import { connect } from './connect';
import { type PrepareEnvironment, prepareEnvironment } from './environment';
import { ROLES, type RoleName } from './plan';
import { prepareDatabase } from './prepare';
import { scramVerifier } from './scram';

export interface Parts {
  readonly fetchSecret: FetchSecret;
  readonly findRealName: FindRealName;
}

/** What Lambda's context is asked for. */
interface Context {
  /** Until Lambda ends the function. */
  getRemainingTimeInMillis(): number;
}

const log = createLog('info');

/** Kept back of the function's time for the statements and the answer. */
const RESERVE_MILLIS = 120_000;

/** @throws Error only when CloudFormation does not take the answer */
export async function handler(request: CustomResourceRequest, context: Context): Promise<void> {
  const failure = request.RequestType === 'Delete' ? undefined : await attempt(context);
  await respond(request, 'prepare-database', failure);
}

/** @returns why it failed, in a sentence without secrets; undefined when it did not */
async function attempt(context: Context): Promise<string | undefined> {
  try {
    const environment = prepareEnvironment(process.env);
    const parts = { fetchSecret: secretsManager(environment.region), findRealName: realNameFinder() };
    const statements = await run(environment, parts, Date.now() + context.getRemainingTimeInMillis());
    log.info('database prepared', { host: environment.host, database: environment.database, statements });
    return undefined;
  } catch (error) {
    log.error('database not prepared', { error });
    const { message } = error as Error;
    return `The database could not be prepared: ${message || (error as { code?: string }).code || 'no reason given'}`;
  }
}

/**
 * Connects as the master and prepares.
 *
 * @param deadline milliseconds of the wall clock at which Lambda ends the function
 * @returns how many statements were run
 * @throws Error, which names the secret when one is at fault; no error holds a password
 */
export async function run(
  environment: PrepareEnvironment,
  { fetchSecret, findRealName }: Parts,
  deadline: number,
): Promise<number> {
  const fetchNamed: FetchSecret = (arn) =>
    fetchSecret(arn).catch((error: Error) => {
      throw new Error(`The secret ${arn} could not be read: ${error.message}`, { cause: error });
    });
  const credentials = (arn: string): Promise<Credentials> => fromSecret(arn, fetchNamed).current();
  const [master, ...roles] = await Promise.all([
    credentials(environment.masterSecretArn),
    ...ROLES.map((role) => credentials(environment.secretArns[role])),
  ]);
  const verifiers = Object.fromEntries(
    ROLES.map((role, index) => [role, verifierOf(role, environment.secretArns[role], roles[index]!)]),
  ) as Record<RoleName, string>;

  const ca = readFileSync(environment.caFile, 'utf8');
  const client = await connect({ ...environment, ca }, master, findRealName, deadline - RESERVE_MILLIS);
  try {
    return await prepareDatabase(client, verifiers);
  } finally {
    // After a failure the server may not answer: the transaction ends with the connection either way.
    await client.end().catch(() => undefined);
  }
}

function verifierOf(role: RoleName, arn: string, { user, password }: Credentials): string {
  // Another name would give that user's password to a role that the servers do not sign in as.
  if (user !== role) throw new Error(`The secret ${arn} is of the user ${user}, not of ${role}`);
  return scramVerifier(password ?? '');
}
