/** A server of each stage, with values as long as real ones. */
import { bootScript, type DatabasePlace, sha256 } from '../../../lib/web/boot-script';
import type { LoneServer, UserDataProps } from '../../../lib/web/user-data';

const script = (database?: DatabasePlace): UserDataProps['script'] => ({
  bucket: 'cdk-hnb659fds-assets-123456789012-eu-central-1',
  key: '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae.sh',
  sha256: sha256(bootScript(database)),
});

export const ONE_OF_MANY: UserDataProps = {
  name: 'mysite',
  region: 'eu-central-1',
  script: script(),
  artifact: {
    bucket: 'cdk-hnb659fds-assets-123456789012-eu-central-1',
    key: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.zip',
  },
  packages: ['nodejs24'],
  startCommand: 'node main.js',
  port: 8080,
  healthPath: '/healthz',
  drainSeconds: 20,
  environment: {
    SITE_NAME: 'Notes',
    DATABASE_WRITER_HOST: 'writer.mysite.internal',
    DATABASE_READER_HOST: 'reader.mysite.internal',
    DATABASE_NAME: 'site',
    DATABASE_WRITER_SECRET_ARN:
      'arn:aws:secretsmanager:eu-central-1:123456789012:secret:mysite/app-writer-AbCdEf',
    DATABASE_READER_SECRET_ARN:
      'arn:aws:secretsmanager:eu-central-1:123456789012:secret:mysite/app-reader-AbCdEf',
  },
  trustStore: true,
  signal: { stack: 'mysite-web', resource: 'ServersASG0A1B2C3D' },
};

const lone = (database: LoneServer['database'], domain?: string): LoneServer => ({
  allocationId: 'eipalloc-0123456789abcdef0',
  volumeId: 'vol-0123456789abcdef0',
  proxy: { domain, acmeEmail: domain && 'operators@mysite.example' },
  cache: database.kind === 'local',
  metrics: 'ScaleFromZero/Site',
  database,
});

const local = { kind: 'local', databaseName: 'site' } as const;

export const SINGLE_SERVER: UserDataProps = {
  ...ONE_OF_MANY,
  script: script('local'),
  trustStore: false,
  environment: {
    DATABASE_WRITER_HOST: '/run/postgresql',
    DATABASE_NAME: 'site',
    DATABASE_USER: 'site',
    CACHE_URL: 'redis://127.0.0.1:6379',
  },
  loneServer: lone(local, 'api.mysite.example'),
};

export const SINGLE_SERVER_WITHOUT_DOMAIN: UserDataProps = { ...SINGLE_SERVER, loneServer: lone(local) };

export const SPLIT_DATABASE: UserDataProps = {
  ...ONE_OF_MANY,
  script: script('remote'),
  loneServer: lone(
    {
      kind: 'remote',
      databaseName: 'site',
      writerHost: 'writer.mysite.internal',
      writerSecretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:mysite/app-writer-AbCdEf',
    },
    'api.mysite.example',
  ),
};
