import { userData, type UserDataProps } from '../../../lib/web/user-data';
import { bootOf } from '../../../trial/servers/boot-header';
import { serverVariables, usesLocalDatabase } from '../../../trial/servers/variables';

const PROPS: UserDataProps = {
  name: 'mysite',
  region: 'eu-central-1',
  script: { bucket: 'assets-1', key: 'folder/boot.sh', sha256: '0123abcd' },
  artifact: { bucket: 'assets-1', key: 'folder/abc.zip' },
  packages: ['nodejs22'],
  startCommand: `node site.js --title 'it'`,
  port: 8081,
  healthPath: '/healthz',
  drainSeconds: 17,
  environment: {
    SITE_NAME: `A "site" that's mine (really) = $HOME`,
    EMPTY: '',
    QUOTE: `'`,
    LIKE_A_LIST: `NAME=('x')`,
    DATABASE_WRITER_HOST: 'writer.x.internal',
  },
  trustStore: true,
};

test('what user data is given is read back from it', () => {
  expect(bootOf(userData(PROPS))).toEqual({
    name: 'mysite',
    script: PROPS.script,
    artifact: PROPS.artifact,
    startCommand: PROPS.startCommand,
    port: 8081,
    healthPath: '/healthz',
    drainSeconds: 17,
    environment: {
      PORT: '8081',
      DRAIN_SECONDS: '17',
      AWS_REGION: 'eu-central-1',
      DATABASE_CA_FILE: '/opt/mysite/rds-ca.pem',
      ...PROPS.environment,
    },
    isLone: false,
  });
});

const lone = userData({
  ...PROPS,
  trustStore: false,
  environment: { DATABASE_WRITER_HOST: '/run/postgresql', DATABASE_NAME: 'notes', DATABASE_USER: 'site' },
  loneServer: {
    allocationId: 'eipalloc-1',
    volumeId: 'vol-1',
    proxy: {},
    cache: true,
    metrics: 'ScaleFromZero/Site',
    database: { kind: 'local', databaseName: 'notes' },
  },
});

test('a lone server says so, and which address it takes', () => {
  expect(bootOf(lone)).toMatchObject({ isLone: true, addressAllocation: 'eipalloc-1' });
});

test('user data of somebody else is refused, and so is what is not in S3', () => {
  expect(() => bootOf('#!/bin/bash\necho hello\n')).toThrow('the user data has no NAME');
  for (const [name, key] of [
    ['SCRIPT', 'folder/boot.sh'],
    ['ARTIFACT', 'folder/abc.zip'],
  ]) {
    const elsewhere = userData(PROPS).replace(`${name}='s3://`, `${name}='ftp://`);
    expect(() => bootOf(elsewhere)).toThrow(`the user data's ${name} is ftp://assets-1/${key}`);
  }
});

describe('the environment of a server', () => {
  const facts = { id: 'i-1', zone: 'eu-central-1a', caFile: '/trial/ca.pem' };

  test('has what only the server knows, and the trial’s certificate authority', () => {
    const boot = bootOf(userData(PROPS));
    expect(serverVariables(boot, facts)).toEqual({
      ...boot.environment,
      DATABASE_CA_FILE: '/trial/ca.pem',
      SERVER_ID: 'i-1',
      SERVER_ZONE: 'eu-central-1a',
    });
  });

  test('at the stage single-server names another place for the database on the server', () => {
    const boot = bootOf(lone);
    const localDatabase = { host: '127.0.0.1', port: 5433, user: 'postgres' };
    expect(usesLocalDatabase(boot)).toBe(true);
    const variables = serverVariables(boot, { ...facts, localDatabase });
    expect(variables).toMatchObject({
      DATABASE_WRITER_HOST: '127.0.0.1',
      DATABASE_PORT: '5433',
      DATABASE_USER: 'postgres',
      DATABASE_NAME: 'notes',
    });
    expect(variables).not.toHaveProperty('DATABASE_CA_FILE');
  });

  test('at the other stages leaves the database where it is', () => {
    const boot = bootOf(userData(PROPS));
    expect(usesLocalDatabase(boot)).toBe(false);
    const localDatabase = { host: '127.0.0.1', port: 5433, user: 'postgres' };
    expect(serverVariables(boot, { ...facts, localDatabase })).toMatchObject({
      DATABASE_WRITER_HOST: 'writer.x.internal',
    });
  });
});
