/** Design, "Names": the usual names come back in the maintenance window, or on command; one renaming after the other. */
import { RETIRED_NAMES } from '../../../../lambda/failover/instance-names';
import type { Memory } from '../../../../lambda/failover/memory';
import {
  type Change,
  type Changes,
  HOUR,
  MINUTE,
  SECOND,
  T0,
  after,
  classWaits,
  dead,
  follows,
  followsNew,
  fork,
  look,
  namesOf,
  notReceiving,
  opened,
  ours,
  play,
  policy,
  promoted,
  quarantined,
  remembering,
  round,
  says,
  short,
  status,
  unreached,
  with_,
} from '../builders';

/** Of the group: replica 1 was promoted, replicas 3 and 4 follow it, the old primary waits. */
const unsettled: Changes = {
  primary: quarantined,
  'replica-1': [promoted, opened(2)],
  'replica-3': [ours, followsNew('replica-1')],
  'replica-4': [ours, followsNew('replica-1')],
};
const names = namesOf(['replica-1', 'replica-3', 'replica-4']);
const look2 = (changes: Changes = {}, at = 0) =>
  look({ ...unsettled, ...changes }, { replicas: 1, names, at });

const steady = (change: Partial<Memory> = {}): Memory =>
  remembering({
    epoch: 2,
    primary: 'db-replica-1',
    stackPolicy: 'closed',
    retired: [{ resourceId: 'db-primary', epoch: 2, fork, recovery: 'needed', since: T0 - HOUR }],
    ...change,
  });
const asked = (change: Partial<Memory> = {}) => steady({ naming: { since: T0, by: 'anna' }, ...change });

const renames = ({ decision }: ReturnType<typeof round>) =>
  decision.actions.flatMap((action) =>
    action.kind === 'rename' ? [`${action.on.identifier} to ${action.to}`] : [],
  );

describe('when', () => {
  // From Sunday, three o'clock.
  const inWindow = Date.UTC(2026, 0, 11, 3, 30) - T0;

  test('not by itself out of the window', () => {
    expect(round(look2(), steady()).decision).toMatchObject({ state: 'retired-waits', actions: [] });
  });

  test('in the window', () => {
    const played = round(look2({}, inWindow), steady());
    expect(played.decision.state).toBe('naming');
    expect(played.memory.naming).toEqual({ since: T0 + inWindow, by: 'maintenance window' });
    expect(renames(played)).toEqual(['mysite-primary to mysite-retired-2']);
  });

  test('what the window has begun ends with it', () => {
    const memory = steady({ naming: { since: T0 - HOUR, by: 'maintenance window' } });
    const played = round(look2(), memory);
    expect(played.decision).toMatchObject({ state: 'naming', actions: [] });
    expect(played.memory.naming).toBeUndefined();
  });

  test('on command, at any time, until it is done', () => {
    expect(renames(round(look2(), asked()))).toHaveLength(1);
    expect(renames(round(look2({}, 5 * HOUR), asked()))).toHaveLength(1);
  });

  test.each<[string, Changes]>([
    ['a replica is unfit', { 'replica-3': [ours, followsNew('replica-1'), dead] }],
    ['a replica is missing', { 'replica-3': 'gone' }],
    ['a replica is being made', { 'replica-3': [ours, followsNew('replica-1'), status('creating')] }],
    [
      'the primary takes no write',
      { 'replica-1': [promoted, opened(2), says({ write: { refused: 'full' } })] },
    ],
  ])('not while %s: each renaming restarts an instance', (_, changes) => {
    expect(renames(round(look2(changes), asked()))).toEqual([]);
  });

  test('not while the group heals', () => {
    expect(renames(round(look2(), asked({ phase: 'healing' })))).toEqual([]);
  });
});

