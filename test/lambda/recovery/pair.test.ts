import { checkPair } from '../../../lambda/recovery/pair';
import type { Fork } from '../../../lambda/recovery/fork';
import { Problem } from '../../../lambda/recovery/problem';
import type { Session } from '../../../lambda/recovery/session';
import { type Pair, startPair } from '../../support/fork';
import { type TestPostgres, startPostgres } from '../../support/postgres';
import { connect } from '../../../lambda/recovery/connect';

let pair: Pair;
let stranger: TestPostgres;
let replicaSession: Session;
let fork: Fork;
let old: Session;
let primary: Session;
let other: Session;
let asReplica: Promise<unknown>;

beforeAll(async () => {
  [pair, stranger] = await Promise.all([startPair(), startPostgres()]);
  await pair.old.query(`
    create schema scale_from_zero;
    create table scale_from_zero.heartbeat (at timestamptz not null);
    insert into scale_from_zero.heartbeat values ('2026-11-22 10:00:00.5Z');
    create table scale_from_zero.opening (epoch bigint primary key, forked_at pg_lsn, slot_from pg_lsn)`);
  fork = await pair.part();
  old = await pair.session('old');
  replicaSession = await pair.session('primary');
  asReplica = checkPair({ old, primary: replicaSession, fork, isRestore: false }).catch(
    (error: unknown) => error,
  );
  await asReplica;
  await pair.promote();
  primary = await pair.session('primary');
  other = await connect({ ...stranger, name: 'stranger' }, { isReadOnly: true });
});
afterAll(async () => {
  await Promise.all([old, primary, replicaSession, other].map((session) => session?.close()));
  await pair?.stop();
  await stranger?.stop();
});

const checked = (given: Partial<Parameters<typeof checkPair>[0]> = {}) =>
  checkPair({ old, primary, fork, isRestore: false, ...given });

it('takes the two that belong together', async () => {
  expect(await checked()).toEqual({
    database: 'postgres',
    timeline: 2,
    oldHeartbeatAt: '2026-11-22T10:00:00.500Z',
  });
});

it('reads where the histories part, and the slot begins', async () => {
  await pair.primary.query(`insert into scale_from_zero.opening values (1, '${fork.lsn}', '${fork.lsn}')`);
  expect(await checked()).toMatchObject({ forkedAt: fork.lsn, slotFrom: fork.lsn });
  await pair.primary.query(`insert into scale_from_zero.opening values (7, '0/10', null)`);
  await expect(checked({ fork: { ...fork, epoch: 7 } })).rejects.toThrow('the fork is another one');
});

const wrong: [string, () => Partial<Parameters<typeof checkPair>[0]>, string][] = [
  ['another system', () => ({ old: other }), 'never were one'],
  ['a fork of another system', () => ({ fork: { ...fork, system: '1' } }), 'belongs to another database'],
  ['the wrong way round', () => ({ old: primary, primary: old }), 'the wrong way round'],
  ['the same server twice', () => ({ primary: old }), 'was not promoted at this fork'],
  ['the new one twice', () => ({ old: primary }), 'is not the primary that was given up'],
  ['a fork of a later timeline', () => ({ fork: { ...fork, timeline: 2 } }), 'was not promoted at this fork'],
  ['a fork of the future', () => ({ fork: { ...fork, lsn: 'FF/0' } }), 'it is not its fork'],
  [
    'a restore that ends before the fork',
    () => ({ isRestore: true, fork: { ...fork, heartbeatAt: Date.parse('2026-11-22T10:00:10Z') } }),
    'ends 10 s before the fork',
  ],
];
it.each(wrong)('refuses %s, with a sentence', async (_, given, sentence) => {
  const error: unknown = await checked(given()).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Problem);
  expect((error as Problem).message).toContain(sentence);
});

it('refuses a replica', async () => {
  const error = await asReplica;
  expect(error).toBeInstanceOf(Problem);
  expect((error as Problem).message).toContain('is a replica');
});

it('refuses two databases', async () => {
  await pair.old.query('create database another');
  const session = await pair.session('old', { database: 'another' });
  await expect(checked({ old: session })).rejects.toThrow('its database "another"');
  await session.close();
});
