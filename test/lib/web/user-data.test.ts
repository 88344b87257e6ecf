import { spawnSync } from 'node:child_process';
import { Token } from 'aws-cdk-lib';
import { settingsSchema } from '../../../lib/settings';
import { FREE_USER_DATA_BYTES, userDataChecks } from '../../../lib/settings/user-data-checks';
import { userData, type UserDataProps } from '../../../lib/web/user-data';
import { ONE_OF_MANY, SPLIT_DATABASE } from '../../support/stand-ins/boot-props';
import { app, STAGES, templatesOf } from '../../support/synthesize';

/** EC2 guide, "Run commands when you launch an EC2 instance with user data input": before base64. */
const EC2_TAKES_BYTES = 16_384;
/** For a longer boot.sh or one more variable. */
const HEADROOM_BYTES = 1_024;

const webWith = (last: number) => ({
  startCommand: `'${'x'.repeat(499)}`,
  packages: Array.from({ length: 20 }, (_, index) => `package-${index}`),
  environment: Object.fromEntries([
    ...Array.from({ length: 6 }, (_, index) => [`VARIABLE_${index}`, 'x'.repeat(1_000)]),
    ['APOSTROPHES', "'".repeat(100)],
    ['LAST', 'x'.repeat(last)],
  ]),
  healthPath: `/${'h'.repeat(255)}`,
  drainSeconds: 900,
  port: 65_535,
});

const isTaken = (last: number) =>
  userDataChecks({ ...settingsSchema.parse({}).web, ...webWith(last) }).length === 0;

/** So many characters that the free part of user data is full. */
let most = 0;
while (isTaken(most + 1)) most++;

/** All that has a length, at its longest. */
const LONGEST = {
  name: 'a'.repeat(52),
  region: 'ap-southeast-7',
  site: { zoneName: `${'d'.repeat(56)}.com`, recordName: 'www' },
  server: { acmeEmail: `${'e'.repeat(242)}@mysite.com` },
  database: { databaseName: `d${'_'.repeat(62)}` },
  web: webWith(most),
};

/**
 * The longest that an intrinsic function of the user data gives: a secret's ARN has the region, the account, the name and
 * seven characters of its own; a volume's and an address's ID are much shorter, and so is the name of the assets' bucket.
 */
const LONGEST_REFERENCE = 256;

/** As it is on a server, but for what references give. */
function userDataOf(settings: object): string {
  const [template] = Object.values(
    templatesOf(app(settings)).get('web')!.findResources('AWS::EC2::LaunchTemplate'),
  );
  const text = template!['Properties'].LaunchTemplateData.UserData['Fn::Base64'];
  const parts: readonly unknown[] = typeof text === 'string' ? [text] : text['Fn::Join'][1];
  return parts.map((part) => (typeof part === 'string' ? part : 'r'.repeat(LONGEST_REFERENCE))).join('');
}

test.each(STAGES)('the longest settings leave room in the user data of %s', (stage) => {
  const length = Buffer.byteLength(userDataOf({ ...LONGEST, stage }));
  expect(length).toBeGreaterThan(FREE_USER_DATA_BYTES);
  expect(length).toBeLessThanOrEqual(EC2_TAKES_BYTES - HEADROOM_BYTES);
});

test('one byte more is refused with the settings, before anything is made', () => {
  expect(most).toBeGreaterThan(0);
  const error =
    /web\.environment: .*at most 8192 bytes of web\.environment, web\.startCommand, web\.packages together.* these have 8193/s;
  expect(() => app({ ...LONGEST, web: webWith(most + 1) })).toThrow(error);
});

test('another boot script is another launch template, so that it replaces the servers', () => {
  const text = userData(ONE_OF_MANY);
  const { bucket, key, sha256 } = ONE_OF_MANY.script;
  expect(text).toContain(`SCRIPT='s3://${bucket}/${key}'\nSCRIPT_SHA256='${sha256}'\n`);
  expect(userData({ ...ONE_OF_MANY, script: { ...ONE_OF_MANY.script, sha256: 'other' } })).not.toBe(text);
});

describe('values', () => {
  test('single quotes, dollars and backslashes reach the shell as they are', () => {
    const startCommand = `sh -c 'echo "$PORT" \\ $(date)'`;
    const header = userData({ ...ONE_OF_MANY, startCommand })
      .split('\n')
      .filter((line) => line.startsWith('START_COMMAND='))
      .join('');
    const shell = spawnSync('bash', ['-c', `${header}; printf %s "$START_COMMAND"`], { encoding: 'utf8' });
    expect(shell.stdout).toBe(startCommand);
  });

  test('CDK tokens stay whole', () => {
    const token = Token.asString({ Ref: 'Bucket' });
    const script = userData({
      ...ONE_OF_MANY,
      artifact: { bucket: token, key: 'site.zip' },
      environment: { DATABASE_WRITER_SECRET_ARN: token },
    });
    expect(script).toContain(`ARTIFACT='s3://${token}/site.zip'`);
    expect(script).toContain(`'DATABASE_WRITER_SECRET_ARN=${token}'`);
  });

  test('a given DATABASE_CA_FILE is where the trust store goes', () => {
    const script = userData({ ...ONE_OF_MANY, environment: { DATABASE_CA_FILE: '/opt/mysite/ca.pem' } });
    expect(script).toContain(`TRUST_STORE='/opt/mysite/ca.pem'`);
  });

  test('a database elsewhere brings the trust store, asked for or not', () => {
    expect(userData({ ...SPLIT_DATABASE, trustStore: false })).toContain(
      `TRUST_STORE='/opt/mysite/rds-ca.pem'`,
    );
  });

  test.each<[string, Partial<UserDataProps>, string]>([
    ['a line break', { environment: { MOTTO: 'one\ntwo' } }, 'environment.MOTTO has a line break'],
    ['a carriage return', { environment: { MOTTO: 'one\rtwo' } }, 'environment.MOTTO has a line break'],
    ['an impossible name', { environment: { 'MY-VAR': '' } }, 'environment has "MY-VAR"'],
    ["a server's own fact", { environment: { SERVER_ID: 'i-1' } }, 'environment.SERVER_ID is given'],
    ['a privileged port', { port: 80 }, 'port is 80: 1024 to 65535'],
    ['no port', { port: NaN }, 'port is NaN'],
    ['a name that leaves its folder', { name: '../etc' }, 'name is "../etc"'],
  ])('%s is refused', (_, change, message) => {
    expect(() => userData({ ...ONE_OF_MANY, ...change })).toThrow(message);
  });
});
