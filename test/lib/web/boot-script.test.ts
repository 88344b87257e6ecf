import { spawnSync } from 'node:child_process';
import { Token } from 'aws-cdk-lib';
import type { BootScriptProps } from '../../../lib/web/boot-script';
import { bootScript, USER_DATA_LIMIT_BYTES } from '../../../lib/web/boot-script';
import {
  ONE_OF_MANY,
  SINGLE_SERVER,
  SINGLE_SERVER_WITHOUT_DOMAIN,
  SPLIT_DATABASE,
} from '../../support/stand-ins/boot-props';
import { requireBash } from '../../support/stand-ins/server';
import { venvProgram } from '../../support/venv';

beforeAll(requireBash);

describe.each<[string, BootScriptProps]>([
  ['single-server', SINGLE_SERVER],
  ['single-server without a domain', SINGLE_SERVER_WITHOUT_DOMAIN],
  ['split-database', SPLIT_DATABASE],
  ['load-balanced and replicated', ONE_OF_MANY],
])('the boot script of %s', (_, props) => {
  const script = bootScript(props);

  test('has nothing that shellcheck objects to', () => {
    const check = spawnSync(venvProgram('shellcheck'), ['--shell=bash', '--severity=style', '-'], {
      input: script,
      encoding: 'utf8',
    });
    expect(check.stdout + check.stderr).toBe('');
    expect(check.status).toBe(0);
  });

  test('leaves a kilobyte of the user data for a longer environment', () => {
    const bytes = Buffer.byteLength(script);
    if (bytes > USER_DATA_LIMIT_BYTES - 1024) {
      throw new Error(
        `The user data has ${bytes} of ${USER_DATA_LIMIT_BYTES} bytes: shorten lib/web/boot*.sh`,
      );
    }
  });

  test('is the same each time, so that nothing is deployed for nothing', () => {
    expect(bootScript(props)).toBe(script);
  });
});

test('shellcheck sees a misspelt variable', () => {
  const check = spawnSync(venvProgram('shellcheck'), ['--shell=bash', '--severity=style', '-'], {
    input: bootScript(ONE_OF_MANY).replaceAll('$REASON', '$REASN'),
    encoding: 'utf8',
  });
  expect(check.stdout).toContain('Possible misspelling: REASN may not be assigned');
  expect(check.status).toBe(1);
});

describe('values', () => {
  test('single quotes, dollars and backslashes reach the shell as they are', () => {
    const startCommand = `sh -c 'echo "$PORT" \\ $(date)'`;
    const header = bootScript({ ...ONE_OF_MANY, startCommand })
      .split('\n')
      .filter((line) => line.startsWith('START_COMMAND='))
      .join('');
    const shell = spawnSync('bash', ['-c', `${header}; printf %s "$START_COMMAND"`], { encoding: 'utf8' });
    expect(shell.stdout).toBe(startCommand);
  });

  test('CDK tokens stay whole', () => {
    const token = Token.asString({ Ref: 'Bucket' });
    const script = bootScript({
      ...ONE_OF_MANY,
      artifact: { bucket: token, key: 'site.zip' },
      environment: { DATABASE_WRITER_SECRET_ARN: token },
    });
    expect(script).toContain(`ARTIFACT='s3://${token}/site.zip'`);
    expect(script).toContain(`'DATABASE_WRITER_SECRET_ARN=${token}'`);
  });

  test('a given DATABASE_CA_FILE is where the trust store goes', () => {
    const script = bootScript({ ...ONE_OF_MANY, environment: { DATABASE_CA_FILE: '/opt/mysite/ca.pem' } });
    expect(script).toContain(`TRUST_STORE='/opt/mysite/ca.pem'`);
  });

  test('a database elsewhere brings the trust store, asked for or not', () => {
    expect(bootScript({ ...SPLIT_DATABASE, trustStore: false })).toContain(
      `TRUST_STORE='/opt/mysite/rds-ca.pem'`,
    );
  });

  test.each<[string, Partial<BootScriptProps>, string]>([
    ['a line break', { environment: { MOTTO: 'one\ntwo' } }, 'environment.MOTTO has a line break'],
    ['a carriage return', { environment: { MOTTO: 'one\rtwo' } }, 'environment.MOTTO has a line break'],
    ['an impossible name', { environment: { 'MY-VAR': '' } }, 'environment has "MY-VAR"'],
    ["a server's own fact", { environment: { SERVER_ID: 'i-1' } }, 'environment.SERVER_ID is given'],
    ['a privileged port', { port: 80 }, 'port is 80: 1024 to 65535'],
    ['no port', { port: NaN }, 'port is NaN'],
    ['a name that leaves its folder', { name: '../etc' }, 'name is "../etc"'],
    ['more than user data holds', { environment: { LONG: 'x'.repeat(16_384) } }, 'EC2 takes 16384'],
  ])('%s is refused', (_, change, message) => {
    expect(() => bootScript({ ...ONE_OF_MANY, ...change })).toThrow(message);
  });
});
