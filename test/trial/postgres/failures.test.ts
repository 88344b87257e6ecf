import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { checkAddresses, freeAddress, listeningFailure } from '../../../trial/postgres/addresses';
import { lastReason } from '../../../trial/postgres/log';
import { pgHbaConf, postgresqlConf } from '../../../trial/postgres/settings';
import { postgresPrograms } from '../../../trial/postgres/binaries';
import { State } from '../../../trial/postgres/state';
import { folderFailure } from '../../../trial/postgres/folder-failure';
import { postgresPlane } from '../../../trial/postgres/plane';
import { NETWORK, type TestWorld, copyOf, newDatabase, planeOptions, testWorld } from './world';

jest.setTimeout(60_000);

let world: TestWorld;
beforeAll(async () => void (world = await testWorld()));
afterAll(() => world?.end());

const folders = () =>
  readdirSync(join(new State(world.stateFolder, postgresPrograms().user).dataFolder, 'databases'));

test('a port that is taken is one sentence, and nothing is left of the database', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(5432, `${NETWORK}.0.1`, resolve));
  try {
    await expect(world.plane.create(newDatabase('db-A'))).rejects.toThrow(
      new RegExp(`^Port 5432 of ${NETWORK}\\.0\\.1 is taken by another program, .*0\\.0\\.0\\.0:5432.*\\.$`),
    );
  } finally {
    await new Promise((resolve) => other.close(resolve));
  }
  expect(folders()).toEqual([]);
});

test('what PostgreSQL refuses is said in its words', async () => {
  const parameters = { wal_sender_timeout: 'soon' };
  await expect(world.plane.create(newDatabase('db-A', { parameters }))).rejects.toThrow(
    /^PostgreSQL refuses to start: .*wal_sender_timeout/,
  );
  expect(folders()).toEqual([]);
  expect(await world.plane.known()).toEqual([]);
  await world.plane.create(newDatabase('db-A', { parameters: {} })); // the same again, mended
});

test('what does not exist is said', async () => {
  await expect(world.plane.createReplica(copyOf('db-B'), 'db-X')).rejects.toThrow(
    'There is no database db-X.',
  );
  await expect(world.plane.create(newDatabase('../db'))).rejects.toThrow("'../db' cannot name a database");
});

test('a replica of a database that is down fails, and leaves nothing', async () => {
  await world.plane.stop('db-A');
  await expect(world.plane.createReplica(copyOf('db-B'), 'db-A')).rejects.toThrow(/ECONNREFUSED/);
  expect(folders()).toEqual(['db-A']);
  await world.plane.start('db-A');
});

test('missing addresses are named with the command that makes them', async () => {
  // TEST-NET-1 of RFC 5737: an address that no machine has.
  await expect(checkAddresses('192.0', 2)).rejects.toThrow(
    /192\.0\.0\.1, 192\.0\.0\.2.*sudo .*192\.0\.0\.1.* && sudo .*192\.0\.0\.2/,
  );
  await checkAddresses(NETWORK, 3);
});

test.each([
  ['EADDRNOTAVAIL', /no loopback address 127\.77\.0\.1, .*: run sudo /],
  ['EADDRINUSE', /Port 5432 of 127\.77\.0\.1 is taken/],
  ['EACCES', /may not listen on 127\.77\.0\.1:5432/],
])('%s', (code, sentence) => {
  expect(listeningFailure(Object.assign(new Error('listen'), { code }), '127.77.0.1', 5432).message).toMatch(
    sentence,
  );
});

test('a state folder that is a file is one sentence', async () => {
  const path = join(world.stateFolder, 'file');
  writeFileSync(path, '');
  await expect(postgresPlane(planeOptions(path))).rejects.toThrow(`${path} is no folder: remove it`);
});

test.each([
  ['ENOSPC', 'The disk with /there is full: make space'],
  ['EACCES', 'This user may not write /there/file: give'],
  ['EROFS', 'This user may not write /there/file: give'],
])('%s of a file', (code, sentence) => {
  const error = Object.assign(new Error('write'), { code, path: '/there/file' });
  expect(String(folderFailure(error, '/there'))).toContain(sentence);
});

test('on macOS the command is that of macOS', () => {
  const real = Object.getOwnPropertyDescriptor(process, 'platform')!;
  Object.defineProperty(process, 'platform', { value: 'darwin' });
  try {
    const error = Object.assign(new Error('listen'), { code: 'EADDRNOTAVAIL' });
    expect(listeningFailure(error, '127.77.0.1', 5432).message).toContain(
      'run sudo ifconfig lo0 alias 127.77.0.1 up',
    );
  } finally {
    Object.defineProperty(process, 'platform', real);
  }
});

test('addresses are given out once, and end neither in 0 nor in 255', () => {
  const taken: string[] = [];
  while (taken.length < 600) taken.push(freeAddress('127.77', taken));
  expect(new Set(taken).size).toBe(600);
  expect(taken[0]).toBe('127.77.0.1');
  expect(taken.filter((address) => /\.(0|255)$/.test(address))).toEqual([]);
});

test('the reason is the last error of a log, without its time', () => {
  const log = join(world.stateFolder, 'log');
  writeFileSync(
    log,
    '2026-01-01 00:00:00.000 UTC [1] LOG:  a\n2026-01-01 00:00:00.001 UTC [1] FATAL:  why\n2026-01-01 00:00:00.002 UTC [1] LOG:  end\n',
  );
  expect(lastReason(log)).toBe('FATAL:  why');
  expect(lastReason(`${log}.none`)).toBe('it ended without a word');
});

describe('configuration', () => {
  const record = { ...copyOf('db-A'), address: '127.77.0.1', replayDelayMillis: 0, isWanted: true };
  const conf = (parameters: Record<string, string>) =>
    postgresqlConf({ record: { ...record, parameters }, replicationPassword: 'p', isDurable: false });

  test('takes over parameters, except too much memory and what is the plane’s own', () => {
    const text = conf({ work_mem: '8192', shared_buffers: '131072', max_connections: '443', port: '1' });
    expect(text).toContain(`work_mem = '8192'`);
    expect(text).toContain(`shared_buffers = '32768'`);
    expect(text).toContain(`max_connections = '443'`);
    expect(conf({ shared_buffers: '16' })).toContain(`shared_buffers = '16'`);
    expect(text).toContain(`port = '15432'`);
    expect(text).toContain(`wal_level = 'replica'`);
    expect(conf({ 'rds.logical_replication': '1' })).toContain(`wal_level = 'logical'`);
    expect(conf({ search_path: "it's \\ it" })).toContain(String.raw`search_path = 'it''s \\ it'`);
  });

  test('lets clear text in only where rds.force_ssl is 0', () => {
    const last = (parameters: Record<string, string>) =>
      pgHbaConf({ ...record, parameters }, '127.77')
        .trim()
        .split('\n')
        .at(-1);
    expect(last({})).toMatch(/^hostssl /);
    expect(last({ 'rds.force_ssl': '1' })).toMatch(/^hostssl /);
    expect(last({ 'rds.force_ssl': '0' })).toMatch(/^host /);
  });
});

test('files that hold secrets are for their owner alone', () => {
  for (const name of ['plane.json', 'authority-key.pem']) {
    expect(statSync(join(world.stateFolder, name)).mode & 0o077).toBe(0);
  }
});
