/** Lag, names and who is who. */
import {
  byReceived,
  groupPattern,
  groupsAsked,
  groupsInForce,
  lagOf,
  namesSettled,
  sameNames,
  type Answering,
} from '../../../../lambda/failover/decide/view';
import { summaries } from '../../../../lambda/failover/decide/summary';
import type { Reached } from '../../../../lambda/failover/observation';
import {
  type Changes,
  OPEN_GROUP,
  QUARANTINE,
  SECOND,
  T0,
  afterFailover,
  behind,
  dead,
  followsNew,
  has,
  healingMemory,
  look,
  namesOf,
  openingMemory,
  play,
  promotingMemory,
  remembering,
  viewOf,
  with_,
} from '../builders';

const replica = (changes: Changes = {}) =>
  look(changes).instances.find(({ identifier }) => identifier === 'mysite-replica-1')! as Answering;

describe('lag', () => {
  const lag = (beat: { last: number; before: number } | undefined, heartbeatAt: number) =>
    lagOf(viewOf(look(), remembering({ beat })), {
      ...(replica().probe as Reached),
      heartbeat: { at: heartbeatAt, epoch: 1 },
    });

  test.each([
    ['the last heartbeat', 100, 95, 100, 0],
    ['the one of the round before: it was asked a moment earlier', 100, 95, 95, 0],
    ['a later one', 100, 95, 101, 0],
    ['an older one: by the last one', 100, 95, 90, 10],
    ['the controller was away for a minute: the one before is enough', 100, 40, 40, 0],
    ['it was away, and the replica is behind that', 100, 40, 35, 65],
    ['a primary whose clock went back', 90, 100, 90, 0],
  ])('it has %s', (_, last, before, has, expected) => {
    expect(lag({ last: last * 1000, before: before * 1000 }, has * 1000)).toBe(expected * 1000);
  });

  test('nothing is known yet: none', () => {
    expect(lag(undefined, T0)).toBe(0);
  });

  test('a primary that does not answer does not make it grow', () => {
    const silent = { primary: dead, 'replica-1': behind(5 * SECOND), 'replica-2': behind(10 * SECOND) };
    const rounds = play([look(silent), look(silent, { at: 600 * SECOND })]);
    expect(rounds[1]!.memory.seen!.map(({ lagMillis }) => lagMillis)).toEqual([undefined, 0, 0]);
  });

  test('beats: the last one seen on the primary, and the one before', () => {
    const rounds = play([look(), look({ primary: dead }, { at: 5 * SECOND }), look({}, { at: 10 * SECOND })]);
    expect(rounds.map(({ memory }) => memory.beat)).toEqual([
      { last: T0, before: T0 - 5 * SECOND, seenAt: T0 },
      { last: T0, before: T0 - 5 * SECOND, seenAt: T0 },
      { last: T0 + 10 * SECOND, before: T0, seenAt: T0 + 10 * SECOND },
    ]);
  });
});

test('more received comes first, then the name', () => {
  const three = look({ 'replica-1': has('0/1'), 'replica-2': has('0/3'), 'replica-3': has('0/3') });
  const sorted = three.instances.filter(({ identifier }) => /replica/.test(identifier)) as Answering[];
  expect(sorted.sort(byReceived).map(({ identifier }) => identifier.slice(-1))).toEqual(['2', '3', '1']);
});

describe('security groups', () => {
  const one = (...groups: { id: string; active: boolean; leaving?: boolean }[]) =>
    with_({ groups })(replica(), T0);

  test.each([
    [[{ id: QUARANTINE, active: true }], true, true],
    [[{ id: QUARANTINE, active: false }], true, false],
    [[{ id: OPEN_GROUP, active: true }], false, false],
    [[], false, false],
    [
      [
        { id: QUARANTINE, active: true },
        { id: OPEN_GROUP, active: true },
      ],
      false,
      false,
    ],
    [
      [
        { id: QUARANTINE, active: true },
        { id: OPEN_GROUP, active: false, leaving: true },
      ],
      true,
      false,
    ],
  ])('%j: asked %s, in force %s', (groups, asked, inForce) => {
    expect(groupsAsked(one(...groups), QUARANTINE)).toBe(asked);
    expect(groupsInForce(one(...groups), QUARANTINE)).toBe(inForce);
  });
});

test.each([
  ['mysite-primary', true],
  ['mysite-replica-12', true],
  ['mysite-retired-3', true],
  ['mysite-replica-', false],
  ['mysite-replica-1-copy', false],
  ['mysite-primary-old', false],
  ['othersite-primary', false],
  ['xmysite-primary', false],
])('%s is of the group: %s', (identifier, expected) => {
  expect(groupPattern('mysite').test(identifier)).toBe(expected);
});

test('names are the same in any order', () => {
  const names = namesOf(['primary', 'replica-1', 'replica-2']);
  expect(sameNames(names, { ...names, readers: [...names.readers].reverse() })).toBe(true);
  expect(sameNames(names, namesOf(['primary', 'replica-1']))).toBe(false);
  expect(sameNames(names, { ...names, writer: 'elsewhere' })).toBe(false);
});

test.each<[string, Changes, boolean]>([
  ['as the template has them', {}, true],
  ['a replica is missing', { 'replica-2': 'gone' }, true],
  ['one has another name', { 'replica-2': 'gone', 'replica-3': followsNew('primary') }, false],
  ['the primary is gone', { primary: 'gone' }, false],
])('usual names: %s', (_, changes, expected) => {
  expect(namesSettled(viewOf(look(changes)))).toBe(expected);
});

describe('for people, a line for each', () => {
  const roles = (changes: Changes, memory = remembering({})) =>
    summaries(viewOf(look(changes), memory)).map(({ identifier, role, fit, why }) => [
      identifier.slice(7),
      role,
      fit,
      why,
    ]);

  test('a healthy group', () => {
    expect(summaries(viewOf(look()))[1]).toEqual({
      resourceId: 'db-replica-1',
      identifier: 'mysite-replica-1',
      role: 'replica',
      status: 'available',
      reached: true,
      fit: true,
      received: '0/3000100',
      lagMillis: 0,
      readerWeight: 100,
    });
  });

  test('who is not fit, and why', () => {
    expect(roles({ primary: dead, 'replica-1': dead, 'replica-2': behind(60 * SECOND) })).toEqual([
      ['primary', 'primary', false, 'cannot be reached: no answer in 2 s'],
      ['replica-1', 'replica', false, 'cannot be reached: no answer in 2 s'],
      ['replica-2', 'replica', false, 'is 55 s behind, the limit is 30 s'],
    ]);
  });

  test('while one is promoted', () => {
    expect(roles({}, promotingMemory()).map(([, role]) => role)).toEqual(['primary', 'candidate', 'replica']);
  });

  test('while one is opened, and after', () => {
    expect(roles(afterFailover, openingMemory()).map(([, role]) => role)).toContain('candidate');
    expect(roles(afterFailover, healingMemory()).map(([, role]) => role)).toEqual([
      'retired',
      'primary',
      'orphan',
    ]);
  });
});
