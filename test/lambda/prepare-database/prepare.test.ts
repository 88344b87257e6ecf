import { Client } from 'pg';
import { realNameFinder } from '../../../app/database/real-name';
import { run } from '../../../lambda/prepare-database/handler';
import { type LikeRds, startLikeRds } from './like-rds';

let rds: LikeRds;

const prepare = (change: Partial<LikeRds['environment']> = {}, realName = 'localhost') =>
  run(
    { ...rds.environment, ...change },
    {
      fetchSecret: (arn) => Promise.resolve(JSON.stringify(rds.secrets[arn])),
      // As on AWS: a name of our zone, an alias of the one in the certificate.
      findRealName: realNameFinder((name) =>
        Promise.resolve(name === rds.environment.host ? [realName] : []),
      ),
    },
    Date.now() + 5_000,
  );

const failure = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => Promise.reject(new Error('no failure')),
    (error: Error) => error,
  );

const refused = (user: string, ...statements: string[]) => {
  const text = /permission denied|must be owner|not have privileges|must have/;
  return expect(rds.as(user, ...statements)).rejects.toThrow(text);
};

beforeAll(async () => {
  rds = await startLikeRds();
  await prepare();
  await rds.as(
    'app_writer',
    'create table notes (id bigint generated always as identity primary key, text text)',
    `insert into notes (text) values ('first')`,
  );
});

afterAll(() => rds?.stop());

test('runs again, and at the same time, and changes nothing', async () => {
  const state = `select (select json_agg(r order by rolname) from pg_roles r) as roles,
    (select json_agg(d order by oid) from pg_default_acl d) as defaults,
    (select json_agg(m order by roleid, member, grantor) from pg_auth_members m) as members,
    (select json_agg(n.nspacl order by oid) from pg_namespace n) as schemas,
    (select json_agg(c.relacl order by oid) from pg_class c) as relations,
    (select json_agg(s.slot_name) from pg_replication_slots s) as slots,
    (select json_agg(h) from scale_from_zero.heartbeat h) as heartbeat`;
  await prepare();
  const before = await rds.as('master', 'grant select on scale_from_zero.heartbeat to master', state);
  await Promise.all([prepare(), prepare(), prepare()]);
  expect(await rds.as('master', state)).toEqual(before);
});

test('a password that was changed in its secret is changed in the database', async () => {
  const secret = rds.secrets[rds.environment.secretArns.controller]!;
  const old = secret.password;
  secret.password = `new ' \\ $1 "`;
  await prepare();
  await expect(rds.as('controller', 'select 1 as one')).resolves.toEqual([{ one: 1 }]);
  secret.password = old;
  await expect(rds.as('controller', 'select 1')).rejects.toThrow('password authentication failed');
  await prepare();
});

describe('app_writer', () => {
  test('owns what it makes', async () => {
    await expect(
      rds.as('app_writer', `select tableowner from pg_tables where tablename = 'notes'`),
    ).resolves.toEqual([{ tableowner: 'app_writer' }]);
  });

  test('has no business with what is not the site’s', async () => {
    await refused('app_writer', 'create schema other');
    await refused('app_writer', 'select * from scale_from_zero.heartbeat');
    await refused('app_writer', 'create table scale_from_zero.mine ()');
    await refused('app_writer', 'create role friend');
  });
});

describe('app_reader', () => {
  test('reads what app_writer makes', async () => {
    await expect(rds.as('app_reader', 'select text from notes')).resolves.toEqual([{ text: 'first' }]);
  });

  test('reads what was there before the grants', async () => {
    await rds.as(
      'app_writer',
      'create table "Old one" as select 1 as n',
      'revoke all on "Old one" from app_reader',
    );
    await refused('app_reader', 'select * from "Old one"');
    await prepare();
    await expect(rds.as('app_reader', 'select n from "Old one"')).resolves.toEqual([{ n: 1 }]);
  });

  test.each([
    `insert into notes (text) values ('mine')`,
    `update notes set text = 'mine'`,
    'delete from notes',
    'truncate notes',
    'drop table notes',
    'create table mine ()',
    `select nextval('notes_id_seq')`,
    'select * from scale_from_zero.heartbeat',
  ])('may not %s', (statement) => refused('app_reader', statement));
});

