/** Clients that nobody here wrote, and what the databases cost. */
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync, realpathSync } from 'node:fs';
import { promisify } from 'node:util';
import { postgresPrograms } from '../../../trial/postgres/binaries';
import { MASTER, type TestWorld, copyOf, eventually, newDatabase, testWorld } from './world';

jest.setTimeout(180_000);

let world: TestWorld;
const secondsOf: Record<string, number> = {};

async function timed(what: string, run: () => Promise<void>): Promise<void> {
  const start = performance.now();
  await run();
  secondsOf[what] = Math.round(performance.now() - start) / 1000;
}

beforeAll(async () => {
  world = await testWorld();
  await timed('create', () => world.plane.create(newDatabase('db-A', { archiveWal: true })));
  await timed('first replica', () => world.plane.createReplica(copyOf('db-B'), 'db-A'));
  await timed('second replica', () => world.plane.createReplica(copyOf('db-C'), 'db-A'));
});
afterAll(() => world?.end());

/** @throws with the sentence to act on when the program is missing */
async function run(
  program: string,
  resourceId: string,
  args: readonly string[],
  environment = {},
): Promise<string> {
  const { address, port } = world.plane.addressOf(resourceId)!;
  const [name] = [...world.plane.addresses()].find(([, found]) => found.address === address)!;
  const env = {
    PATH: process.env.PATH,
    PGHOST: name,
    PGHOSTADDR: address,
    PGPORT: String(port),
    PGUSER: MASTER.username,
    PGPASSWORD: MASTER.password,
    PGDATABASE: 'site',
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: world.plane.certificateBundle,
    PGCONNECT_TIMEOUT: '10',
    ...environment,
  };
  try {
    return (await promisify(execFile)(program, args, { env, timeout: 120_000 })).stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(
      `${program} is not installed: install PostgreSQL's client programs (postgresql-client, postgresql-contrib)`,
      { cause: error },
    );
  }
}

test('psql verifies the name of the endpoint, and is refused without TLS', async () => {
  expect(await run('psql', 'db-A', ['-XAtc', 'select version()'])).toMatch(/^PostgreSQL 17/);
  await expect(run('psql', 'db-A', ['-XAtc', 'select 1'], { PGHOST: 'other.example' })).rejects.toThrow(
    /does not match host name/,
  );
  await expect(run('psql', 'db-A', ['-XAtc', 'select 1'], { PGSSLMODE: 'disable' })).rejects.toThrow(
    /no encryption/,
  );
});

test('pgbench loads the primary, and its replicas end up the same', async () => {
  await run('pgbench', 'db-A', ['-i', '-s', '5', '-q']);
  const said = await run('pgbench', 'db-A', ['-c', '4', '-j', '2', '-T', '5', '-n']);
  expect(said).toMatch(/number of failed transactions: 0/);
  const digest = `select md5(string_agg(t::text, ',' order by aid)) as digest from pgbench_accounts t`;
  const ask = async (resourceId: string) => {
    const client = await world.connect(resourceId);
    const { rows } = await client.query(digest);
    await client.end();
    return rows[0].digest as string;
  };
  const wanted = await ask('db-A');
  for (const replica of ['db-B', 'db-C']) await eventually(async () => (await ask(replica)) === wanted);
  await run('pgbench', 'db-B', ['-S', '-c', '4', '-T', '2', '-n']);
});

test('a primary and two replicas after load take less than 400 MB', async () => {
  const programs = realpathSync(postgresPrograms().postgres);
  if (process.platform !== 'linux') throw new Error('this measurement reads /proc: run it on Linux');
  let kilobytes = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/status`, 'utf8');
      if (realpathSync(`/proc/${pid}/exe`) !== programs || !/^Name:\s+postgres/m.test(command)) continue;
      if (!realpathSync(`/proc/${pid}/cwd`).includes('/databases/db-')) continue;
      // Shared pages count once: https://docs.kernel.org/filesystems/proc.html, smaps_rollup
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))![1]);
    } catch {
      // It has ended.
    }
  }
  console.log(JSON.stringify({ secondsOf, megabytes: Math.round(kilobytes / 1024) }));
  expect(kilobytes).toBeGreaterThan(0);
  expect(kilobytes / 1024).toBeLessThan(400);
});
