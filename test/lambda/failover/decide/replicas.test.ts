/** As many replicas as wanted: which are replaced, made and deleted, and when. */
import type { Memory } from '../../../../lambda/failover/memory';
import {
  type Change,
  type Changes,
  HOUR,
  MINUTE,
  SECOND,
  T0,
  behind,
  beingMade,
  dead,
  followsNew,
  follows,
  healthyMemory,
  look,
  notReceiving,
  ours,
  play,
  policy,
  promoted,
  quarantined,
  remembering,
  round,
  short,
  status,
  with_,
} from '../builders';

const at = (changes: Changes, seconds = 0) => look(changes, { at: seconds * SECOND });
const own = (decision: ReturnType<typeof round>['decision']) =>
  short(decision).filter((one) => !/^(move-names|stack-policy)/.test(one));

/** Unfit since T0 minus these minutes. */
const unfitFor = (minutes: number, ...who: string[]): Memory =>
  remembering({ unfitSince: Object.fromEntries(who.map((one) => [`db-${one}`, T0 - minutes * MINUTE])) });

describe('a replica that is unfit', () => {
  test.each<[string, Change]>([
    ['cannot be reached', dead],
    ['does not stream', notReceiving],
    ['is too far behind', behind(5 * MINUTE)],
    ['is in quarantine', quarantined],
  ])('%s: it leaves the readers at once, and is replaced after replaceAfter', (_, change) => {
    const [first, later, last] = play([
      at({ 'replica-1': change }),
      at({ 'replica-1': change }, 599),
      at({ 'replica-1': change }, 600),
    ]).map(({ decision }) => decision);
    expect(short(first!)).toEqual(['move-names primary']);
    expect(first!.memory.unfitSince).toEqual({ 'db-replica-1': T0 });
    expect(own(later!)).toEqual([]);
    expect(own(last!)).toEqual(['delete replica-1']);
    expect(last!.actions.find(({ kind }) => kind === 'delete')).not.toHaveProperty('snapshot');
  });

  test('RDS calls it failed: it is replaced at once', () => {
    const { decision } = round(at({ 'replica-1': status('failed') }));
    expect(own(decision)).toEqual(['delete replica-1', 'create-replica replica-3']);
  });

  test.each(['insufficient-capacity', 'incompatible-create', 'failed'])(
    'it could not be made, and is %s: it is no replica, and is replaced at once',
    (text) => {
      const { decision } = round(at({ 'replica-2': [beingMade, ours, status(text)] }));
      expect(own(decision)).toEqual(['delete replica-2', 'create-replica replica-3']);
    },
  );

  test('it has failed before it ever had an address: it is replaced at once', () => {
    expect(own(round(at({ 'replica-1': [beingMade, status('failed')] })).decision)).toContain(
      'delete replica-1',
    );
  });

  test('it is fit again: the time begins anew', () => {
    const rounds = play([at({ 'replica-1': dead }), at({}, 20), at({ 'replica-1': dead }, 600)]);
    expect(rounds[1]!.memory.unfitSince).toEqual({});
    expect(own(rounds[2]!.decision)).toEqual([]);
  });

  test('a hold is not counted', () => {
    const hold = { by: 'anna', at: T0, why: 'rest' };
    const { memory } = round(at({ 'replica-1': dead }), unfitFor(9, 'replica-1'), { hold });
    expect(own(round(at({ 'replica-1': dead }, 300), memory).decision)).toEqual([]);
  });

  test('one is replaced at a time: the others may still be needed', () => {
    const both = { 'replica-1': dead, 'replica-2': dead };
    expect(own(round(at(both), unfitFor(20, 'replica-1', 'replica-2')).decision)).toEqual([
      'delete replica-1',
    ]);
    const leaving = { ...both, 'replica-1': status('deleting') };
    expect(own(round(at(leaving), unfitFor(20, 'replica-2')).decision)).toEqual(['create-replica replica-3']);
  });

  test('state and reasons', () => {
    const seen = look({ 'replica-1': behind(48 * SECOND) }, { names: look({}).names });
    const rounds = play([seen, { ...seen, at: T0 + 5 * SECOND }]);
    expect(rounds[0]!.decision.reasons).toContain(
      'mysite-replica-1 is 48 s behind, the limit is 30 s, for 0 s',
    );
    const moved = {
      ...seen,
      names: {
        ...seen.names,
        readers: seen.names.readers.filter(({ identifier }) => identifier !== 'mysite-replica-1'),
      },
    };
    expect(round(moved).decision).toMatchObject({
      state: 'replica-unfit',
      notices: [{ severity: 'warning' }],
    });
  });
});

