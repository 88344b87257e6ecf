import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { passwordIn } from '../../../bin/recover/passwords';
import { serverOf } from '../../../bin/recover/postgres-url';

let home: string;
beforeAll(() => (home = mkdtempSync(join(tmpdir(), 'url-'))));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const of = (text: string, env: Record<string, string> = {}) => serverOf('--old', text, env);

test.each<[string, object]>([
  [
    'postgres://anna@db.example:5433/site',
    { host: 'db.example', port: 5433, user: 'anna', database: 'site', name: 'db.example:5433' },
  ],
  ['postgresql://anna@db.example/my%20site', { port: 5432, database: 'my site' }],
  ['postgres://a%40b@[::1]:5433/site', { host: '::1', user: 'a@b' }],
  ['postgres://anna@/site?host=/run/pg&port=5433', { host: '/run/pg', port: 5433, user: 'anna' }],
  ['postgres:///site?host=%2Frun%2Fpg', { host: '/run/pg', user: 'me' }],
])('%s', (text, expected) => {
  expect(of(text, { PGUSER: 'me' })).toMatchObject(expected);
});

describe('encryption', () => {
  test.each(['db.example', '10.0.0.7', '128.0.0.1', 'localhost.example'])('of %s is verified', (host) => {
    const { ssl } = of(`postgres://a@${host}/b`);
    expect(ssl).toEqual({ minVersion: 'TLSv1.2', rejectUnauthorized: true });
  });

  test.each(['localhost', '127.0.0.1', '[::1]'])('of %s, which is here, is not needed', (host) => {
    expect(of(`postgres://a@${host}/b`).ssl).toBeUndefined();
    expect(of(`postgres://a@${host}/b?sslmode=verify-full`).ssl).toMatchObject({ rejectUnauthorized: true });
  });

  test('is left out elsewhere only when that is said', () => {
    expect(of('postgres://a@db.example/b?sslmode=disable').ssl).toBeUndefined();
  });

  test('authorities are of a file; verify-ca looks at no name', () => {
    const file = join(home, 'ca.pem');
    writeFileSync(file, 'PEM');
    expect(of(`postgres://a@b/c?sslrootcert=${file}`).ssl).toMatchObject({
      ca: 'PEM',
      rejectUnauthorized: true,
    });
    expect(of('postgres://a@b/c?sslmode=verify-ca').ssl).toHaveProperty('checkServerIdentity');
  });
});

test.each([
  ['nonsense', '--old takes postgres://USER@HOST:PORT/DATABASE; what was given is no URL.'],
  ['mysql://a@b/c', '--old takes postgres://USER@HOST:PORT/DATABASE, and not mysql://.'],
  ['postgres://a:b@c/d', /^--old: no password in the URL/],
  ['postgres://a@c/d?password=b', /^--old: no password in the URL/],
  ['postgres://a@b', '--old: the URL names no database: postgres://USER@HOST:PORT/DATABASE.'],
  ['postgres:///d', '--old: the URL names no host: postgres://USER@HOST:PORT/DATABASE.'],
  ['postgres://a@b/c?sslmod=disable', '--old: "sslmod" in the URL is not known: did you mean sslmode?'],
  [
    'postgres://a@b/c?sslmode=require',
    '--old: sslmode=require: it does not look who answers; take verify-full, verify-ca, disable.',
  ],
  ['postgres://a@b/c?sslmode=x', '--old: sslmode=x: not known; take verify-full, verify-ca, disable.'],
  ['postgres://a@b/c?port=0', '--old: port 0 is not a whole number from 1 to 65535.'],
  ['postgres://a@b/c?sslrootcert=/none.pem', /^--old: sslrootcert=\/none\.pem cannot be read: ENOENT/],
])('%s', (text, sentence) => {
  expect(() => of(text)).toThrow(sentence);
});

describe('passwords', () => {
  const wanted = { host: 'h', port: 5432, database: 'd', user: 'u' };

  test.each([
    ['h:5432:d:u:secret', 'secret'],
    ['# h:5432:d:u:no\n*:*:*:u:yes\n*:*:*:*:later', 'yes'],
    ['x:5432:d:u:no\r\nh:*:d:*:a\\:b\\\\c', 'a:b\\c'],
    ['h:5432:d:other:no', undefined],
    ['h:5432', undefined],
    ['', undefined],
  ])('%j: %j', (text, password) => {
    expect(passwordIn(text, wanted)).toBe(password);
  });

  test('PGPASSWORD first, then PGPASSFILE, then ~/.pgpass, which nobody else may read', () => {
    const url = 'postgres://u@h/d';
    const pass = join(home, '.pgpass');
    writeFileSync(pass, '*:*:*:*:home', { mode: 0o600 });
    const open = join(home, 'open');
    writeFileSync(open, '*:*:*:*:x', { mode: 0o644 });
    expect(of(url, { HOME: home, PGPASSWORD: 'env' }).password).toBe('env');
    expect(of(url, { HOME: home }).password).toBe('home');
    expect(of(url, { HOME: join(home, 'none') }).password).toBeUndefined();
    expect(() => of(url, { HOME: home, PGPASSFILE: open })).toThrow(
      `${open} can be read by others than you: chmod 0600 ${open}.`,
    );
  });
});
