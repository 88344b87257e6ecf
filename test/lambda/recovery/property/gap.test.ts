/** Why the controller advances sequences before the new primary's first write, and what becomes of keys when it does not. */
import { apply } from '../../../../lambda/recovery/apply';
import type { Fork } from '../../../../lambda/recovery/fork';
import { makePlan } from '../../../../lambda/recovery/make-plan';
import type { Plan } from '../../../../lambda/recovery/plan';
import { SLOT_NAME } from '../../../../lambda/prepare-database/plan';
import { type Pair, startPair } from '../../../support/fork';

const GAP = 1000;
/** More than the 32 values that a replica's sequences are ahead of the old primary's (SEQ_LOG_VALS). */
const LOST = 100;

let pair: Pair;
let fork: Fork;
beforeAll(async () => {
  pair = await startPair();
  const ddl = (
    name: string,
  ) => `create table ${name} (id bigint generated always as identity primary key, note text);
    insert into ${name} (note) select 'before ' || n from generate_series(1, 10) as n;`;
  await pair.old.query(`${ddl('with_gap')} ${ddl('without_gap')}
    create schema scale_from_zero;
    create table scale_from_zero.opening (epoch bigint primary key, at timestamptz not null default now(),
      forked_at pg_lsn, slot_from pg_lsn)`);
  await pair.makeSlot('old');
  fork = await pair.part();
  await pair.promote();
  await pair.makeSlot('primary');
  await pair.primary.query(
    `insert into scale_from_zero.opening (epoch, forked_at, slot_from)
     select ${fork.epoch}, pg_last_wal_replay_lsn(), confirmed_flush_lsn from pg_replication_slots
      where slot_name = '${SLOT_NAME}'`,
  );
  await pair.primary.query(
    `select setval('with_gap_id_seq', pg_sequence_last_value('with_gap_id_seq') + ${GAP})`,
  );
  for (const table of ['with_gap', 'without_gap']) {
    const write = (who: string) =>
      `insert into ${table} (note) select '${who} ' || n from generate_series(1, ${LOST}) as n`;
    await pair.old.query(write('lost'));
    await pair.primary.query(write('new'));
  }
});
afterAll(() => pair.stop());

const ids = async (side: 'old' | 'primary', table: string, who: string) =>
  (await pair[side].query(`select id::text from ${table} where note like '${who} %' order by 1`)).map(
    ({ id }) => id,
  );

async function plan(method: 'slot' | 'rows'): Promise<Plan> {
  const [old, primary] = await Promise.all([
    pair.session('old', { isReadOnly: true }),
    pair.session('primary'),
  ]);
  try {
    return await makePlan({ old, primary, fork, method });
  } finally {
    await Promise.all([old.close(), primary.close()]);
  }
}

describe.each(['slot', 'rows'] as const)('found by %s', (method) => {
  it('gives no key out again with the gap: every lost row comes back', async () => {
    const changes = (await plan(method)).changes.filter(({ table }) => table === 'public.with_gap');
    expect(changes).toHaveLength(LOST);
    expect(changes.filter(({ conflict }) => conflict)).toEqual([]);
  });

  it('tells of each key that was given out again without it', async () => {
    const changes = (await plan(method)).changes.filter(({ table }) => table === 'public.without_gap');
    const taken = changes.filter(({ conflict }) => conflict?.kind === 'key taken').map(({ key }) => key[0]);
    const [lost, here] = [
      await ids('old', 'without_gap', 'lost'),
      await ids('primary', 'without_gap', 'new'),
    ];
    expect(taken.sort()).toEqual(lost.filter((id) => here.includes(id)));
    expect(taken.length).toBeGreaterThan(LOST / 2);
    expect(changes.filter(({ conflict }) => conflict)).toHaveLength(taken.length);
    expect(changes).toHaveLength(LOST);
  });
});

it('overwrites nothing in either, and gives out new keys after both', async () => {
  const rows = (table: string) =>
    pair.primary.query(`select * from ${table} where note not like 'lost %' order by id`);
  const before = [await rows('with_gap'), await rows('without_gap')];
  const made = await plan('slot');
  const primary = await pair.session('primary');
  const { counts } = await apply({ plan: made, primary });
  await primary.close();
  const taken = made.changes.filter(({ conflict }) => conflict).length;
  expect(counts).toEqual({ applied: 2 * LOST - taken, kept: taken });
  expect([await rows('with_gap'), await rows('without_gap')]).toEqual(before);
  for (const table of ['with_gap', 'without_gap']) {
    const [next] = await pair.primary.query(`insert into ${table} (note) values ('next') returning id::int`);
    const [most] = await pair.old.query(`select max(id)::int as id from ${table}`);
    expect(next!['id']).toBeGreaterThan(Number(most!['id']));
  }
});
