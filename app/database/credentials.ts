/** Who the site is to the database: a role without password, or one whose password is in Secrets Manager. */
import * as z from 'zod';

export interface Credentials {
  readonly user: string;
  readonly password?: string;
}

export interface CredentialSource {
  /** The credentials as last fetched; fetches them when there are none. */
  current(): Promise<Credentials>;
  /**
   * Called when the database refused `refused`: tells whether there are others now.
   * Secrets rotate, so a refusal is worth one look; but not a look a request.
   */
  renew(refused: Credentials): Promise<boolean>;
}

/** Fetches a secret's text by its ARN. */
export type FetchSecret = (arn: string) => Promise<string>;

const SECRET = z.object({ username: z.string().min(1), password: z.string().min(1) });

/** Ten thousand GetSecretValue calls a second and account are the quota: a wrong password must not use them up. */
const LEAST_MILLIS_BETWEEN_FETCHES = 5_000;

export const withoutPassword = (user: string): CredentialSource => ({
  current: () => Promise.resolve({ user }),
  renew: () => Promise.resolve(false),
});

/**
 * @param now milliseconds of a clock
 * @throws (from its methods) when the secret cannot be fetched or is no JSON with username and password;
 *   the error never holds the secret's text
 */
export function fromSecret(
  arn: string,
  fetchSecret: FetchSecret,
  now: () => number = Date.now,
): CredentialSource {
  let known: Credentials | undefined;
  let fetching: Promise<Credentials> | undefined;
  let fetchedAt = -Infinity;

  // A failure is not remembered, and takes nothing away that was known: an outage of Secrets Manager is none of ours.
  const fetch = (): Promise<Credentials> => {
    fetchedAt = now();
    fetching ??= fetchSecret(arn)
      .then((secret) => (known = parseSecret(arn, secret)))
      .finally(() => (fetching = undefined));
    return fetching;
  };
  const current = async () => known ?? fetching ?? fetch();
  const differs = (a: Credentials, b: Credentials) => a.user !== b.user || a.password !== b.password;

  return {
    current,
    async renew(refused) {
      if (differs(await current(), refused)) return true;
      // Another connection's look may be under way, or just through: then its answer is ours.
      if (!fetching && now() - fetchedAt < LEAST_MILLIS_BETWEEN_FETCHES) return false;
      return differs(await (fetching ?? fetch()), refused);
    },
  };
}

function parseSecret(arn: string, secret: string): Credentials {
  try {
    const { username, password } = SECRET.parse(JSON.parse(secret));
    return { user: username, password };
  } catch {
    // Neither zod's nor JSON.parse's message may be passed on: both quote the text.
    throw new Error(`The secret ${arn} must be JSON with a username and a password`);
  }
}

/**
 * Fetches from AWS Secrets Manager; the SDK is loaded at the first call, so that start-up does not wait for it.
 *
 * @param stage `AWSPREVIOUS`: the version before the last rotation; absent: the current one
 */
export function secretsManager(region: string | undefined, stage?: 'AWSPREVIOUS'): FetchSecret {
  return async (arn) => {
    const { SecretsManagerClient, GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
    const client = new SecretsManagerClient({
      region,
      maxAttempts: 2,
      requestHandler: { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
    });
    try {
      const { SecretString } = await client.send(
        new GetSecretValueCommand({ SecretId: arn, VersionStage: stage }),
      );
      return SecretString ?? '';
    } finally {
      client.destroy();
    }
  };
}
