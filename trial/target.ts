/** Where a trial deploys to. */
export interface Target {
  /** `http://localhost:PORT`: with 127.0.0.1 the CDK CLI and S3 read URLs differently. */
  readonly endpoint: string;
  readonly region: string;
  /** 12 digits. */
  readonly account: string;
}

/** The account of the trial unless the settings name one: the example of AWS's documentation. */
export const TRIAL_ACCOUNT = '123456789012';

/** Emulators take the account from an access key id of 12 digits; the secret is checked by none. */
export const credentialsOf = ({ account }: Target) => ({ accessKeyId: account, secretAccessKey: 'trial' });

/** What an SDK client needs to speak to the target and to nothing else. */
export const clientConfig = (target: Target) => ({
  endpoint: target.endpoint,
  region: target.region,
  credentials: credentialsOf(target),
  maxAttempts: 2,
});

/**
 * The environment for programs that deploy to `target`: of the caller's own, nothing that names an account, a profile,
 * an endpoint or a setting of the CDK, so that a real account cannot be touched by accident.
 */
export function environmentFor(
  target: Target,
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const kept = Object.entries(own).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^(AWS|CDK|CFN)_/i.test(entry[0]),
  );
  const { accessKeyId, secretAccessKey } = credentialsOf(target);
  const nothing = process.platform === 'win32' ? 'NUL' : '/dev/null';
  const local = ['localhost', '127.0.0.1', own['NO_PROXY'] ?? own['no_proxy']].filter(Boolean).join(',');
  return {
    ...Object.fromEntries(kept),
    AWS_ENDPOINT_URL: target.endpoint,
    AWS_REGION: target.region,
    AWS_DEFAULT_REGION: target.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_CONFIG_FILE: nothing,
    AWS_SHARED_CREDENTIALS_FILE: nothing,
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_VERSION_CHECK: '1',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    // npx, which starts the app, would otherwise look for a newer npm.
    NPM_CONFIG_UPDATE_NOTIFIER: 'false',
    NO_PROXY: local,
    no_proxy: local,
  };
}

/** The variables that a Python or Node program needs of the caller's, and no other: the emulator has settings too. */
export function plainEnvironment(own: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = [
    'PATH',
    'HOME',
    'LANG',
    'LC_ALL',
    'TMPDIR',
    'TEMP',
    'TMP',
    'SystemRoot',
    'USERPROFILE',
    'PATHEXT',
  ];
  return Object.fromEntries(names.flatMap((name) => (own[name] ? [[name, own[name]]] : [])));
}
