import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { SiteEnvironmentVariables, SiteEnvironmentError } from '../../app/environment';
import { SITE_ENVIRONMENT_NAMES, siteEnvironment } from '../../app/environment';

const SECRET = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:site/writer-AbCdEf';

const local: SiteEnvironmentVariables = {
  DATABASE_WRITER_HOST: '/run/postgresql',
  DATABASE_NAME: 'site',
  DATABASE_USER: 'site',
};
const remote: SiteEnvironmentVariables = {
  DATABASE_WRITER_HOST: 'writer.site.internal',
  DATABASE_READER_HOST: 'reader.site.internal',
  DATABASE_NAME: 'site',
  DATABASE_WRITER_SECRET_ARN: SECRET,
  DATABASE_CA_FILE: '/etc/site/ca.pem',
  AWS_REGION: 'eu-central-1',
};

const problemsOf = (env: Record<string, string | undefined>): readonly string[] => {
  try {
    siteEnvironment(env);
    return [];
  } catch (error) {
    return (error as SiteEnvironmentError).problems;
  }
};

test('defaults, on the single server', () => {
  expect(siteEnvironment(local)).toEqual({
    port: 8080,
    siteName: 'Notes',
    database: {
      writer: { host: '/run/postgresql', secretArn: undefined },
      reader: { host: '/run/postgresql', secretArn: undefined },
      port: 5432,
      name: 'site',
      user: 'site',
      caFile: undefined,
    },
    region: undefined,
    server: { id: hostname(), zone: undefined },
    drainSeconds: 20,
    cacheUrl: undefined,
    logLevel: 'info',
  });
});

test('a reader of its own reads as the writing role until it has a role of its own', () => {
  const { database } = siteEnvironment(remote);
  expect(database.writer).toEqual({ host: 'writer.site.internal', secretArn: SECRET });
  expect(database.reader).toEqual({ host: 'reader.site.internal', secretArn: SECRET });
});

test('a variable that is set to nothing counts as absent', () => {
  expect(siteEnvironment({ ...local, PORT: '', DATABASE_READER_HOST: '' }).port).toBe(8080);
});

test.each<[Record<string, string | undefined>, string]>([
  [{ PORT: 'http' }, 'PORT=http: must be a whole number from 0 to 65535'],
  [{ PORT: '65536' }, 'PORT=65536: must be a whole number from 0 to 65535'],
  [{ PORT: '-1' }, 'PORT=-1: must be a whole number'],
  [{ PORT: '8080.5' }, 'PORT=8080.5: must be a whole number'],
  [{ SITE_NAME: 'two\nlines' }, 'must be 1 to 60 characters without line breaks'],
  [{ SITE_NAME: 'x'.repeat(61) }, 'must be 1 to 60 characters'],
  [{ DATABASE_WRITER_HOST: undefined }, 'DATABASE_WRITER_HOST is not set: must be a host name'],
  [{ DATABASE_WRITER_HOST: 'http://db' }, 'DATABASE_WRITER_HOST=http://db: must be a host name'],
  [{ DATABASE_READER_HOST: 'a b' }, 'DATABASE_READER_HOST=a b: must be a host name'],
  [{ DATABASE_PORT: '0' }, 'DATABASE_PORT=0: must be a whole number from 1 to 65535'],
  [{ DATABASE_NAME: undefined }, 'DATABASE_NAME is not set'],
  [{ DATABASE_NAME: 'x'.repeat(64) }, 'must be 1 to 63 printable ASCII characters'],
  [{ DATABASE_USER: undefined }, 'DATABASE_USER is not set: must be a role of the database, or set'],
  [{ DATABASE_WRITER_SECRET_ARN: 'hunter2', AWS_REGION: 'eu-west-1' }, 'the ARN of a Secrets Manager secret'],
  [{ DATABASE_READER_SECRET_ARN: 'arn:aws:s3:::x', AWS_REGION: 'eu-west-1' }, 'DATABASE_READER_SECRET_ARN='],
  [{ DATABASE_WRITER_SECRET_ARN: SECRET }, 'AWS_REGION is not set: must be the region of the secret in'],
  [
    { DATABASE_WRITER_HOST: 'db.internal' },
    'DATABASE_CA_FILE is not set, but DATABASE_WRITER_HOST=db.internal',
  ],
  [{ DATABASE_READER_HOST: '10.0.0.7' }, 'DATABASE_CA_FILE is not set, but DATABASE_READER_HOST=10.0.0.7'],
  [{ DATABASE_READER_HOST: '127.evil.example' }, 'DATABASE_CA_FILE is not set'],
  [{ AWS_REGION: 'frankfurt' }, 'AWS_REGION=frankfurt: must be an AWS region'],
  [{ SERVER_ID: 'i 1' }, 'SERVER_ID=i 1: must be 1 to 128 printable characters without spaces'],
  [{ SERVER_ZONE: 'ü' }, 'SERVER_ZONE=ü: must be'],
  [{ DRAIN_SECONDS: '1h' }, 'DRAIN_SECONDS=1h: must be a whole number from 0 to 3600'],
  [{ CACHE_URL: 'localhost:6379' }, 'CACHE_URL=localhost:6379: must be a redis:// or valkey:// URL'],
  [{ LOG_LEVEL: 'verbose' }, 'LOG_LEVEL=verbose: must be debug, info, warn or error'],
])('%j is refused', (change, problem) => {
  const problems = problemsOf({ ...local, ...change });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(problem);
});

test('all problems are told at once, those between variables too', () => {
  expect(
    problemsOf({ PORT: 'x', DATABASE_WRITER_HOST: 'db.internal', LOG_LEVEL: 'x' }).map(
      (one) => one.split(/[ =]/)[0],
    ),
  ).toEqual(['PORT', 'DATABASE_NAME', 'LOG_LEVEL', 'DATABASE_CA_FILE', 'DATABASE_USER']);
});

test('no password is shown', () => {
  expect(problemsOf({ ...local, CACHE_URL: 'http://user:hunter2@cache' })[0]).toContain(
    'CACHE_URL=http://…@cache',
  );
});

test.each(['/run/postgresql', '127.0.0.1', '::1', 'localhost'])(
  '%s needs no certificate authority',
  (host) => {
    expect(problemsOf({ ...local, DATABASE_WRITER_HOST: host })).toEqual([]);
  },
);

test.each([
  'app/environment.ts',
  'app/environment-forms.ts',
  'lambda/prepare-database/environment.ts',
  'lambda/failover/environment.ts',
])('%s imports nothing heavy: the stacks import it too', (path) => {
  const source = readFileSync(join(__dirname, '../..', path), 'utf8');
  const imports = [...source.matchAll(/^import ([^]*?) from '([^']+)';$/gm)];
  const imported = imports.filter(([, what]) => !what!.startsWith('type ')).map(([, , from]) => from);
  expect(imported).toContain('zod');
  const light = /^(node:.*|zod|.*\/environment-forms)$/;
  expect(imported.filter((name) => !light.test(name!))).toEqual([]);
  expect(SITE_ENVIRONMENT_NAMES).toContain('DATABASE_WRITER_HOST');
});