describe('a replica that is missing', () => {
  const one: Changes = { 'replica-2': 'gone' };

  test('another one is made, under the lowest free name', () => {
    const { decision } = round(at(one));
    expect(decision.actions).toContainEqual({
      kind: 'create-replica',
      identifier: 'mysite-replica-2',
      of: { resourceId: 'db-primary', identifier: 'mysite-primary' },
    });
    expect(decision.memory.creating).toEqual({ 'mysite-replica-2': T0 });
  });

  test('it was asked for and is not seen yet: not again', () => {
    const rounds = play([at(one), at(one, 5), at(one, 119)]);
    expect(rounds.map(({ decision }) => own(decision))).toEqual([['create-replica replica-2'], [], []]);
    expect(rounds[1]!.decision.reasons).toContain('mysite-replica-2 is being made');
  });

  test('it is not seen in two minutes: it is asked for again', () => {
    const rounds = play([at(one), at(one, 120)]);
    expect(own(rounds[1]!.decision)).toEqual(['create-replica replica-2']);
  });

  test('it is seen: nothing more is expected, and the group is not whole yet', () => {
    const made: Changes = { 'replica-2': [beingMade, ours] };
    const rounds = play([at(one), at(made, 60), at({}, 80)]);
    expect(rounds[1]!.decision).toMatchObject({ state: 'replica-missing', memory: { creating: {} } });
    expect(own(rounds[1]!.decision)).toEqual([]);
    expect(rounds[1]!.decision.reasons).toContain('mysite-replica-2 is being made');
    expect(rounds[2]!.decision.state).toBe('healthy');
  });

  test('the call was refused: the same name again, when it is due', () => {
    const rounds = play([at(one), at(one, 0.5), at(one, 1)], healthyMemory, {
      outcomes: { 'create-replica': 'wrong-state' },
    });
    expect(rounds.map(({ decision }) => own(decision))).toEqual([
      ['create-replica replica-2'],
      [],
      ['create-replica replica-2'],
    ]);
  });

  test('the call was not answered: it may be on its way, and is waited for', () => {
    const rounds = play([at(one), at(one, 5), at(one, 60)], healthyMemory, {
      outcomes: { 'create-replica': 'timeout' },
    });
    expect(rounds.map(({ decision }) => own(decision))).toEqual([['create-replica replica-2'], [], []]);
  });

  test('two are missing: one a round', () => {
    const none: Changes = { 'replica-1': 'gone', 'replica-2': 'gone' };
    const rounds = play([at(none), at(none, 5), at(none, 10)]);
    expect(rounds.map(({ decision }) => own(decision))).toEqual([
      ['create-replica replica-1'],
      ['create-replica replica-2'],
      [],
    ]);
  });

  test('the primary is busy: it is waited for', () => {
    const { decision } = round(at({ ...one, primary: status('backing-up') }));
    expect(own(decision)).toEqual([]);
    expect(decision.reasons).toContain('mysite-primary is backing-up');
  });

  test.each(['storage-optimization', 'configuring-log-exports'])(
    'the primary is %s, and runs: RDS is asked',
    (text) => {
      const { decision } = round(at({ ...one, primary: status(text) }));
      expect(own(decision)).toEqual(['create-replica replica-2']);
    },
  );

  test('the primary is still in quarantine: a replica would get that group too', () => {
    const { decision } = round(at({ ...one, primary: quarantined }));
    expect(own(decision)).toEqual(['set-groups primary']);
  });

  test('none is wanted', () => {
    const rules = { ...policy, replicas: 0 };
    const { decision } = round(look({}, { replicas: 0 }), healthyMemory, { rules });
    expect(decision).toMatchObject({ state: 'healthy', actions: [] });
  });
});

