import { prepareEnvironment } from '../../../lambda/prepare-database/environment';

const arn = (name: string) => `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}-AbCdEf`;
const GOOD = {
  DATABASE_HOST: 'writer.mysite.internal',
  DATABASE_PORT: '5432',
  DATABASE_NAME: 'site',
  DATABASE_CA_FILE: '/var/runtime/ca-cert.pem',
  AWS_REGION: 'eu-central-1',
  MASTER_SECRET_ARN: arn('master'),
  APP_WRITER_SECRET_ARN: arn('writer'),
  APP_READER_SECRET_ARN: arn('reader'),
  CONTROLLER_SECRET_ARN: arn('controller'),
  RECOVERY_SECRET_ARN: arn('recovery'),
};

test('is read', () => {
  expect(prepareEnvironment(GOOD)).toMatchObject({
    host: 'writer.mysite.internal',
    port: 5432,
    secretArns: { recovery: arn('recovery') },
  });
});

test.each([
  ['DATABASE_HOST', 'a b', 'DATABASE_HOST=a b: must be a host name'],
  ['DATABASE_PORT', '0', 'DATABASE_PORT=0: must be a port from 1 to 65535'],
  ['DATABASE_PORT', '65536', 'DATABASE_PORT=65536: must be a port from 1 to 65535'],
  ['DATABASE_NAME', 'x'.repeat(64), 'must be 1 to 63 printable ASCII characters'],
  ['DATABASE_CA_FILE', undefined, 'DATABASE_CA_FILE is not set: must be the path of a PEM file'],
  ['AWS_REGION', 'Frankfurt', 'AWS_REGION=Frankfurt: must be an AWS region such as eu-central-1'],
  ['CONTROLLER_SECRET_ARN', 'controller', 'CONTROLLER_SECRET_ARN=controller: must be the ARN of'],
])('%s=%s is refused', (name, value, problem) => {
  expect(() => prepareEnvironment({ ...GOOD, [name]: value })).toThrow(problem);
});

test('all problems are told at once', () => {
  expect(() => prepareEnvironment({})).toThrow(/DATABASE_HOST is not set.*RECOVERY_SECRET_ARN is not set/);
});
