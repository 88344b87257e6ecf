import { choose, primaryOf, waitingOf } from '../../../../lambda/recovery/aws/choose';
import { forkOf, retiredOf, stored } from './stored';

const two = forkOf(2);
const three = forkOf(3);

test('the only one that waits', () => {
  const found = choose(stored({ retired: [retiredOf(two, 'waived'), retiredOf(three)] }));
  expect(found).toEqual({
    primary: 'db-NEW-3',
    old: 'db-OLD-3',
    fork: {
      epoch: 3,
      lsn: '0/3000148',
      snapshot: '741:744:',
      timeline: 3,
      system: '7440000000000000000',
      heartbeatAt: three.heartbeatAt,
    },
  });
});

test('of several the one that was named; also one that does not wait any more, or is gone', () => {
  const waiting = stored({ retired: [retiredOf(two), retiredOf(three)], forks: [forkOf(1), two, three] });
  expect(choose(waiting, 2).old).toBe('db-OLD-2');
  expect(choose(waiting, 1).old).toBe('db-OLD-1');
  expect(choose(stored({ retired: [retiredOf(three, 'done')] }), 3).old).toBe('db-OLD-3');
});

test.each([
  [
    'nobody waits',
    stored({ forks: [two] }),
    undefined,
    /^No old primary waits for recovery\..*journal has 2\.$/,
  ],
  ['nobody ever did', stored(), undefined, /^No old primary waits .* the journal has none\.$/],
  [
    'several wait',
    stored({ retired: [retiredOf(two), retiredOf(three)] }),
    undefined,
    /^2 old primaries wait for recovery, of epochs 2, 3: name one of these \(--epoch\)/,
  ],
  [
    'another epoch',
    stored({ retired: [retiredOf(three)] }),
    9,
    /^The journal has no fork of epoch 9\. It has those of epochs 3\.$/,
  ],
  [
    'two of one epoch',
    stored({ retired: [retiredOf(three), retiredOf(forkOf(3, { from: 'db-LOST' }))] }),
    3,
    /^The journal has several forks of epoch 3/,
  ],
  [
    'a failover is under way',
    stored({ phase: 'fencing' }),
    undefined,
    /^A failover is under way \(phase fencing\)/,
  ],
  [
    'no journal',
    { version: 0 },
    undefined,
    /^The failover controller has written nothing into its journal yet/,
  ],
])('refused: %s', (_, journal, epoch, sentence) => {
  expect(() => choose(journal, epoch)).toThrow(sentence);
});

test('the primary is known while the group heals', () => {
  expect(primaryOf(stored({ phase: 'healing' }))).toBe('db-NEW-3');
});

test('who waits is known by the very fork', () => {
  const journal = stored({ retired: [retiredOf(two, 'done'), retiredOf(three)] });
  expect(waitingOf(journal, three)).toBe('db-OLD-3');
  expect(waitingOf(journal, two)).toBeUndefined();
  expect(waitingOf(journal, { ...three, lsn: '0/3000150' })).toBeUndefined();
});
