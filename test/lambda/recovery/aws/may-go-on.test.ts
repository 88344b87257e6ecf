import { CallFailed, type Stored } from '../../../../lambda/failover/ports';
import { watch } from '../../../../lambda/recovery/aws/may-go-on';
import { T0, stored } from './stored';

const MINUTE = 60_000;

function world(changes: { journal?: () => Stored; stop?: boolean; until?: number; lost?: boolean } = {}) {
  const seen = { now: T0, asked: 0 };
  const watching = watch(
    {
      now: () => seen.now,
      journal: async () => {
        seen.asked++;
        return (changes.journal ?? stored)();
      },
      runs: { isStopped: async () => changes.stop === true } as never,
    },
    {
      run: 'apply-1',
      primary: 'db-NEW-3',
      until: changes.until ?? T0 + 15 * MINUTE,
      isLost: () => changes.lost === true,
    },
  );
  return { seen, watching };
}

test('while nothing is against it; the journal is asked every few seconds, not for each batch', async () => {
  const { seen, watching } = world();
  for (let batch = 0; batch < 50; batch++) {
    expect(await watching.mayGoOn()).toBe(true);
    seen.now += 200;
  }
  expect(seen.asked).toBe(4);
  expect(watching.why).toBeUndefined();
});

test.each([
  ['its time is over', { until: T0 + MINUTE - 1 }, /^Its time is over/],
  [
    'a hold',
    { journal: () => stored({}, { hold: { by: 'otto', at: T0, why: 'a look' } }) },
    /^On hold since .* by otto/,
  ],
  ['somebody wants it to pause', { stop: true }, /^Somebody has asked it to pause/],
  ['it was begun anew elsewhere', { lost: true }, /^It was begun anew elsewhere/],
])('not, with its reason: %s', async (_, changes, why) => {
  const { watching } = world(changes);
  expect(await watching.mayGoOn()).toBe(false);
  expect(watching.why).toMatch(why);
});

test.each([
  ['another primary', () => stored({ primary: 'db-OTHER' })],
  ['a failover', () => stored({ phase: 'fencing' })],
])('it ends for %s', async (_, journal) => {
  await expect(world({ journal }).watching.mayGoOn()).rejects.toThrow('Another failover has begun');
});

test('a journal that is silent for a moment stops nobody, and one that stays silent does', async () => {
  let isSilent = false;
  const { seen, watching } = world({
    journal: () => {
      if (isSilent) throw new CallFailed('timeout', 'dynamodb Query: timeout');
      return stored();
    },
  });
  expect(await watching.mayGoOn()).toBe(true);
  isSilent = true;
  seen.now += 10_000;
  expect(await watching.mayGoOn()).toBe(true);
  seen.now += 10_000;
  expect(await watching.mayGoOn()).toBe(false);
  expect(watching.why).toMatch(/^The journal does not answer \(dynamodb Query: timeout\)/);
});

test('a journal that never answers lets nothing begin', async () => {
  const { watching } = world({
    journal: () => {
      throw new CallFailed('denied', 'dynamodb Query: denied');
    },
  });
  expect(await watching.mayGoOn()).toBe(false);
});
