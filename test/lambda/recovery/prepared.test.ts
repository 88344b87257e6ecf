/** Prepared transactions outlive the fork, on both servers. */
import { makePlan } from '../../../lambda/recovery/make-plan';
import type { Fork } from '../../../lambda/recovery/fork';
import type { Session } from '../../../lambda/recovery/session';
import { type Pair, startPair } from '../../support/fork';

let pair: Pair;
let fork: Fork;
let old: Session;
let primary: Session;

beforeAll(async () => {
  pair = await startPair({ settings: { max_prepared_transactions: '9' } });
  await pair.old.query(`
    create table notes (id int primary key, v text);
    insert into notes select i, 'before' from generate_series(1, 9) as i`);
  await pair.makeSlot('old');
  const session = await pair.session('old');
  for (const [at, name] of ['here', 'there', 'open'].entries()) {
    await session.ask('begin');
    await session.ask(`insert into public.notes values (${100 + at}, '${name}')`);
    await session.ask(`prepare transaction '${name}'`);
  }
  // One that is over: the fork's next id is past theirs.
  await session.ask(`update public.notes set v = 'over' where id = 1`);
  await session.close();
  fork = await pair.part();
  await pair.old.query(`commit prepared 'there'`);
  await pair.old.query(`rollback prepared 'here'`);
  await pair.promote();
  await pair.primary.query(`commit prepared 'here'`);
  await pair.primary.query(`rollback prepared 'there'`);
  old = await pair.session('old', { isReadOnly: true });
  primary = await pair.session('primary', { isReadOnly: true });
});
afterAll(async () => {
  await Promise.all([old?.close(), primary?.close()]);
  await pair?.stop();
});

it.each(['slot', 'rows'] as const)('by %s: what the new primary has committed stays', async (method) => {
  const { changes } = await makePlan({ old, primary, fork, method });
  expect(changes.map(({ key, operation, conflict }) => [key[0], conflict?.kind ?? operation])).toEqual([
    ['101', method === 'slot' ? 'insert' : 'cannot be told'],
  ]);
});
