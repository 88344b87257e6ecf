/** Sessions on a real server with TLS, as on RDS. */
import type { DBInstance } from '@aws-sdk/client-rds';
import { readFileSync } from 'node:fs';
import type { CredentialSource } from '../../../../app/database/credentials';
import type { RdsPort } from '../../../../lambda/failover/ports';
import { type Access, findInstance, open } from '../../../../lambda/recovery/aws/servers';
import { type LikeRds, startLikeRds } from '../../prepare-database/like-rds';

let rds: LikeRds;
let ca: string;

beforeAll(async () => {
  rds = await startLikeRds();
  ca = readFileSync(rds.environment.caFile, 'utf8');
  await rds.postgres.query(`create role recovery login password 'now'`);
});
afterAll(() => rds?.stop());

/** What is known, and what the secret says when it is asked again. */
const source = (known?: string, then = known): CredentialSource => {
  let password = known;
  return {
    current: () =>
      password === undefined
        ? Promise.reject(new Error('no such version'))
        : Promise.resolve({ user: 'recovery', password }),
    renew: () => {
      password = then;
      return Promise.resolve(known !== then);
    },
  };
};

const access = (changes: Partial<Access> = {}): Access => ({
  database: 'site',
  ca,
  current: source('now'),
  previous: source(),
  ...changes,
});

const instance = (Address = 'localhost', Port = rds.postgres.port): DBInstance => ({
  DBInstanceIdentifier: 'mysite-primary',
  DBInstanceStatus: 'available',
  Endpoint: { Address, Port },
});

const who = async (changes: Partial<Access> = {}, isReadOnly = true) => {
  const session = await open(instance(), access(changes), 'old primary', isReadOnly);
  const [row] = await session.ask<object>(
    `select current_user as me, ssl, current_setting('default_transaction_read_only') as "isReadOnly"
       from pg_stat_ssl where pid = pg_backend_pid()`,
  );
  await session.close();
  return { ...row, name: session.name };
};

const problem = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: Error) => `${error.name}: ${error.message}`,
  );

test('by the role recovery, with TLS, called by its identifier; read-only where nothing is written', async () => {
  expect(await who()).toEqual({ me: 'recovery', ssl: true, isReadOnly: 'on', name: 'mysite-primary' });
  expect(await who({}, false)).toMatchObject({ isReadOnly: 'off' });
});

test.each([
  ['was rotated since it was read', { current: source('before', 'now') }],
  [
    'is the one before the rotation, as on an old primary',
    { current: source('later'), previous: source('now') },
  ],
])('the password %s', async (_, changes) => expect(await who(changes)).toMatchObject({ me: 'recovery' }));

test.each([
  [
    'knows neither password',
    () => open(instance(), access({ current: source('a'), previous: source('b') }), 'old primary', true),
    /^Problem: The old primary mysite-primary \(available\) lets the role recovery in neither .* alter role recovery/,
  ],
  [
    'is another site’s',
    () => open(instance(), access({ database: 'other' }), 'old primary', true),
    /^Problem: The old primary mysite-primary \(available\) does not let the role recovery in: database "other" does not exist/,
  ],
  [
    'has another name in its certificate',
    () => open(instance('127.0.0.1'), access(), 'primary', true),
    /^Problem: The primary mysite-primary \(available\) cannot be reached: .*(altnames|cert)/,
  ],
  [
    'is nobody',
    () => open(instance('localhost', 1), access(), 'old primary', true),
    /^Problem: The old primary .* cannot be reached: .*ECONNREFUSED.* plan with --from/s,
  ],
])('a server that %s', async (_, attempt, sentence) => {
  const told = await problem(attempt());
  expect(told).toMatch(sentence);
  expect(told).not.toMatch(/\bnow\b.*password|'now'/);
});

describe('an instance', () => {
  const pages: DBInstance[][] = [
    [{ DbiResourceId: 'db-A', DBInstanceIdentifier: 'mysite-primary', DBInstanceStatus: 'creating' }],
    [{ DbiResourceId: 'db-B', DBInstanceIdentifier: 'restored', Endpoint: { Address: 'restored.example' } }],
  ];
  const port = {
    call: (_: string, { Marker = '0' }: { Marker?: string }) =>
      Promise.resolve({
        DBInstances: pages[Number(Marker)],
        Marker: Marker === '0' ? '1' : undefined,
      }),
  } as unknown as RdsPort;

  test('is found on every page, by its resource id or its identifier', async () => {
    const found = { DBInstanceIdentifier: 'restored' };
    await expect(findInstance(port, { resourceId: 'db-B' }, 'primary')).resolves.toMatchObject(found);
    await expect(findInstance(port, { identifier: 'Restored' }, 'primary')).resolves.toMatchObject(found);
  });

  test.each([
    [
      { resourceId: 'db-C' },
      /^Problem: RDS does not show the old primary \(db-C\)\. If it is gone for good: restore/,
    ],
    [{ identifier: 'typo' }, /^Problem: RDS has no instance typo in this account and region/],
    [
      { identifier: 'mysite-primary' },
      /^Problem: The old primary, mysite-primary, is creating and has no address yet/,
    ],
  ])('%j is refused', async (wanted, sentence) => {
    expect(await problem(findInstance(port, wanted, 'old primary'))).toMatch(sentence);
  });
});