describe('controller', () => {
  test('writes the one heartbeat, and nobody else of the four does', async () => {
    const beat = 'update scale_from_zero.heartbeat set at = now(), epoch = epoch + 1 returning id';
    await expect(rds.as('controller', beat)).resolves.toEqual([{ id: true }]);
    for (const role of ['app_writer', 'app_reader', 'recovery']) await refused(role, beat);
    await refused('controller', 'delete from scale_from_zero.heartbeat');
    await expect(
      rds.as('controller', 'insert into scale_from_zero.heartbeat default values'),
    ).rejects.toThrow('duplicate key');
    await expect(
      rds.as('controller', 'insert into scale_from_zero.heartbeat (id) values (false)'),
    ).rejects.toThrow('check constraint');
  });

  test('advances every sequence, and sees no row of the site', async () => {
    const sequences = 'select sequencename, last_value from pg_sequences order by 1';
    await rds.as('app_writer', 'create sequence later');
    await rds.as('controller', `select setval('notes_id_seq', 5000)`, `select setval('later', 5000)`);
    await expect(rds.as('controller', sequences)).resolves.toEqual([
      { sequencename: 'later', last_value: '5000' },
      { sequencename: 'notes_id_seq', last_value: '5000' },
    ]);
    await refused('controller', 'select * from notes');
    await refused('controller', 'create table mine ()');
  });

  test('writes down where a new primary began, once; recovery reads it', async () => {
    const write = `insert into scale_from_zero.opening (epoch, forked_at, slot_from) values (7, null, '0/A')
                   on conflict (epoch) do nothing`;
    await rds.as('controller', write);
    for (const role of ['app_writer', 'app_reader', 'recovery']) await refused(role, write);
    await refused('controller', 'update scale_from_zero.opening set forked_at = null');
    await refused('controller', 'delete from scale_from_zero.opening');
    await expect(
      rds.as('recovery', 'select epoch::int, slot_from from scale_from_zero.opening'),
    ).resolves.toEqual([{ epoch: 7, slot_from: '0/A' }]);
  });

  test('sees sessions and replication, and keeps its slot', async () => {
    const visible = `select count(*)::int as hidden from pg_stat_activity where query = '<insufficient privilege>'`;
    await expect(rds.as('controller', visible)).resolves.toEqual([{ hidden: 0 }]);
    const advance = `select slot_name from pg_replication_slot_advance('scale_from_zero_recovery', pg_current_wal_lsn())`;
    await expect(rds.as('controller', advance)).resolves.toEqual([{ slot_name: 'scale_from_zero_recovery' }]);
  });
});

describe('recovery', () => {
  test('reads and writes the site’s tables, and keeps its ledger beside the heartbeat', async () => {
    await expect(
      rds.as('recovery', `insert into notes (text) values ('lost and found') returning text`),
    ).resolves.toEqual([{ text: 'lost and found' }]);
    await rds.as('recovery', 'create table scale_from_zero.ledger ()', 'drop table scale_from_zero.ledger');
    await expect(rds.as('recovery', 'select epoch from scale_from_zero.heartbeat')).resolves.toHaveLength(1);
  });

  test('reads from the slot what was changed, with the keys of what was deleted', async () => {
    await rds.as('app_writer', `delete from notes where text = 'lost and found'`);
    const changes = await rds.as(
      'recovery',
      `select data from pg_logical_slot_peek_changes('scale_from_zero_recovery', null, null)`,
    );
    expect(changes.map(({ data }) => data)).toContainEqual(
      expect.stringMatching(/^table public\.notes: DELETE: id\[bigint\]:\d+$/),
    );
  });
});

describe('a slot', () => {
  test('that is another’s is left alone', async () => {
    await rds.postgres.query(`select pg_drop_replication_slot('scale_from_zero_recovery')`);
    await rds.postgres.query(
      `select pg_create_logical_replication_slot('scale_from_zero_recovery', 'pgoutput')`,
    );
    expect((await failure(prepare())).message).toBe(
      'The replication slot scale_from_zero_recovery belongs to the database postgres with the plugin pgoutput: ' +
        'drop it, so that it can be made for site with test_decoding',
    );
    await rds.postgres.query(`select pg_drop_replication_slot('scale_from_zero_recovery')`);
    await prepare();
    await expect(
      rds.as('controller', 'select slot_name, plugin, database, failover from pg_replication_slots'),
    ).resolves.toEqual([
      { slot_name: 'scale_from_zero_recovery', plugin: 'test_decoding', database: 'site', failover: false },
    ]);
  });
});

describe('failures', () => {
  test('name no password, nor does any statement', async () => {
    const statements = jest.spyOn(Client.prototype, 'query');
    await prepare();
    const sent = JSON.stringify(statements.mock.calls);
    statements.mockRestore();
    expect(sent).toContain('SCRAM-SHA-256$4096:');
    expect(sent).not.toMatch(/'s first|master\\\\?"s own/);

    const secret = rds.secrets[rds.environment.masterSecretArn]!;
    rds.secrets[rds.environment.masterSecretArn] = { ...secret, password: 'guessed' };
    const error = await failure(prepare());
    rds.secrets[rds.environment.masterSecretArn] = secret;
    expect(error.message).toBe('password authentication failed for user "master"');
    expect(JSON.stringify(error) + error.stack).not.toContain('guessed');
  });

  test('of a secret name it', async () => {
    const arn = rds.environment.secretArns.app_reader;
    const secret = rds.secrets[arn]!;
    rds.secrets[arn] = { ...secret, username: 'someone' };
    expect((await failure(prepare())).message).toBe(
      `The secret ${arn} is of the user someone, not of app_reader`,
    );
    rds.secrets[arn] = { ...secret, password: 'Straße' };
    expect((await failure(prepare())).message).toBe('A password must be printable ASCII characters only');
    rds.secrets[arn] = secret;
  });

  test('of the certificate are final', async () => {
    expect(await failure(prepare({}, '127.0.0.1'))).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
});
