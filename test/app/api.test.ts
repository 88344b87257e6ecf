/** The site as its visitors meet it: the bundled file, over HTTP, with a real database. */
import { connect } from 'node:net';
import type { Note } from '../../app/notes';
import type { TestPostgres } from '../support/postgres';
import { startPostgres } from '../support/postgres';
import type { SiteProcess } from './site-process';
import { startSite } from './site-process';

let postgres: TestPostgres;
let site: SiteProcess;

beforeAll(async () => {
  postgres = await startPostgres();
  site = await startSite({
    DATABASE_WRITER_HOST: postgres.host,
    DATABASE_PORT: String(postgres.port),
    DATABASE_NAME: postgres.database,
    DATABASE_USER: postgres.user,
    SITE_NAME: 'Notes & more',
    SERVER_ID: 'i-0123456789abcdef0',
    SERVER_ZONE: 'eu-central-1a',
  });
  await site.logged('schema ready');
});
beforeEach(() => postgres.query('truncate notes restart identity'));
afterAll(() => postgres?.stop());

const hello = { author: 'Ada', text: 'Hello' };
const create = async (note: object = hello) => {
  const answer = await site.send('POST', '/api/notes', note);
  expect(answer.status).toBe(201);
  return (await answer.json()) as { id: number };
};
const form = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  site.fetch(path, { method: 'POST', body: new URLSearchParams(fields), headers });

describe('a note', () => {
  test('is created, read, changed and deleted', async () => {
    const created = await site.send('POST', '/api/notes', { author: ' Ada ', text: 'Hello' });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe('/api/notes/1');
    expect(created.headers.get('etag')).toBe('"1"');
    const note = (await created.json()) as Note;
    expect(note).toEqual({
      id: 1,
      ...hello,
      version: 1,
      createdAt: note.createdAt,
      updatedAt: note.createdAt,
    });
    expect(new Date(note.createdAt).toISOString()).toBe(note.createdAt);

    expect(await (await site.fetch('/api/notes/1')).json()).toEqual(note);

    const changed = await site.send('PUT', '/api/notes/1', { author: 'Ada', text: 'Bye' });
    expect(changed.status).toBe(200);
    expect(await changed.json()).toMatchObject({ id: 1, text: 'Bye', version: 2, createdAt: note.createdAt });

    const deleted = await site.fetch('/api/notes/1', { method: 'DELETE' });
    expect([deleted.status, await deleted.text()]).toEqual([204, '']);
    expect((await site.fetch('/api/notes/1')).status).toBe(404);
  });

  test.each([
    ['GET', '/api/notes/1', undefined],
    ['PUT', '/api/notes/1', hello],
    ['DELETE', '/api/notes/1', undefined],
    ['GET', '/api/notes/9999999999999999', undefined],
    ['GET', '/api/notes/0', undefined],
    ['GET', '/api/notes/01', undefined],
    ['GET', "/api/notes/1'or'1", undefined],
    ['GET', '/api/notes/', undefined],
    ['GET', '/elsewhere', undefined],
    ['GET', '//', undefined],
  ])('%s %s that is not there: 404', async (method, path, body) => {
    const answer = body ? await site.send(method, path, body) : await site.fetch(path, { method });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toHaveProperty('error');
  });

  test('is changed only as far as nobody else has changed it', async () => {
    await create();
    const put = (version: string) => site.send('PUT', '/api/notes/1', hello, { 'if-match': version });
    expect((await put('"1"')).status).toBe(200);
    expect((await put('"1"')).status).toBe(412);
    expect((await put('*')).status).toBe(200);
    const remove = (version: string) =>
      site.fetch('/api/notes/1', { method: 'DELETE', headers: { 'if-match': version } });
    expect((await remove('"1"')).status).toBe(412);
    expect((await remove('"3"')).status).toBe(204);
  });

  test('needs no second sending when it is known', async () => {
    await create();
    const first = await site.fetch('/api/notes/1');
    const again = await site.fetch('/api/notes/1', {
      headers: { 'if-none-match': `"x", ${first.headers.get('etag')}` },
    });
    expect([again.status, await again.text()]).toEqual([304, '']);
    await site.send('PUT', '/api/notes/1', { ...hello, text: 'Bye' });
    const changed = await site.fetch('/api/notes/1', {
      headers: { 'if-none-match': first.headers.get('etag') ?? '' },
    });
    expect(changed.status).toBe(200);
  });
});

