/** The program's life on a server: start, database away and back, stop. With TLS and secrets, as on AWS. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../support/certificate';
import type { TestPostgres } from '../support/postgres';
import { startPostgres } from '../support/postgres';
import type { SiteProcess } from './site-process';
import { launchSite, startSite } from './site-process';

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:site-AbCdEf';
const PASSWORD = 'hunter2-hunter2';

const folder = mkdtempSync(join(tmpdir(), 'scale-from-zero-ca-'));
let postgres: TestPostgres;
let environment: Record<string, string>;
const secrets = createServer((request, response) => {
  request.resume();
  response.end(
    JSON.stringify({ SecretString: JSON.stringify({ username: 'postgres', password: PASSWORD }) }),
  );
});

beforeAll(async () => {
  const tls = await makeCertificate('localhost');
  postgres = await startPostgres({ tls, password: PASSWORD });
  writeFileSync(join(folder, 'ca.pem'), tls.certificate);
  await new Promise<void>((listening) => secrets.listen(0, '127.0.0.1', listening));
  environment = {
    DATABASE_WRITER_HOST: 'localhost',
    DATABASE_PORT: String(postgres.port),
    DATABASE_NAME: 'postgres',
    DATABASE_WRITER_SECRET_ARN: ARN,
    DATABASE_CA_FILE: join(folder, 'ca.pem'),
    AWS_REGION: 'eu-central-1',
    SERVER_ID: 'i-1',
    LOG_LEVEL: 'debug',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test-aws-secret',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(secrets.address() as AddressInfo).port}`,
  };
});
beforeEach(() => postgres.query('drop table if exists notes, site_schema'));
afterAll(async () => {
  secrets.close();
  secrets.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
  await postgres?.stop();
});

/** Asks until the answer fits. No verdict by time: jest's limit ends what would last for ever. */
async function until<T>(ask: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    await new Promise((next) => setTimeout(next, 20));
  }
}

/** A request that is in flight for as long as the test wants: it waits for a lock in the database. */
async function requestInFlight(site: SiteProcess) {
  const locker = await postgres.connect();
  await locker.query('begin; lock table notes in access exclusive mode');
  const answer = site.fetch('/api/notes');
  answer.catch(() => undefined);
  await until(
    () =>
      postgres.query(
        `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%notes%'`,
      ),
    (waiting) => waiting.length > 0,
  );
  return { answer, release: () => locker.end() };
}

test('an environment that is wrong ends it with all problems in one line', async () => {
  const site = launchSite({
    PORT: 'x',
    DATABASE_WRITER_HOST: 'db.internal',
    CACHE_URL: `http://u:${PASSWORD}@cache`,
  });
  expect(await site.ended).toBe(1);
  expect(site.output).toHaveLength(1);
  expect(site.output[0]).toMatch(/PORT=x.*CACHE_URL.*DATABASE_CA_FILE/);
  expect(site.output[0]).not.toContain(PASSWORD);
});

test('a port in use ends it with a reason', async () => {
  const { port } = new URL((await startSite(environment)).url);
  const second = launchSite({ ...environment, PORT: port });
  expect(await second.ended).toBe(1);
  expect(second.output.join()).toContain('EADDRINUSE');
});

test('servers that start at the same time make the schema once', async () => {
  // A site of an earlier test may have been quick enough to make it.
  await postgres.query('drop table if exists site_schema, notes cascade');
  const sites = await Promise.all([1, 2, 3].map(() => startSite(environment)));
  const applied = await Promise.all(sites.map((site) => site.logged('schema ready')));
  expect(applied.map(({ stepsApplied }) => stepsApplied).sort()).toEqual([0, 0, 1]);
  for (const site of sites) expect((await site.fetch('/api/notes')).status).toBe(200);
});

test('serves without its database, and with it when it comes back', async () => {
  await postgres.halt();
  const site = await startSite(environment);
  const states = async () => ({
    healthz: (await site.fetch('/healthz')).status,
    list: (await site.fetch('/api/notes')).status,
    write: (await site.send('POST', '/api/notes', { author: 'Ada', text: 'Hello' })).status,
    whoami: (await site.fetch('/whoami')).status,
    page: (await site.fetch('/', { headers: { accept: 'text/html' } })).status,
  });
  const away = { healthz: 200, list: 503, write: 503, whoami: 200, page: 503 };
  const here = { healthz: 200, list: 200, write: 201, whoami: 200, page: 200 };

  await site.logged('schema not ready, trying again');
  expect(await states()).toEqual(away);
  const refused = await site.fetch('/api/notes');
  expect(refused.headers.get('retry-after')).toBe('5');
  expect(await refused.text()).not.toMatch(/127\.0\.0\.1|localhost|ECONNREFUSED|at /);
  const unknown = { error: 'The database did not answer (ECONNREFUSED)' };
  expect(await (await site.fetch('/whoami')).json()).toMatchObject({ reader: unknown, writer: unknown });

  await postgres.resume();
  await site.logged('schema ready');
  expect(await states()).toEqual(here);

  await postgres.halt();
  expect(await states()).toEqual(away);
  await postgres.resume();
  expect(await states()).toEqual(here);
  // Nothing was lost, nothing written that was refused.
  expect(await postgres.query('select count(*)::integer as notes from notes')).toEqual([{ notes: 2 }]);
});

describe('SIGTERM', () => {
  test('lets a request in flight finish, unhealthy at once', async () => {
    const site = await startSite(environment);
    await site.logged('schema ready');
    const { answer, release } = await requestInFlight(site);

    site.signal('SIGTERM');
    await site.logged('draining');
    const health = await site.fetch('/healthz');
    expect([health.status, health.headers.get('connection')]).toEqual([503, 'close']);

    await release();
    expect((await answer).status).toBe(200);
    expect((await answer).headers.get('connection')).toBe('close');
    expect(await site.ended).toBe(0);
    expect(await site.logged('stopped')).toMatchObject({ requestsCutOff: 0 });
  });

  test('does not wait longer than it may', async () => {
    const site = await startSite({ ...environment, DRAIN_SECONDS: '0' });
    await site.logged('schema ready');
    const { answer, release } = await requestInFlight(site);
    site.signal('SIGTERM');
    await expect(answer).rejects.toThrow();
    expect(await site.ended).toBe(0);
    expect(await site.logged('draining')).toMatchObject({ seconds: 0 });
    await release();
  });

  test('ends it also while the database is away', async () => {
    await postgres.halt();
    const site = await startSite(environment);
    await site.logged('schema not ready, trying again');
    site.signal('SIGTERM');
    expect(await site.ended).toBe(0);
    await postgres.resume();
  });
});

test('the log is JSON lines with time and level, and holds no secret', async () => {
  const site = await startSite(environment);
  await site.logged('schema ready');
  await site.send(
    'POST',
    '/api/notes?password=in-the-query',
    { author: 'Ada', text: 'private words' },
    { cookie: 'session=abc' },
  );
  await site.fetch('/healthz');
  site.signal('SIGTERM');
  await site.ended;
  for (const line of site.output) {
    expect(JSON.parse(line)).toMatchObject({ time: expect.stringMatching(/Z$/), level: expect.any(String) });
  }
  expect(site.output.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ message: 'request', method: 'POST', path: '/api/notes', status: 201 }),
  );
  expect(site.output.join()).not.toMatch(/hunter2|test-aws-secret|in-the-query|private words|session=abc/);
});