describe('one replica too many', () => {
  const three: Changes = { 'replica-3': [ours, followsNew('primary', 1)] };
  const names = (changes: Changes, seconds: number) => {
    const seen = at(changes, seconds);
    const record = { identifier: 'mysite-replica-3', target: 'mysite-replica-3.db.example', weight: 100 };
    return { ...seen, names: { ...seen.names, readers: [...seen.names.readers, record] } };
  };

  test('one that the controller made is deleted after replaceAfter', () => {
    const rounds = play([names(three, 0), names(three, 599), names(three, 600)]);
    expect(rounds.map(({ decision }) => decision.state)).toEqual(Array(3).fill('replica-in-excess'));
    expect(rounds.map(({ decision }) => own(decision))).toEqual([[], [], ['delete replica-3']]);
  });

  test('one that a template made never is', () => {
    const templates = { 'replica-3': follows('primary') };
    const rounds = play([names(templates, 0), names(templates, 7200)]);
    expect(rounds[1]!.decision.actions.filter(({ kind }) => kind === 'delete')).toEqual([]);
  });

  test('the worst of its own: the unfit first', () => {
    const memory = remembering({ excessSince: T0 - HOUR });
    const changes = { 'replica-1': [ours, notReceiving], 'replica-2': ours, ...three };
    expect(own(round(at(changes), memory).decision)).toEqual(['delete replica-1']);
  });

  test('it is gone by itself: the time begins anew', () => {
    const [, second] = play([names(three, 0), at({}, 300)]);
    expect(second!.memory.excessSince).toBeUndefined();
  });
});

describe('a stranger with a name of the group', () => {
  test('that follows nobody is told, and deleted after replaceAfter, with a snapshot', () => {
    const changes = { 'replica-3': promoted };
    const rounds = play([at(changes), at(changes, 600)]);
    expect(rounds[0]!.decision).toMatchObject({ state: 'replica-unfit', actions: [] });
    expect(rounds[0]!.decision.reasons).toContain('mysite-replica-3 follows nobody, not mysite-primary');
    expect(rounds[1]!.decision.actions).toEqual([
      {
        kind: 'delete',
        on: { resourceId: 'db-replica-3', identifier: 'mysite-replica-3' },
        snapshot: 'mysite-replica-3-1-replica--last',
      },
    ]);
  });

  test.each(['stopped', 'storage-full', 'modifying'])(
    'that is %s: RDS takes no snapshot of it, and it is not deleted without',
    (text) => {
      const changes = { 'replica-3': [promoted, status(text)] };
      const [, second] = play([at(changes), at(changes, 7200)]);
      expect(second!.decision.actions.filter(({ kind }) => kind === 'delete')).toEqual([]);
      expect(second!.decision.reasons).toContain(
        `it is ${text}: no snapshot can be had, and it is not deleted without`,
      );
    },
  );

  test('that has failed is deleted without: none can be had, and its automated backups stay', () => {
    const changes = { 'replica-3': [promoted, status('failed')] };
    const [, second] = play([at(changes), at(changes, 600)]);
    expect(second!.decision.actions).toEqual([
      { kind: 'delete', on: { resourceId: 'db-replica-3', identifier: 'mysite-replica-3' } },
    ]);
  });

  test('that follows somebody else is deleted without: RDS takes none of a replica', () => {
    const changes = { 'replica-3': followsNew('replica-1') };
    const [, second] = play([at(changes), at(changes, 600)]);
    expect(second!.decision.actions).toEqual([
      { kind: 'delete', on: { resourceId: 'db-replica-3', identifier: 'mysite-replica-3' } },
    ]);
  });

  test('an old primary in quarantine is none', () => {
    const memory = remembering({
      retired: [{ resourceId: 'db-retired-2', epoch: 2, recovery: 'needed', since: T0 - HOUR }],
    });
    const changes = { 'retired-2': [quarantined, with_({})] };
    const rounds = play([at(changes), at(changes, 7200)], memory);
    expect(rounds[1]!.decision).toMatchObject({ state: 'retired-waits', actions: [] });
  });
});

test('what is remembered of replicas does not grow', () => {
  const memory = remembering({
    unfitSince: { 'db-long-gone': T0 - HOUR },
    creating: { 'mysite-replica-9': T0 - HOUR },
  });
  const { decision } = round(at({}), memory);
  expect(decision.memory).toMatchObject({ unfitSince: {}, creating: {} });
});