describe('what is wrong is refused', () => {
  test.each<[string, unknown, number, RegExp]>([
    ['no JSON', '{', 400, /no JSON/],
    ['an empty body', '', 400, /no JSON/],
    ['nothing', 'null', 400, /must be a JSON object/],
    ['no fields', {}, 400, /"field":"author".*"field":"text"/],
    ['a blank text', { ...hello, text: ' \n ' }, 400, /1 to 2000 characters/],
    ['a long author', { ...hello, author: 'a'.repeat(61) }, 400, /1 to 60 characters/],
    ['NUL', { ...hello, text: '\u0000' }, 400, /control characters/],
    ['half a surrogate pair', '{"author":"Ada","text":"\\ud800"}', 400, /control characters/],
    ['an unknown field', { ...hello, id: 7 }, 400, /"field":"id"/],
    ['a body that is too long', { ...hello, text: 'b'.repeat(40_000) }, 413, /longer than 32768 bytes/],
  ])('%s', async (_, body, status, text) => {
    for (const [method, path] of [
      ['POST', '/api/notes'],
      ['PUT', '/api/notes/1'],
    ] as const) {
      const answer = await site.send(method, path, body);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
      expect(await answer.text()).toMatch(text);
    }
    expect(await postgres.query('select * from notes')).toEqual([]);
  });

  test('a body that is too long without saying so, at once', async () => {
    const socket = connect(Number(new URL(site.url).port), '127.0.0.1');
    const head =
      'POST /api/notes HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked';
    // Its last chunk never comes: the server must answer without having seen the end.
    socket.write(`${head}\r\n\r\n${`2000\r\n${' '.repeat(8192)}\r\n`.repeat(5)}`);
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1.1 413 .*^connection: close/ms);
  });

  test.each<[string, Record<string, string>, number]>([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['plain text, which other sites may send', { 'content-type': 'text/plain' }, 415],
    ['a compressed body', { 'content-encoding': 'gzip' }, 415],
    ['another site, as the browser says', { 'sec-fetch-site': 'cross-site' }, 403],
    ['another site, as its origin says', { origin: 'https://evil.example' }, 403],
    ['a page without origin', { origin: 'null' }, 403],
  ])('%s: %j', async (_, headers, status) => {
    expect((await site.send('POST', '/api/notes', hello, headers)).status).toBe(status);
    expect(await postgres.query('select * from notes')).toEqual([]);
  });

  test.each([
    ['PATCH', '/api/notes', 'GET, POST, HEAD, OPTIONS'],
    ['DELETE', '/api/notes', 'GET, POST, HEAD, OPTIONS'],
    ['POST', '/api/notes/1', 'GET, PUT, DELETE, HEAD, OPTIONS'],
    ['POST', '/', 'GET, HEAD, OPTIONS'],
    ['GET', '/notes', 'POST, OPTIONS'],
    ['PUT', '/healthz', 'GET, HEAD, OPTIONS'],
  ])('%s %s: 405, and what is allowed', async (method, path, allow) => {
    const answer = await site.fetch(path, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    const options = await site.fetch(path, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, allow]);
  });

  test('headers without end', async () => {
    const answer = await site.fetch('/healthz', { headers: { 'x-long': 'x'.repeat(17 * 1024) } });
    expect(answer.status).toBe(431);
  });

  test('what is no HTTP at all, without harm', async () => {
    const socket = connect(Number(new URL(site.url).port), '127.0.0.1');
    socket.write('\u0000\u0001 nonsense\r\n\r\n');
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1.1 400/);
    expect((await site.fetch('/healthz')).status).toBe(200);
  });
});

