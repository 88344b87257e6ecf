import { DatabaseUnavailable } from '../../../app/database/errors';
import type { Database, DatabaseParts } from '../../../app/database/database';
import { openDatabase } from '../../../app/database/database';
import type { Log } from '../../../app/log';
import { realNameFinder } from '../../../app/database/real-name';
import type { TestCertificate } from '../../support/certificate';
import { makeCertificate } from '../../support/certificate';
import type { TestPostgres } from '../../support/postgres';
import { startPostgres } from '../../support/postgres';

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:site-AbCdEf';
const server = { id: 'i-1' };
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

let tls: TestCertificate;
let postgres: TestPostgres;
let password: string;
const opened: Database[] = [];

/** As on AWS: a name of our zone, an alias of the real one, for which the certificate is. */
function open(change: Partial<DatabaseParts> & { realName?: string; user?: string } = {}): Database {
  const endpoint = { host: 'writer.site.internal', secretArn: ARN };
  const { realName = 'localhost', user = 'site', ...parts } = change;
  const database = openDatabase(
    {
      server,
      database: { writer: endpoint, reader: endpoint, port: postgres.port, name: 'postgres' },
    },
    {
      fetchSecret: () => Promise.resolve(JSON.stringify({ username: user, password })),
      findRealName: realNameFinder((name) => Promise.resolve(name === endpoint.host ? [realName] : [])),
      ca: tls.certificate,
      log: silent,
      ...parts,
    },
  );
  opened.push(database);
  return database;
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no failure',
    (error: unknown) => error,
  );

beforeAll(async () => {
  tls = await makeCertificate('localhost');
  postgres = await startPostgres({ tls, password: 'superuser' });
  await postgres.query('create table things (name text)');
});

beforeEach(async () => {
  password = 'first';
  await postgres.query(`drop role if exists site; create role site login superuser password 'first'`);
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

afterAll(() => postgres?.stop());

describe('TLS', () => {
  test('verifies the certificate against the real name of an alias', async () => {
    const { value } = await open().read(async ({ query, host }) => {
      expect(host).toBe('localhost');
      return query<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
    });
    expect(value).toEqual([{ ssl: true }]);
  });

  test('refuses a server whose certificate has another name', async () => {
    const error = await failure(open({ realName: '127.0.0.1' }).read(({ query }) => query('select 1')));
    expect(error).toBeInstanceOf(DatabaseUnavailable);
    expect(error).toMatchObject({ cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } });
  });

  test('refuses a server whose certificate another authority signed', async () => {
    const other = await makeCertificate('localhost');
    const error = await failure(open({ ca: other.certificate }).read(({ query }) => query('select 1')));
    expect(error).toMatchObject({ cause: { code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO/) } });
  });

  test('will not even begin without an authority', () => {
    expect(() => open({ ca: undefined })).toThrow('No TLS to writer.site.internal: a CA is missing');
  });
});

describe('a rotated password', () => {
  const realNow = Date.now;
  let later = 0;
  beforeEach(() => {
    later = 0;
    jest.spyOn(Date, 'now').mockImplementation(() => realNow() + later);
  });
  afterEach(() => jest.restoreAllMocks());

  test('is fetched again when the old one is refused', async () => {
    const database = open();
    await database.read(({ query }) => query('select 1'));
    password = 'second';
    await postgres.query(`alter role site password 'second'`);
    await postgres.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'site'`);
    later = 60_000;
    // The pool may still hold the ended connection: that failure is a passing one, and the last.
    const first = await failure(database.read(({ query }) => query('select 1')));
    if (first !== 'no failure') expect(first).toBeInstanceOf(DatabaseUnavailable);
    await expect(database.read(({ query }) => query('select 1 as one'))).resolves.toMatchObject({
      value: [{ one: 1 }],
    });
  });

  test('that is wrong in the secret too is a passing failure', async () => {
    password = 'wrong';
    const error = await failure(open().read(({ query }) => query('select 1')));
    expect(error).toBeInstanceOf(DatabaseUnavailable);
    expect(error).toMatchObject({ cause: { code: '28P01' } });
  });
});

test('a write is done as a whole or not at all', async () => {
  const database = open();
  const names = async () =>
    (await postgres.query('select name from things order by name')).map(({ name }) => name);
  await database.write(({ query }) =>
    query('insert into things values ($1)', ["kept'; drop table things; --"]),
  );
  const error = await failure(
    database.write(async ({ query }) => {
      await query(`insert into things values ('lost')`);
      throw new Error('changed my mind');
    }),
  );
  expect(error).toEqual(new Error('changed my mind'));
  expect(await names()).toEqual(["kept'; drop table things; --"]);
  // The connection went back to the pool outside of any transaction.
  await database.write(({ query }) => query(`insert into things values ('after')`));
  expect(await names()).toEqual(['after', "kept'; drop table things; --"]);
});

test.each([
  ['a table that is still to come', 'select * from not_yet', true],
  ['a server that only reads', 'set transaction read only; create table x ()', true],
  ['a statement that takes too long', 'set local statement_timeout = 1; select pg_sleep(60)', true],
  ['a server that is shut down', 'select pg_terminate_backend(pg_backend_pid())', true],
  ['a mistake in the SQL', 'select from from', false],
  ['a broken rule', 'select 1 / 0', false],
])('%s: passing %#', async (_, sql, passes) => {
  const database = open();
  const error = await failure(database.write(({ query }) => query(sql)));
  expect(error).toBeInstanceOf(Error);
  expect(error instanceof DatabaseUnavailable).toBe(passes);
  // Whatever it was, the next piece of work is not harmed by it.
  await expect(database.write(({ query }) => query('select 1 as one'))).resolves.toMatchObject({
    value: [{ one: 1 }],
  });
});

test('comes back with the server', async () => {
  const database = open();
  await database.read(({ query }) => query('select 1'));
  await postgres.halt();
  expect(await failure(database.read(({ query }) => query('select 1')))).toBeInstanceOf(DatabaseUnavailable);
  await postgres.resume();
  await expect(database.read(({ query }) => query('select 1 as one'))).resolves.toMatchObject({
    value: [{ one: 1 }],
  });
});
