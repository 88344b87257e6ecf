import { X509Certificate } from 'node:crypto';
import { connect as connectTls } from 'node:tls';
import { connect } from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  CONTROLLER,
  MASTER,
  STRANGER,
  type TestWorld,
  WEB,
  copyOf,
  eventually,
  hangs,
  newDatabase,
  testWorld,
} from './world';

jest.setTimeout(60_000);

let world: TestWorld;

/** The tests of this file are the life of one primary with two replicas, in this order. */
beforeAll(async () => {
  world = await testWorld();
  await world.plane.create(newDatabase('db-A'));
});
afterAll(() => world?.end());

const one = async (resourceId: string, text: string, from = WEB): Promise<unknown> => {
  const client = await world.connect(resourceId, { from });
  try {
    return Object.values((await client.query(text)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
};

/** The certificate that a server shows, whatever it is. */
async function certificateOf(resourceId: string): Promise<X509Certificate> {
  const { address, port } = world.plane.addressOf(resourceId)!;
  const socket = connect(port, address);
  // SSLRequest, https://www.postgresql.org/docs/17/protocol-message-formats.html
  socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  await once(socket, 'data');
  const tls = connectTls({ socket, rejectUnauthorized: false });
  try {
    await once(tls, 'secureConnect');
    return new X509Certificate(tls.getPeerCertificate().raw);
  } finally {
    tls.destroy();
  }
}

test('takes connections at its own address, with TLS to the name of the endpoint', async () => {
  expect(await one('db-A', 'select ssl from pg_stat_ssl where pid = pg_backend_pid()')).toBe(true);
  expect(await one('db-A', 'select host(inet_client_addr())')).toBe(WEB);
  expect(await one('db-A', 'select setting from pg_settings where name = $$data_checksums$$')).toBe('on');
  expect(world.plane.addresses().get('db-a.trial.example')).toEqual(world.plane.addressOf('db-A'));
  const ca = readFileSync(world.plane.certificateBundle, 'utf8');
  await expect(world.connect('db-A', { ssl: { ca, servername: 'db-b.trial.example' } })).rejects.toThrow(
    /altnames/,
  );
  await expect(world.connect('db-A', { ssl: { servername: 'db-a.trial.example' } })).rejects.toThrow(
    /certificate/,
  );
});

test('refuses clear text, a wrong password, and the users of the plane', async () => {
  await expect(world.connect('db-A', { ssl: false })).rejects.toMatchObject({
    code: '28000',
    message: expect.stringContaining('no encryption'),
  });
  await expect(world.connect('db-A', { password: 'wrong' })).rejects.toMatchObject({ code: '28P01' });
  for (const user of ['rdsadmin', 'rdsrepladmin']) {
    await expect(world.connect('db-A', { user })).rejects.toMatchObject({ code: '28000' });
  }
});

describe('the master user', () => {
  test('is no superuser, and has the attributes and memberships of RDS', async () => {
    const client = await world.connect('db-A');
    const { rows } = await client.query(
      `select rolsuper, rolreplication, rolcreaterole, rolcreatedb, pg_has_role('rds_replication', 'member') as slots
       from pg_roles where rolname = current_user`,
    );
    expect(rows).toEqual([
      { rolsuper: false, rolreplication: false, rolcreaterole: true, rolcreatedb: true, slots: true },
    ]);
    for (const forbidden of [
      `alter system set work_mem = '8MB'`,
      `select pg_read_file('/etc/passwd')`,
      `copy (select 1) to '/tmp/nothing'`,
      'select pg_promote()',
      'create role other replication',
      'alter role rdsadmin password $$x$$',
    ]) {
      await expect(client.query(forbidden)).rejects.toMatchObject({ code: '42501' });
    }
  });

  test('owns its database, makes roles, and gives slots to those that it lets', async () => {
    const client = await world.connect('db-A');
    await client.query(`create table note (id bigint generated always as identity primary key, text text)`);
    await client.query(`create role controller login password 'c'; create role reader login password 'r'`);
    await client.query(`grant rds_replication to controller; grant pg_monitor to controller`);
    const controller = await world.connect('db-A', { user: 'controller', password: 'c', from: CONTROLLER });
    await controller.query(`select pg_create_logical_replication_slot('recovery', 'test_decoding')`);
    await client.query(`insert into note (text) values ('slot')`);
    const { rows } = await controller.query(
      `select data from pg_logical_slot_peek_changes('recovery', null, null) where data like '%slot%'`,
    );
    expect(rows).toHaveLength(1);
    const reader = await world.connect('db-A', { user: 'reader', password: 'r' });
    for (const call of [
      `pg_create_logical_replication_slot('other', 'test_decoding')`,
      `pg_drop_replication_slot('recovery')`,
      `pg_logical_slot_get_changes('recovery', null, null)`,
    ]) {
      await expect(reader.query(`select ${call}`)).rejects.toMatchObject({ code: '42501' });
    }
    // In a database that the master makes, as well.
    await client.query('create database another');
    const there = await world.connect('db-A', {
      user: 'controller',
      password: 'c',
      from: CONTROLLER,
      database: 'another',
    });
    await there.query(`select pg_create_logical_replication_slot('there', 'test_decoding')`);
    await there.query(`select pg_drop_replication_slot('there')`);
    await there.end();
  });

  test('gets another password', async () => {
    await world.plane.setMasterPassword('db-A', { ...MASTER, password: 'new' });
    await expect(world.connect('db-A')).rejects.toMatchObject({ code: '28P01' });
    await (await world.connect('db-A', { password: 'new' })).end();
    await world.plane.setMasterPassword('db-A', MASTER);
  });
});

test('replicas stream what the primary commits, and take no writes', async () => {
  await world.plane.createReplica(copyOf('db-B'), 'db-A');
  await world.plane.createReplica(copyOf('db-C'), 'db-A');
  const lsn = await one(
    'db-A',
    `insert into note (text) values ('streamed') returning pg_current_wal_insert_lsn()`,
  );
  for (const replica of ['db-B', 'db-C']) {
    await eventually(() => one(replica, `select pg_last_wal_replay_lsn() >= '${lsn}'`) as Promise<boolean>);
    expect(await one(replica, `select count(*)::int from note where text = 'streamed'`)).toBe(1);
    await expect(one(replica, `insert into note (text) values ('no')`)).rejects.toMatchObject({
      code: '25006',
    });
  }
  expect(
    await world.plane.query(
      'db-A',
      'select application_name as name, host(client_addr) as host from pg_stat_replication order by 1',
    ),
  ).toEqual(['db-B', 'db-C'].map((name) => ({ name, host: world.plane.addressOf(name)!.address })));
});

test('creating what exists changes nothing', async () => {
  await world.plane.create(newDatabase('db-A'));
  await world.plane.createReplica(copyOf('db-B'), 'db-A');
  expect(await one('db-A', 'select count(*)::int from note')).toBe(2);
  expect(await world.plane.known()).toEqual(['db-A', 'db-B', 'db-C']);
});

test('a change of security groups keeps new connections out, and old ones until the reboot', async () => {
  const old = await world.connect('db-A');
  await expect(hangs(world.connect('db-A', { from: STRANGER }))).resolves.toBe(true);
  await world.plane.setSecurityGroups('db-A', ['quarantine']);
  expect(await hangs(world.connect('db-A'))).toBe(true);
  expect((await old.query('select 1 as alive')).rows).toEqual([{ alive: 1 }]);
  // Replication is not asked, and who is in the group gets in.
  expect(await one('db-A', 'select count(*)::int from pg_stat_replication', CONTROLLER)).toBe(2);

  const cut = new Promise<void>((resolve) => old.once('end', resolve));
  await world.plane.reboot('db-A');
  await cut;
  expect(await hangs(world.connect('db-A'))).toBe(true);
  expect(
    await one(
      'db-A',
      `select count(*)::int from pg_stat_activity where host(client_addr) = '${WEB}'`,
      CONTROLLER,
    ),
  ).toBe(0);
  // The person at this machine is always let in.
  expect(await one('db-A', 'select 1', '127.0.0.1')).toBe(1);
});

test('a promoted replica takes writes; its sibling stays with the old primary', async () => {
  await world.plane.promote('db-B');
  await one('db-B', `insert into note (text) values ('after promotion')`);
  expect(await one('db-B', 'select pg_walfile_name(pg_current_wal_lsn())')).toMatch(/^00000002/);
  await eventually(async () => {
    const [row] = await world.plane.query(
      'db-A',
      'select array_agg(application_name) as names from pg_stat_replication',
    );
    return JSON.stringify(row!.names) === '["db-C"]';
  });
  // Nor does a slot keep WAL for the one that has left.
  await eventually(async () => {
    const rows = await world.plane.query(
      'db-A',
      `select slot_name from pg_replication_slots where slot_type = 'physical'`,
    );
    return JSON.stringify(rows) === '[{"slot_name":"rds_replica_db_c"}]';
  });
  await one('db-A', `insert into note (text) values ('on the old one')`, CONTROLLER);
  await eventually(
    async () => (await one('db-C', `select count(*)::int from note where text like '%old one'`)) === 1,
  );
  await world.plane.promote('db-B'); // again: nothing happens
  expect(await one('db-B', `select count(*)::int from note where text = 'after promotion'`)).toBe(1);
});

test('a rename gives another name and a certificate for it; sessions live on', async () => {
  const old = await world.connect('db-B');
  const before = world.plane.addressOf('db-B');
  const named = world.plane.addresses().size;
  await world.plane.unname!('db-B');
  expect(world.plane.addresses().size).toBe(named - 1);
  await world.plane.rename('db-B', { name: 'primary.trial.example', port: 5432 });
  expect(world.plane.addresses().size).toBe(named);
  expect(world.plane.addresses().get('primary.trial.example')).toEqual(before);
  expect(world.plane.addresses().has('db-b.trial.example')).toBe(false);
  await eventually(
    async () => (await certificateOf('db-B')).checkHost('primary.trial.example') !== undefined,
  );
  expect((await certificateOf('db-B')).checkHost('db-b.trial.example')).toBeUndefined();
  expect((await old.query('select 1 as alive')).rows).toEqual([{ alive: 1 }]);
  expect(await one('db-B', 'select 1')).toBe(1);
});

test('a stopped database answers nobody until it is started', async () => {
  await world.plane.stop('db-C');
  const late = world.connect('db-C');
  expect(await hangs(late)).toBe(true);
  await world.plane.start('db-C');
  expect((await (await late).query('select 1 as alive')).rows).toEqual([{ alive: 1 }]);
});

test('all of it is there when the plane is opened again', async () => {
  const ports = new Map(world.plane.addresses());
  await world.reopen();
  expect(world.plane.addresses()).toEqual(ports);
  expect(await one('db-B', `select count(*)::int from note where text = 'after promotion'`)).toBe(1);
  expect(await one('db-C', 'select pg_is_in_recovery()')).toBe(true);
});

test('a removed database leaves no files, and its address to the next', async () => {
  const { address } = world.plane.addressOf('db-C')!;
  await world.plane.remove('db-C', false);
  await world.plane.remove('db-C', false); // again: nothing happens
  expect(await world.plane.known()).toEqual(['db-A', 'db-B']);
  expect(
    await world.plane.query(
      'db-A',
      `select slot_name from pg_replication_slots where slot_type = 'physical'`,
    ),
  ).toEqual([]);
  await world.plane.createReplica(copyOf('db-D'), 'db-B');
  expect(world.plane.addressOf('db-D')!.address).toBe(address);
});
