import type { Database } from '../../app/database/database';
import { openDatabase } from '../../app/database/database';
import { keepPreparingSchema, prepareSchema, SCHEMA_LOCK } from '../../app/schema';
import type { TestPostgres } from '../support/postgres';
import { startPostgres } from '../support/postgres';

let postgres: TestPostgres;
let database: Database;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

beforeAll(async () => {
  postgres = await startPostgres();
  const endpoint = { host: postgres.host };
  const { port, user } = postgres;
  database = openDatabase(
    { server: { id: 'i-1' }, database: { writer: endpoint, reader: endpoint, port, user, name: 'postgres' } },
    { fetchSecret: () => Promise.reject(), findRealName: (host) => Promise.resolve(host), log: silent },
  );
});
beforeEach(() => postgres.query('drop table if exists notes, site_schema'));
afterAll(async () => {
  await database?.close();
  await postgres?.stop();
});

test('whoever comes while another changes the schema waits, and finds it done', async () => {
  const other = await postgres.connect();
  await other.query('begin');
  await other.query('select pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
  const prepared = Promise.all([prepareSchema(database), prepareSchema(database)]);
  // No verdict by time: jest's limit ends a wait for somebody who never comes.
  const waiting = `select 1 from pg_locks where locktype = 'advisory' and not granted`;
  while ((await postgres.query(waiting)).length < 2) await new Promise((next) => setTimeout(next, 20));
  await other.end();
  expect((await prepared).sort()).toEqual([0, 1]);
  expect(await prepareSchema(database)).toBe(0);
});

test('a step that fails leaves nothing half done', async () => {
  await postgres.query('create table notes (id integer)'); // somebody else's: in the way
  await expect(prepareSchema(database)).rejects.toThrow('already exists');
  expect(await postgres.query(`select to_regclass('site_schema') as made`)).toEqual([{ made: null }]);
});

test('trying again ends when the site does', async () => {
  const stopping = new AbortController();
  let attempts = 0;
  const away: Database = {
    ...database,
    write() {
      attempts++;
      stopping.abort();
      return Promise.reject(new Error('away'));
    },
  };
  await keepPreparingSchema(away, silent, stopping.signal);
  expect(attempts).toBe(1);
});
