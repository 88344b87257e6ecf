/** What a visitor wrote, the same visitor reads: through the site, with a replica that lags by far more than the test takes. */
import { readFrom, writtenBefore, writtenTo } from '../../app/own-writes';
import { empty } from '../../app/answer';
import type { TestPrimary, TestReplica } from '../support/replica';
import { startPrimary, startReplica, until } from '../support/replica';
import { GARBAGE } from './database/garbage';
import type { SiteProcess } from './site-process';
import { startSite } from './site-process';

jest.setTimeout(60_000); // no verdict by time: this only ends what would last for ever

const position = { timeline: 1, lsn: 255n };

describe('a request', () => {
  test.each<[Record<string, string>, object | undefined]>([
    [{}, undefined],
    [{ 'x-written-at': '1-0/FF' }, position],
    [{ cookie: 'written_at=1-0/FF' }, position],
    [{ cookie: 'a=b; written_at=1-0/FF;c' }, position],
    [{ cookie: 'not_written_at=1-0/FF' }, undefined],
    [{ cookie: 'written_at=1-0/FE; written_at=1-0/FF; written_at=1-0/1' }, position],
    [{ cookie: 'written_at=garbage', 'x-written-at': '1-0/FF' }, position],
    [{ cookie: 'written_at=1-0/FF', 'x-written-at': '1-0/1' }, position],
  ])('with %j bears %j', (headers, expected) => {
    expect(writtenBefore({ headers })).toEqual(expected);
  });

  test.each(GARBAGE)('with %j bears none', (text) => {
    const value = text.trim() === text ? text : `${text}x`; // HTTP itself takes spaces at the ends away
    const cookie = `written_at=${value.replace(';', ',')}`; // and a semicolon ends a cookie
    expect(writtenBefore({ headers: { 'x-written-at': value, cookie } })).toBeUndefined();
  });
});

describe('an answer', () => {
  const written = { position, host: 'site-primary.abc.eu-central-1.rds.amazonaws.com' };

  test('to a write bears where it is, for browsers and for others', () => {
    expect(writtenTo(empty(204, { etag: '"1"' }), { headers: {} }, written).headers).toEqual({
      etag: '"1"',
      'x-database': 'site-primary',
      'x-written-at': '1-0/FF',
      'set-cookie': 'written_at=1-0/FF; Path=/; Max-Age=300; HttpOnly; SameSite=Lax',
    });
  });

  test('over https sets a cookie for https alone', () => {
    const headers = { 'x-forwarded-proto': 'https' };
    expect(writtenTo(empty(204), { headers }, written).headers['set-cookie']).toMatch(/; Secure$/);
  });

  test.each([
    ['site-replica-1.abc.eu-central-1.rds.amazonaws.com', 'site-replica-1'],
    ['127.0.0.1', '127.0.0.1'],
    ['localhost', 'localhost'],
    ['/run/postgresql', 'local'],
  ])('from %s says %s', (host, label) => {
    expect(readFrom(empty(204), { host }).headers).toEqual({ 'x-database': label });
  });
});

describe('the site', () => {
  let primary: TestPrimary;
  let replica: TestReplica;
  let site: SiteProcess;

  beforeAll(async () => {
    primary = await startPrimary();
    const environment = {
      DATABASE_WRITER_HOST: primary.host,
      DATABASE_PORT: String(primary.port),
      DATABASE_NAME: 'postgres',
      DATABASE_USER: 'postgres',
      SERVER_ID: 'i-1',
    };
    // The schema first: the replica would be as late with it.
    const first = await startSite(environment);
    await first.logged('schema ready');
    first.signal('SIGTERM');
    replica = await startReplica(primary, { delayMillis: 600_000 });
    site = await startSite({ ...environment, DATABASE_READER_HOST: replica.host });
    await site.logged('schema ready');
  });
  afterAll(async () => {
    await replica?.stop();
    await primary?.stop();
  });

  test('shows a note to its author at once, and later to others', async () => {
    const created = await site.send('POST', '/api/notes', { author: 'Ada', text: 'Mine' });
    expect(created.status).toBe(201);
    expect(created.headers.get('x-server')).toBe('i-1');
    const [cookie = ''] = created.headers.get('set-cookie')?.split(';') ?? [];
    const header = created.headers.get('x-written-at') ?? '';
    expect(cookie).toBe(`written_at=${header}`);
    const path = created.headers.get('location') ?? '';

    for (const headers of [{ cookie }, { 'x-written-at': header }] as Record<string, string>[]) {
      expect((await site.fetch(path, { headers })).status).toBe(200);
      expect(await (await site.fetch('/api/notes', { headers })).json()).toMatchObject({
        notes: [{ text: 'Mine' }],
      });
      expect(await (await site.fetch('/', { headers })).text()).toContain('Mine');
    }
    expect((await site.fetch(path)).status).toBe(404);
    expect(await (await site.fetch('/')).text()).not.toContain('Mine');
    const { counts } = (await (await site.fetch('/whoami')).json()) as { counts: { behind: number } };
    expect(counts.behind).toBe(6);
  });

  test('gives the position to a form too, and who answered to a copy that is known', async () => {
    const body = new URLSearchParams({ author: 'Ada', text: 'From a form' });
    const sent = await site.fetch('/notes', { method: 'POST', body });
    expect([sent.status, sent.headers.get('x-written-at')]).toEqual([303, expect.stringMatching(/^1-/)]);
    const etag = (await site.fetch('/api/notes')).headers.get('etag') ?? '';
    const known = await site.fetch('/api/notes', { headers: { 'if-none-match': etag } });
    expect(known.status).toBe(304);
    expect([known.headers.get('x-server'), known.headers.get('x-database')]).toEqual(['i-1', 'local']);
  });

  test('takes garbage for nothing', async () => {
    for (const text of GARBAGE.filter((one) => /^[\x21-\x7e]*$/.test(one))) {
      const answer = await site.fetch('/api/notes', { headers: { 'x-written-at': text } });
      expect([text, answer.status]).toEqual([text, 200]);
    }
  });

  test('serves a forged position that nobody has reached', async () => {
    const headers = { 'x-written-at': '4294967295-FFFFFFFF/FFFFFFFF' };
    expect((await site.fetch('/api/notes', { headers })).status).toBe(200);
  });

  test('goes on when its only replica dies, and says so once', async () => {
    await replica.kill();
    for (let read = 0; read < 20; read++) expect((await site.fetch('/')).status).toBe(200);
    const warnings = () => site.output.filter((line) => line.includes('no replica can be reached'));
    await until(() => warnings().length > 0);
    expect(warnings()).toHaveLength(1);
  });
});
