/** Decision 7: a primary that comes back before anything was promoted goes on. */
import {
  type Changes,
  HOUR,
  MINUTE,
  OPEN_GROUP,
  SECOND,
  T0,
  choosingMemory,
  dead,
  fencingMemory,
  isFenced,
  look,
  notReceiving,
  promotingMemory,
  quarantined,
  round,
  says,
  short,
} from '../builders';

const back: Changes = { primary: quarantined, 'replica-2': notReceiving };

const seen = (changes: Changes = back, seconds = 30) => look(changes, { at: seconds * SECOND });

test.each([
  ['fencing', fencingMemory()],
  ['promoting, before anybody was asked', choosingMemory()],
])('it answers, takes writes, and a replica receives from it: %s', (_, memory) => {
  const { decision } = round(seen(), { ...memory, unfitSince: { 'db-replica-1': T0 - HOUR } });
  expect(decision.state).toBe('primary-returned');
  expect(decision.memory).toMatchObject({
    phase: 'steady',
    primary: 'db-primary',
    epoch: 2,
    lastReturn: T0 + 30 * SECOND,
    suspicion: undefined,
    unfitSince: {},
    retired: [],
  });
  expect(decision.memory.failover).toBeUndefined();
  expect(decision.actions[0]).toEqual({
    kind: 'set-groups',
    on: { resourceId: 'db-primary', identifier: 'mysite-primary' },
    groups: [OPEN_GROUP],
  });
  expect(decision.notices).toMatchObject([{ severity: 'warning' }]);
});

test('its group is put back until it is seen, and its epoch is written by the next rounds', () => {
  const { memory } = round(seen(), fencingMemory());
  const { decision } = round(seen(back, 35), memory);
  expect(short(decision)).toContain('set-groups primary');
  expect(decision.memory.phase).toBe('steady');
});

describe('it does not go on', () => {
  const state = (memory: Parameters<typeof round>[1], changes = back) =>
    round(seen(changes), memory).decision.state;

  test('while no replica receives from it', () => {
    const changes = { primary: quarantined, 'replica-1': notReceiving, 'replica-2': notReceiving };
    expect(state(fencingMemory(), changes)).toBe('fencing');
  });

  test('while it is in recovery', () => {
    expect(state(fencingMemory(), { ...back, primary: [quarantined, says({ inRecovery: true })] })).toBe(
      'fencing',
    );
  });

  test('when a human wants another one', () => {
    expect(state(fencingMemory({ kind: 'promote' }))).toBe('fencing');
    expect(state(fencingMemory({ kind: 'switchover' }))).toBe('fencing');
  });

  test('a second time within minimumInterval', () => {
    expect(state({ ...fencingMemory(), lastReturn: T0 - 59 * MINUTE })).toBe('fencing');
    expect(state({ ...fencingMemory(), lastReturn: T0 - 60 * MINUTE })).toBe('primary-returned');
  });

  test('after a candidate was lost', () => {
    const fence = { 'db-primary': isFenced, 'db-replica-2': {} };
    expect(state(fencingMemory({ fence }), { ...back, 'replica-2': dead })).toBe('fencing');
  });

  test('once a promotion was asked for', () => {
    const { decision } = round(seen(), promotingMemory());
    expect(decision).toMatchObject({ state: 'promoting', memory: { phase: 'promoting' } });
  });
});
