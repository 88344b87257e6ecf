/** The new primary had replayed more when it was promoted than when its fork was stored. */
import { makePlan } from '../../../lambda/recovery/make-plan';
import type { Fork } from '../../../lambda/recovery/fork';
import type { Session } from '../../../lambda/recovery/session';
import { type Pair, startPair } from '../../support/fork';

let pair: Pair;
let stored: Fork;
let old: Session;
let primary: Session;

beforeAll(async () => {
  pair = await startPair();
  await pair.old.query(`
    create schema scale_from_zero;
    create table scale_from_zero.opening (epoch bigint primary key, forked_at pg_lsn, slot_from pg_lsn);
    create table notes (id int primary key, v text);
    insert into notes select i, 'before' from generate_series(1, 9) as i`);
  await pair.makeSlot('old');
  await pair.primary.caughtUp();
  const [look] = await pair.primary.query(
    'select pg_last_wal_replay_lsn()::text as lsn, pg_current_snapshot()::text as snapshot',
  );
  // Neither lost nor the new primary's own.
  await pair.old.query(`insert into notes values (10, 'late'), (11, 'late')`);
  const late = await pair.session('old');
  await late.transaction(async () => {
    await late.ask('savepoint a');
    await late.ask(`update public.notes set v = 'late' where id in (1, 2)`);
  });
  await late.close();
  const parted = await pair.part();
  stored = { ...parted, ...(look as Pick<Fork, 'lsn' | 'snapshot'>) };
  await pair.old.query(
    `delete from notes where id in (3, 10); update notes set v = 'lost' where id in (1, 4)`,
  );
  await pair.promote();
  await pair.makeSlot('primary');
  await pair.primary.query(`
    insert into scale_from_zero.opening
      select 1, '${parted.lsn}', confirmed_flush_lsn from pg_replication_slots where slot_name = 'scale_from_zero_recovery'`);
  await pair.primary.query(
    `update notes set v = 'here' where id = 11; insert into notes values (12, 'here')`,
  );
  old = await pair.session('old', { isReadOnly: true });
  primary = await pair.session('primary', { isReadOnly: true });
});
afterAll(async () => {
  await Promise.all([old?.close(), primary?.close()]);
  await pair?.stop();
});

const told = async (method: 'slot' | 'rows') => {
  const { changes, head } = await makePlan({ old, primary, fork: stored, method });
  return {
    gaps: head.gaps,
    changes: Object.fromEntries(
      changes.map(({ key, operation, conflict }) => [key[0], conflict?.kind ?? operation]),
    ),
  };
};

it('by slot: what it replayed meanwhile is neither lost nor its own', async () => {
  expect(await told('slot')).toEqual({
    changes: { 1: 'update', 3: 'delete', 4: 'update', 10: 'delete' },
    gaps: [],
  });
});

it('by rows: the same, as its slot keeps the id that it began with', async () => {
  expect(await told('rows')).toEqual(await told('slot'));
});

it('by rows without its slot: what cannot be told is said', async () => {
  await pair.primary.query(`select pg_drop_replication_slot('scale_from_zero_recovery')`);
  const { changes, gaps } = await told('rows');
  expect(changes).toMatchObject({ 3: 'delete', 4: 'update' });
  // Row 10 has an id past the stored fork, as if the new primary had made it.
  expect(gaps.join()).toContain('when it was promoted');
});
