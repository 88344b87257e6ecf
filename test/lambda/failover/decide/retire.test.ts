/** Old primaries: quarantine until recovery is done or waived; then they go. */
import type { Retired } from '../../../../lambda/failover/memory';
import {
  type Change,
  HOUR,
  MINUTE,
  OPEN_GROUP,
  SECOND,
  T0,
  dead,
  follows,
  followsNobody,
  fork,
  inGroup,
  look,
  notReceiving,
  play,
  quarantined,
  remembering,
  round,
  short,
  status,
  with_,
} from '../builders';

const one = (change: Partial<Retired> = {}): Retired => ({
  resourceId: 'db-retired-1',
  epoch: 1,
  fork,
  recovery: 'needed',
  since: T0 - 24 * HOUR,
  ...change,
});
const memoryOf = (change: Partial<Retired> = {}) => remembering({ retired: [one(change)] });
const unprotected = with_({ deletionProtection: false });

const at = (seconds: number, ...changes: readonly Change[]) =>
  look({ 'retired-1': [quarantined, unprotected, ...changes] }, { at: seconds * SECOND });

describe('recovery is needed', () => {
  test('nothing is done to it, however long', () => {
    const { decision } = round(at(0, dead, status('failed')), memoryOf());
    expect(decision).toMatchObject({ state: 'retired-waits', actions: [] });
    expect(decision.reasons).toEqual(['mysite-retired-1 may hold writes that nobody else has (epoch 1)']);
  });

  test('opened by a hand or a deployment: it goes back into quarantine', () => {
    const { decision } = round(at(0, inGroup(OPEN_GROUP)), memoryOf());
    expect(short(decision)).toEqual(['set-groups retired-1']);
  });

  test('its fence was not shown before: that goes on, and ends', () => {
    const memory = memoryOf({ fence: { groupsAskedAt: T0 - MINUTE } });
    const away = [1, 181].map((second) => at(second, dead, status('rebooting')));
    const rounds = play([at(0, dead), ...away], memory);
    expect(short(rounds[0]!.decision)).toEqual(['reboot retired-1']);
    expect(rounds[0]!.memory.retired[0]!.fence).toMatchObject({ inForceAt: T0 });
    expect(rounds[2]!.memory.retired[0]!.fence).toBeUndefined();
  });

  test('one answer without it does not make it a stranger', () => {
    const rounds = play([look(), at(60)], memoryOf());
    expect(rounds[0]!.memory.retired).toMatchObject([{ recovery: 'needed', goneSince: T0 }]);
    expect(rounds[1]!.memory.retired).toEqual([one()]);
    expect(rounds[1]!.decision.state).toBe('retired-waits');
  });

  test('it is gone for two minutes: it is forgotten', () => {
    const rounds = play([look(), look({}, { at: 120 * SECOND })], memoryOf());
    expect(rounds[1]!.memory.retired).toEqual([]);
    expect(rounds[1]!.decision.state).toBe('healthy');
  });
});

describe.each(['done', 'waived', 'nothing lost'] as const)('recovery: %s', (recovery) => {
  const memory = memoryOf({ recovery, why: 'anna: it is old' });

  test('its deletion protection goes first', () => {
    const { decision } = round(at(0, with_({ deletionProtection: true })), memory);
    expect(decision.state).toBe('retired-goes');
    expect(decision.actions).toMatchObject([{ kind: 'modify', changes: { deletionProtection: false } }]);
  });

  test('it is deleted with a last snapshot', () => {
    const { decision } = round(at(0), memory);
    expect(decision.actions).toEqual([
      {
        kind: 'delete',
        on: { resourceId: 'db-retired-1', identifier: 'mysite-retired-1' },
        snapshot: 'mysite-retired-1-1-retired--last',
      },
    ]);
    expect(decision.reasons[0]).toBe(`mysite-retired-1: ${recovery} (anna: it is old)`);
  });

  test('it has failed: without one', () => {
    const { decision } = round(at(0, dead, status('failed')), memory);
    expect(decision.actions).toEqual([
      { kind: 'delete', on: { resourceId: 'db-retired-1', identifier: 'mysite-retired-1' } },
    ]);
  });

  test('it is being deleted: nothing more', () => {
    expect(round(at(0, status('deleting')), memory).decision).toMatchObject({
      state: 'healthy',
      actions: [],
    });
  });

  test('replicas that still follow it go first: RDS would promote them', () => {
    const seen = look({
      'retired-1': [quarantined, unprotected],
      'replica-2': [follows('retired-1'), notReceiving],
    });
    const { decision } = round(seen, memory);
    expect(decision.reasons).toContain('mysite-replica-2 follows it, and goes first');
    expect(short(decision)).not.toContain('delete retired-1');
  });
});

test('a snapshot is waited for, for half an hour since it was decided', () => {
  const busy = status('backing-up');
  const memory = memoryOf({ recovery: 'waived', decidedAt: T0 });
  expect(round(at(29 * 60, busy), memory).decision).toMatchObject({ state: 'retired-goes', actions: [] });
  expect(round(at(30 * 60, busy), memory).decision.actions).toEqual([
    { kind: 'delete', on: { resourceId: 'db-retired-1', identifier: 'mysite-retired-1' } },
  ]);
});

test('a snapshot can be had while the storage is optimized, too', () => {
  const memory = memoryOf({ recovery: 'waived', decidedAt: T0 });
  const { decision } = round(at(2 * 3600, status('storage-optimization')), memory);
  expect(decision.actions).toMatchObject([{ kind: 'delete', snapshot: 'mysite-retired-1-1-retired--last' }]);
});

test.each([
  ['room', 'the quota for retained automated backups was exceeded', 'mysite-retired-1-1-retired--last'],
  // RDS has taken it, and did not go on with the deletion.
  ['already-exists', 'a snapshot of this name exists', 'mysite-retired-1-1-retired--last-3'],
] as const)('RDS refuses as %s: that is told, in its words', (outcome, said, snapshot) => {
  const last = { outcome, times: 2, since: T0, said };
  const memory = {
    ...memoryOf({ recovery: 'waived' }),
    backoff: { 'delete db-retired-1': { failures: 2, notBefore: T0, last } },
  };
  const { decision } = round(at(5), memory);
  expect(decision.reasons).toContain(`not deleted: ${said}`);
  expect(decision.actions).toMatchObject([{ kind: 'delete', snapshot }]);
});

test('a dead one that refuses its quarantine is deleted all the same', () => {
  const open = [inGroup(OPEN_GROUP), dead, status('failed')] as const;
  const memory = memoryOf({ recovery: 'waived', fence: {} });
  const rounds = play([at(0, ...open), at(5, ...open)], memory, {
    outcomes: { 'set-groups': 'wrong-state' },
  });
  expect(rounds.map(({ decision }) => short(decision))).toEqual([
    ['set-groups retired-1'],
    ['delete retired-1'],
  ]);
});

test('a candidate that was lost while it was a replica: RDS takes no snapshot of it', () => {
  const { decision } = round(at(0, follows('primary')), memoryOf({ recovery: 'nothing lost' }));
  expect(decision.actions).toEqual([
    { kind: 'delete', on: { resourceId: 'db-retired-1', identifier: 'mysite-retired-1' } },
  ]);
});

test('two of them: each by its own', () => {
  const memory = remembering({
    retired: [one({ recovery: 'waived' }), one({ resourceId: 'db-retired-2', epoch: 2 })],
  });
  const seen = look({
    'retired-1': [quarantined, unprotected, followsNobody],
    'retired-2': [quarantined, unprotected],
  });
  expect(short(round(seen, memory).decision)).toEqual(['delete retired-1']);
});
