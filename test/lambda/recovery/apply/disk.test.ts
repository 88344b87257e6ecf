import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { apply } from '../../../../lambda/recovery/apply';
import { connect } from '../../../../lambda/recovery/connect';
import { until } from '../../../support/replica';
import { type Stand, startStand } from './stand';

let stand: Stand;
beforeAll(async () => (stand = await startStand()));
afterAll(() => stand?.stop());

/** As trial/postgres/disk.ts does it: the next segment of the WAL can be opened, and not written. */
async function fill(): Promise<string> {
  const [row] = await stand.server.query(
    `select pg_walfile_name(pg_current_wal_lsn() + setting::bigint) as next from pg_settings where name = 'wal_segment_size'`,
  );
  const next = join(stand.server.folder, 'data', 'pg_wal', String(row!['next']));
  rmSync(next, { force: true });
  symlinkSync('/dev/full', next);
  return next;
}

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('a full disk: a sentence, and with space again the same goes on', async () => {
  const site = await stand.site(
    'create table large (id int primary key, v text); alter table large alter v set storage external',
    `insert into large select i, repeat('x', 200000) from generate_series(1, 200) i`,
  );
  const plan = await site.plan();
  let next = '';
  const mayGoOn = async () => ((next ||= await fill()), true);
  const failed = await apply({ plan, primary: site.primary, batchRows: 20, mayGoOn }).catch(
    (error: Error) => error,
  );
  // Where the WAL cannot be written PostgreSQL goes down; who asks it is told that, or that it is gone.
  expect(failed).toMatchObject({
    name: 'Problem',
    message: expect.stringMatching(
      /^The (disk of new is full|connection was lost) .*the same command goes on/,
    ),
  });
  await until(() =>
    stand.server.query('select 1').then(
      () => false,
      () => true,
    ),
  );
  expect(
    execFileSync('grep', ['-c', 'No space left on device', join(stand.server.folder, 'log')]).toString(),
  ).not.toBe('0\n');
  await stand.server.halt();
  rmSync(next);
  await stand.server.resume();
  const { host, port } = stand.server;
  const primary = await connect(
    { host, port, database: site.database, user: 'recovery', name: 'new' },
    { isReadOnly: false },
  );
  const applied = await apply({ plan, primary, batchRows: 20 });
  expect(applied.isComplete).toBe(true);
  expect(applied.counts.applied! + (applied.counts['done before'] ?? 0)).toBe(200);
  const [sum] = await primary.ask('select count(*)::int as rows, min(length(v)) as least from public.large');
  expect(sum).toEqual({ rows: 200, least: 200_000 });
  await primary.close();
});

onLinux('a table that cannot grow: what was done before stays', async () => {
  const site = await stand.site(
    'create table small (id int primary key); create table large (id int primary key, v text)',
    'insert into small select generate_series(1, 50); insert into large select generate_series(1, 50)',
  );
  const plan = await site.plan(['public.small', 'public.large']);
  const [row] = await site.admin.ask<{ path: string }>(`select pg_relation_filepath('public.large') as path`);
  const file = join(stand.server.folder, 'data', row!.path);
  await site.admin.ask('checkpoint');
  renameSync(file, `${file}-away`);
  symlinkSync('/dev/full', file);
  // Without the file open from before.
  const primary = await site.session();
  await expect(apply({ plan, primary, batchRows: 25 })).rejects.toMatchObject({
    name: 'Problem',
    message: expect.stringMatching(
      /^The disk of new is full \(could not extend file .*No space left on device\)\. Make space there\./,
    ),
  });
  rmSync(file);
  renameSync(`${file}-away`, file);
  const applied = await apply({ plan, primary: await site.session() });
  expect(applied).toMatchObject({ counts: { 'done before': 50, applied: 50 }, isComplete: true });
  expect(await site.rows('primary', 'public.large')).toEqual(await site.rows('old', 'public.large'));
});