describe('in which order', () => {
  test('the old primary away, the new one to its name, then replicas, each when the one before is through', () => {
    const away: Changes = {
      primary: 'gone',
      'retired-2': [quarantined, with_({ resourceId: 'db-primary' })],
    };
    const named: Changes = {
      ...away,
      'replica-1': [promoted, opened(2), with_({ identifier: 'mysite-primary' })],
      'replica-3': [ours, followsNew('primary')],
      'replica-4': [ours, followsNew('primary')],
    };
    const host = namesOf(['replica-1', 'replica-3', 'replica-4']);
    const seen = (changes: Changes, at: number, first = 'mysite-replica-1') => ({
      ...look2(changes, at * SECOND),
      names: {
        ...host,
        readers: host.readers
          .map((one) => (one.weight === 0 ? { ...one, identifier: first } : one))
          .sort((one, other) => (one.identifier < other.identifier ? -1 : 1)),
      },
    });
    const last: Changes = {
      ...named,
      'replica-3': [ours, followsNew('primary'), with_({ identifier: 'mysite-replica-1' })],
    };
    const rounds = play(
      [
        seen({}, 0),
        seen({ primary: [quarantined, status('renaming')] }, 5),
        seen(away, 60),
        seen(named, 120, 'mysite-primary'),
      ],
      asked(),
    );
    expect(rounds.map((one) => renames(one))).toEqual([
      ['mysite-primary to mysite-retired-2'],
      [],
      ['mysite-replica-1 to mysite-primary'],
      ['mysite-replica-3 to mysite-replica-1'],
    ]);
    expect(rounds[1]!.decision.reasons).toContain('mysite-primary is being renamed');
    // It follows its own records by the next round, then the other replica's turn comes.
    const moved = seen(last, 180, 'mysite-primary');
    expect(round(moved, rounds[3]!.memory).decision.state).toBe('names-astray');
  });

  test('every database has its usual name: done, and deployments are allowed again', () => {
    const memory = remembering({ epoch: 1, naming: { since: T0, by: 'anna' }, stackPolicy: 'closed' });
    const { decision } = round(look(), memory);
    expect(decision).toMatchObject({ state: 'naming', reasons: ['every database has its usual name'] });
    expect(decision.memory.naming).toBeUndefined();
    expect(short(decision)).toEqual(['stack-policy allowed']);
  });

  test('a name of an old primary that is taken: the next one', () => {
    const retired = { 'retired-2': [quarantined] };
    const memory = asked({
      retired: [
        { resourceId: 'db-primary', epoch: 2, fork, recovery: 'needed', since: T0 },
        { resourceId: 'db-retired-2', epoch: 2, recovery: 'needed', since: T0 },
      ],
    });
    expect(renames(round(look2(retired), memory))).toEqual(['mysite-primary to mysite-retired-3']);
  });

  // Log groups are made beforehand for as many: RDS would make others itself, and keep them for ever.
  test.each([
    [RETIRED_NAMES, [], RETIRED_NAMES],
    [RETIRED_NAMES + 1, [], 1],
    [RETIRED_NAMES, [RETIRED_NAMES], 1],
    [2 * RETIRED_NAMES + 3, [3, 4], 5],
    [7, Array.from({ length: RETIRED_NAMES }, (_, index) => index + 1), RETIRED_NAMES + 1],
  ])('of epoch %d, with %j taken: the name number %d', (epoch, taken, number) => {
    const others = Object.fromEntries(taken.map((one) => [`retired-${one}`, [quarantined]]));
    const memory = asked({
      retired: [
        { resourceId: 'db-primary', epoch, fork, recovery: 'needed', since: T0 },
        ...taken.map((one) => ({
          resourceId: `db-retired-${one}`,
          epoch: one,
          recovery: 'needed' as const,
          since: T0,
        })),
      ],
    });
    expect(renames(round(look2(others), memory))).toEqual([`mysite-primary to mysite-retired-${number}`]);
  });
});

