import { environmentFor, plainEnvironment } from '../../trial/target';
import { telling } from '../../trial/cdk';

const TARGET = { endpoint: 'http://localhost:4566', region: 'eu-central-1', account: '123456789012' };

test('nothing of the caller that leads to a real account reaches the CDK CLI', () => {
  const own = {
    PATH: '/bin',
    AWS_PROFILE: 'production',
    AWS_SESSION_TOKEN: 'token',
    AWS_ENDPOINT_URL_RDS: 'https://rds.amazonaws.com',
    AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
    CDK_DEFAULT_ACCOUNT: '999999999999',
    NO_PROXY: 'intranet',
  };
  const env = environmentFor(TARGET, own);
  expect(env).toMatchObject({
    PATH: '/bin',
    AWS_ENDPOINT_URL: 'http://localhost:4566',
    AWS_ACCESS_KEY_ID: '123456789012',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    NO_PROXY: 'localhost,127.0.0.1,intranet',
  });
  const taken = ['AWS_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_ENDPOINT_URL_RDS', 'AWS_WEB_IDENTITY_TOKEN_FILE'];
  for (const name of [...taken, 'CDK_DEFAULT_ACCOUNT']) expect(env).not.toHaveProperty(name);
});

test('the emulator gets none of the settings that it would read from the environment', () => {
  expect(plainEnvironment({ PATH: '/bin', PERSIST_STATE: '1', SERVICES: 's3', HOME: undefined })).toEqual({
    PATH: '/bin',
  });
});

describe('what is told of a failed command', () => {
  test('the failed resources', () => {
    const output = `
mysite-web | 1/2 | 12:00:00 PM | CREATE_COMPLETE | AWS::EC2::VPC | Vpc
mysite-web | 1/2 | 12:00:00 PM | CREATE_FAILED   | AWS::EC2::EIP | Address no more addresses
❌  mysite-web failed to deploy
    at async something (file.js:1:1)`;
    expect(telling(output).split('\n')).toEqual([
      'mysite-web | 1/2 | 12:00:00 PM | CREATE_FAILED   | AWS::EC2::EIP | Address no more addresses',
      '❌  mysite-web failed to deploy',
    ]);
  });

  test('the problems of the settings, without npm and stack traces', () => {
    const output = `npm warn Unknown user config
1 problem in the settings
  web.port: "x"
    at Object.<anonymous> (bin/scale-from-zero.ts:1:1)
Subprocess exited with error 1`;
    expect(telling(output)).toBe('1 problem in the settings\n  web.port: "x"');
  });
});