describe('the list', () => {
  test('comes newest first, in parts', async () => {
    for (const text of ['one', 'two', 'three']) await create({ author: 'Ada', text });
    const seen: string[] = [];
    let path: string | null = '/api/notes?limit=2';
    while (path) {
      const answer: Response = await site.fetch(path);
      const { notes, next } = (await answer.json()) as { notes: { text: string }[]; next: string | null };
      expect(answer.headers.get('link')).toBe(next && `<${next}>; rel="next"`);
      seen.push(...notes.map(({ text }) => text));
      path = next;
    }
    expect(seen).toEqual(['three', 'two', 'one']);
  });

  test.each(['limit=0', 'limit=1000', "before=1'", 'before=-1'])('%s is refused', async (query) => {
    const answer = await site.fetch(`/api/notes?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ problems: [{ field: query.split('=')[0] }] });
  });

  test('HEAD tells what GET would, without it', async () => {
    await create();
    const [get, head] = [await site.fetch('/api/notes'), await site.fetch('/api/notes', { method: 'HEAD' })];
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const name of ['content-length', 'etag', 'content-type'])
      expect(head.headers.get(name)).toBe(get.headers.get(name));
  });
});

describe('the page', () => {
  const page = async (path = '/') => (await site.fetch(path, { headers: { accept: 'text/html' } })).text();

  test('shows the notes as text, and who answered', async () => {
    await create({ author: '<b>Ada</b>', text: `"><script>alert(1)</script>` });
    const text = await page();
    expect(text).toContain('&lt;b&gt;Ada&lt;/b&gt;');
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('Notes &amp; more');
    expect(text).toMatch(/Served by <b>i-0123456789abcdef0<\/b> in <b>eu-central-1a<\/b>/);
    expect(text).toMatch(/Read from <b>127\.0\.0\.1<\/b>, the primary/);
  });

  test('works without a script', async () => {
    const created = await form('/notes', hello, { 'sec-fetch-site': 'same-origin' });
    expect([created.status, created.headers.get('location')]).toEqual([303, '/']);
    expect((await form('/notes/1', { author: 'Ada', text: 'Bye', version: '1' })).status).toBe(303);
    expect(await page()).toContain('<p class="text">Bye</p>');
    expect((await form('/notes/1', { author: 'Ada', text: 'Too late', version: '1' })).status).toBe(412);
    expect((await form('/notes/1/delete', {})).status).toBe(303);
    expect(await page()).toContain('Nothing here yet');
  });

  test('tells a person what is wrong, as a page', async () => {
    const answer = await form('/notes', { author: '', text: 'x' }, { accept: 'text/html' });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('<li>author must be a text of 1 to 60 characters</li>');
    const missing = await site.fetch('/elsewhere', { headers: { accept: 'text/html' } });
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
  });

  test.each(['/notes', '/notes/1', '/notes/1/delete'])('no other site can send the form %s', async (path) => {
    await create();
    expect((await form(path, hello, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await form(path, hello, { origin: 'https://evil.example' })).status).toBe(403);
    expect(await postgres.query('select version from notes')).toEqual([{ version: 1 }]);
  });

  test('goes on where the first part ends', async () => {
    for (const text of ['oldest', 'newest']) await create({ author: 'Ada', text });
    const first = await page('/?limit=1');
    const [, next = ''] = /rel="next" href="([^"]+)"/.exec(first) ?? [];
    expect(first).not.toContain('oldest');
    expect(await page(next)).toContain('oldest');
  });

  test('is sent once to who has it', async () => {
    const etag = (await site.fetch('/')).headers.get('etag') ?? '';
    expect((await site.fetch('/', { headers: { 'if-none-match': etag } })).status).toBe(304);
  });
});

test.each(['/', '/api/notes', '/healthz', '/whoami', '/elsewhere'])(
  '%s bears the security headers',
  async (path) => {
    const { headers } = await site.fetch(path);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';.*frame-ancestors 'none'/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('cache-control')).toMatch(/no-cache|no-store/);
  },
);

test('connections are kept longer than the load balancer keeps them idle', async () => {
  expect((await site.fetch('/healthz')).headers.get('keep-alive')).toBe('timeout=65');
});

test('/whoami tells which server answered, from which databases', async () => {
  expect(await (await site.fetch('/whoami')).json()).toEqual({
    server: { id: 'i-0123456789abcdef0', zone: 'eu-central-1a' },
    reader: { host: '127.0.0.1', address: '127.0.0.1', inRecovery: false },
    writer: { host: '127.0.0.1', address: '127.0.0.1', inRecovery: false },
    counts: expect.objectContaining({ reads: { '127.0.0.1': expect.any(Number) }, withoutReplica: 0 }),
  });
});