describe('what is in the way', () => {
  test('an old primary that is dead, and still waits for recovery', () => {
    const { decision } = round(look2({ primary: [quarantined, dead, status('failed')] }), asked());
    expect(decision.actions).toEqual([]);
    expect(decision.reasons[0]).toBe('mysite-primary cannot be renamed: it is failed');
  });

  test('recovery is waived: it is deleted, and its name is free', () => {
    const waived = asked({
      retired: [{ resourceId: 'db-primary', epoch: 2, fork, recovery: 'waived', since: T0 - HOUR }],
    });
    const broken = [quarantined, dead, status('failed'), with_({ deletionProtection: false })];
    const looks = [
      look2({ primary: broken }),
      look2({ primary: [...broken, status('deleting')] }, 60 * SECOND),
      look2({ primary: 'gone' }, 180 * SECOND),
    ];
    const rounds = play(looks, waived);
    expect(short(rounds[0]!.decision)).toEqual(['delete primary']);
    expect(rounds[1]!.decision.reasons[0]).toBe('mysite-primary is being deleted: then its name is free');
    expect(renames(rounds[2]!)).toEqual(['mysite-replica-1 to mysite-primary']);
  });

  test('somebody else with the name', () => {
    const { decision } = round(look2(), asked({ retired: [] }));
    expect(decision.actions.filter(({ kind }) => kind === 'rename')).toEqual([]);
  });

  test('a change that waits for the maintenance window would begin with the renaming: it goes first', () => {
    const waits = look2({ primary: [quarantined, classWaits] });
    const { decision } = round(waits, asked());
    expect(decision).toMatchObject({ state: 'naming', actions: [] });
    expect(decision.reasons[0]).toContain('DBInstanceClass of mysite-primary waits');
    const isOwn: Change = (one) => ({
      ...one,
      description: {
        PendingModifiedValues: { DBInstanceIdentifier: 'mysite-retired-2', ProcessorFeatures: [] },
      },
    });
    expect(renames(round(look2({ primary: [quarantined, isOwn] }), asked()))).toEqual([
      'mysite-primary to mysite-retired-2',
    ]);
  });

  test('storage that is optimized, for hours, is no reason to wait: RDS is asked', () => {
    const waits = look2({ primary: [quarantined, status('storage-optimization')] });
    expect(renames(round(waits, asked()))).toEqual(['mysite-primary to mysite-retired-2']);
  });

  test('the primary itself is busy', () => {
    const busy = { primary: 'gone' as const, 'replica-1': [promoted, opened(2), status('backing-up')] };
    const { decision } = round(look2(busy), asked());
    expect(decision.reasons[0]).toBe('mysite-replica-1 cannot be renamed: it is backing-up');
  });
});

describe('the primary is out of reach while it gets its name', () => {
  const after1 = asked({ naming: { since: T0, by: 'anna', primaryAt: T0 } });
  const silent = (second: number): ReturnType<typeof look> =>
    look(
      {
        'replica-1': 'gone',
        primary: [with_({ resourceId: 'db-replica-1' }), unreached('unnamed')],
        'replica-3': [follows('primary'), notReceiving],
        'replica-4': [follows('primary'), notReceiving],
      },
      { replicas: 0, at: second * SECOND },
    );

  test('its new name may work minutes after RDS says that all is done', () => {
    const looks = Array.from({ length: 12 }, (_, minute) => silent(30 + minute * 60));
    expect(after(looks, after1).decision.state).toBe('primary-in-rds-care');
  });

  test('after twenty minutes it is dead', () => {
    const looks = Array.from({ length: 21 }, (_, minute) => silent(30 + minute * 60));
    expect(after(looks, after1).decision.state).toBe('primary-dead');
  });

  test('one that dies long after is not waited for', () => {
    const memory = asked({ naming: { since: T0 - HOUR, by: 'anna', primaryAt: T0 - 10 * MINUTE } });
    expect(after([silent(0), silent(10), silent(20)], memory).decision.state).toBe('primary-dead');
  });

  test('the renaming of another one is no reason to wait', () => {
    expect(after([silent(0), silent(10), silent(20)], asked()).decision.state).toBe('primary-dead');
  });

  test('that it was asked is remembered', () => {
    const { memory } = round(look2({ primary: 'gone' }), asked());
    expect(memory.naming?.primaryAt).toBe(T0);
    expect(round(look2(), asked()).memory.naming?.primaryAt).toBeUndefined();
  });
});

test('replicas: none is renamed twice, as long as names are enough', () => {
  const rules = { ...policy, replicas: 2 };
  expect(round(look(), remembering({}), { rules }).decision.state).toBe('healthy');
});
