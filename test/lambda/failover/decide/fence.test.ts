/** Design, "Fence": quarantine group, restart, evidence; and what happens when there is none. */
import type { FenceProgress } from '../../../../lambda/failover/memory';
import {
  type Change,
  type Changes,
  MINUTE,
  OPEN_GROUP,
  QUARANTINE,
  SECOND,
  T0,
  after,
  choosingMemory,
  dead,
  failover,
  fencingMemory,
  has,
  inGroup,
  isFenced,
  look,
  nearlyQuarantined,
  notReceiving,
  openingMemory,
  play,
  policy,
  promoted,
  promotingMemory,
  quarantined,
  refusing,
  remembering,
  restarted,
  round,
  says,
  short,
  status,
  with_,
} from '../builders';

const REPLICAS: Changes = { 'replica-1': notReceiving, 'replica-2': notReceiving };

/** The old primary as it is, `seconds` after the decision. */
const at = (seconds: number, ...changes: Change[]) =>
  look({ ...REPLICAS, primary: changes }, { at: seconds * SECOND });

const progressOf = ({ memory }: { memory: ReturnType<typeof round>['memory'] }): FenceProgress =>
  memory.failover!.fence['db-primary']!;

/** In force at T0, and a restart asked for. */
const rebooting = (change: FenceProgress = {}) =>
  fencingMemory({ fence: { 'db-primary': { inForceAt: T0, rebootAskedAt: T0, ...change } } });

describe('quarantine', () => {
  test('the group is asked for first', () => {
    const { decision, memory } = round(at(1, dead), fencingMemory());
    expect(decision.state).toBe('fencing');
    expect(decision.actions).toEqual([
      {
        kind: 'set-groups',
        on: { resourceId: 'db-primary', identifier: 'mysite-primary' },
        groups: [QUARANTINE],
      },
    ]);
    expect(progressOf({ memory })).toEqual({ groupsAskedAt: T0 + SECOND });
  });

  test('it is not asked for in each round: RDS may answer with what was before', () => {
    const rounds = play([at(1, dead), at(2, dead), at(10, dead), at(11, dead)], fencingMemory());
    expect(rounds.map(({ decision }) => decision.actions.length)).toEqual([1, 0, 0, 1]);
  });

  test('a call that failed is repeated when it is due', () => {
    const rounds = play([at(1, dead), at(1.5, dead), at(2, dead)], fencingMemory(), {
      outcomes: { 'set-groups': 'throttled' },
    });
    expect(rounds.map(({ decision }) => decision.actions.length)).toEqual([1, 0, 1]);
  });

  test('what RDS still puts in force is waited for', () => {
    const { decision } = round(at(1, dead, nearlyQuarantined), fencingMemory());
    expect(decision).toMatchObject({
      state: 'fencing',
      actions: [],
      reasons: ['the quarantine of mysite-primary is not in force yet'],
    });
  });

  test('the usual group that is still leaving is not in the way of the restart only when it has left', () => {
    const both = with_({
      groups: [
        { id: QUARANTINE, active: true },
        { id: OPEN_GROUP, active: false, leaving: true },
      ],
    });
    expect(round(at(1, dead, both), fencingMemory()).decision.actions).toEqual([]);
  });

  test('a second group besides is none', () => {
    const both = with_({
      groups: [
        { id: QUARANTINE, active: true },
        { id: 'sg-else', active: true },
      ],
    });
    expect(short(round(at(1, dead, both), fencingMemory()).decision)).toEqual(['set-groups primary']);
  });

  test('opened again by a hand: what was seen before counts no more', () => {
    const memory = rebooting({ rebootBegunAt: T0, refusals: 1 });
    const { decision, memory: next } = round(at(5, refusing), memory);
    expect(short(decision)).toEqual(['set-groups primary']);
    expect(progressOf({ memory: next })).toEqual({ groupsAskedAt: T0 + 5 * SECOND });
  });
});

describe('restart', () => {
  test('once the group is in force', () => {
    const { decision, memory } = round(at(1, quarantined), fencingMemory());
    expect(short(decision)).toEqual(['reboot primary']);
    expect(progressOf({ memory })).toMatchObject({
      inForceAt: T0 + SECOND,
      rebootAskedAt: T0 + SECOND,
      startedAt: T0 - 24 * 60 * MINUTE,
    });
  });

  test('it is asked for once', () => {
    const rounds = play([at(1, quarantined), at(2, quarantined), at(60, quarantined)], fencingMemory());
    expect(rounds.map(({ decision }) => short(decision))).toEqual([['reboot primary'], [], []]);
  });

  test('RDS has not heard it in two minutes: it is asked for again', () => {
    const memory = rebooting({ startedAt: T0 - 24 * 60 * MINUTE });
    expect(round(at(119, quarantined), memory).decision.actions).toEqual([]);
    expect(short(round(at(120, quarantined), memory).decision)).toEqual(['reboot primary']);
  });

  test('a call that failed is repeated when it is due', () => {
    const rounds = play([at(1, quarantined), at(1.5, quarantined), at(2, quarantined)], fencingMemory(), {
      outcomes: { reboot: 'wrong-state' },
    });
    expect(rounds.map(({ decision }) => decision.actions.length)).toEqual([1, 0, 1]);
  });

  test('a crash that cut the call short: it is asked for again, and what was seen stays', () => {
    const [first] = play([at(1, quarantined)], fencingMemory());
    const crashed = { ...first!.decision.memory, inFlight: ['reboot db-primary'] };
    const { memory } = round(at(1, quarantined), fencingMemory());
    expect(progressOf({ memory: crashed })).toEqual(progressOf({ memory }));
  });
});

describe('evidence', () => {
  const holds = (seen: ReturnType<typeof look>, memory: ReturnType<typeof fencingMemory>) =>
    round(seen, memory).memory.failover!.fence['db-primary']!.evidence;

  test('it was started since, and no client has a session', () => {
    const memory = rebooting({ startedAt: T0 - MINUTE });
    const seen = at(20, quarantined, restarted(10 * SECOND));
    expect(holds(seen, memory)).toBe('it was restarted in quarantine, and no client has a session');
  });

  test('it was started since, and a client has a session: none', () => {
    const memory = rebooting({ startedAt: T0 - MINUTE });
    const seen = at(20, quarantined, restarted(10 * SECOND), says({ clientSessions: 1 }));
    expect(holds(seen, memory)).toBeUndefined();
  });

  test('the same server as before: none', () => {
    const memory = rebooting({ startedAt: T0 - 24 * 60 * MINUTE });
    expect(holds(at(100, quarantined, says({ clientSessions: 0 })), memory)).toBeUndefined();
  });

  test('first reached after its restart: by the lengths of time, with room for skew', () => {
    expect(holds(at(20, quarantined, restarted(4 * SECOND)), rebooting())).toBeUndefined();
    expect(holds(at(20, quarantined, restarted(6 * SECOND)), rebooting())).toBeDefined();
  });

  test('first reached after its restart: what RDS shows is no clock', () => {
    const memory = rebooting({ rebootBegunAt: T0 });
    expect(holds(at(4, quarantined, restarted(2 * SECOND)), memory)).toBeUndefined();
  });

  test('two refused connections in a row, since the group is in force', () => {
    const rounds = play(
      [at(1, quarantined, refusing), at(2, quarantined, refusing), at(3, quarantined, refusing)],
      fencingMemory(),
    );
    expect(rounds.map((one) => progressOf(one).evidence)).toEqual([
      undefined,
      undefined,
      'nobody listens there any more',
    ]);
  });

  test('refusals are counted while the restart is refused', () => {
    const looks = [1, 2, 3].map((second) => at(second, quarantined, refusing));
    const { memory } = after(looks, fencingMemory(), { outcomes: { reboot: 'wrong-state' } });
    expect(progressOf({ memory }).evidence).toBe('nobody listens there any more');
  });

  test('a refusal, silence, a refusal: none', () => {
    const looks = [at(1, quarantined, refusing), at(2, quarantined, dead), at(3, quarantined, refusing)];
    expect(progressOf(after(looks, rebooting())).evidence).toBeUndefined();
  });

  test('RDS has shown it rebooting, and then available, and it does not answer', () => {
    const looks = [at(5, quarantined, dead, status('rebooting')), at(125, quarantined, dead)];
    expect(progressOf(after(looks, rebooting())).evidence).toBe('RDS has restarted it in quarantine');
  });

  test('an available soon after the rebooting may be older than that: none', () => {
    const looks = [at(5, quarantined, dead, status('rebooting')), at(124, quarantined, dead)];
    expect(progressOf(after(looks, rebooting())).evidence).toBeUndefined();
  });

  test('a reboot that was refused to us is of RDS itself, and shows nothing', () => {
    const looks = [
      at(1, quarantined, dead, status('rebooting')),
      at(2, quarantined, dead, status('rebooting')),
      at(60, quarantined, dead),
    ];
    const { memory } = after(looks, fencingMemory(), { outcomes: { reboot: 'wrong-state' } });
    expect(progressOf({ memory }).evidence).toBeUndefined();
  });

  describe('nobody reaches it for managedFailoverGrace', () => {
    const away = (second: number) => at(second, quarantined, dead, status('rebooting'));

    test('from when RDS has been seen to restart it', () => {
      expect(progressOf(after([away(5), away(184)], rebooting())).evidence).toBeUndefined();
      expect(progressOf(after([away(5), away(185)], rebooting())).evidence).toBe(
        'nobody reaches it, and RDS has not brought it back in 180 s',
      );
    });

    test('not from the quarantine, nor from a restart that was only asked for', () => {
      expect(holds(at(180, quarantined, dead), rebooting())).toBeUndefined();
    });

    test.each(['throttled', 'denied', 'wrong-state', 'timeout', 'failed'] as const)(
      'a restart that ends %s is none, whatever RDS shows',
      (outcome) => {
        const looks = [1, 2, 60, 120, 181, 299].map(away);
        const { memory } = after(looks, fencingMemory(), { outcomes: { reboot: outcome } });
        expect(progressOf({ memory }).evidence).toBeUndefined();
      },
    );

    test('a server that was heard of in between begins it anew', () => {
      const heard = look(
        { primary: [quarantined, dead, status('rebooting')], 'replica-2': notReceiving },
        { at: 100 * SECOND },
      );
      const memory = remembering({ ...rebooting(), lastReturn: T0 });
      const looks = [away(5), heard, away(186)];
      expect(progressOf(after(looks, memory)).evidence).toBeUndefined();
    });
  });

  test('somebody receives from it: none of these', () => {
    const seen = look(
      { primary: [quarantined, dead], 'replica-1': [], 'replica-2': notReceiving },
      { at: 4 * MINUTE },
    );
    const memory = remembering({
      ...rebooting({ rebootBegunAt: T0, refusals: 5 }),
      lastReturn: T0,
    });
    expect(holds(seen, memory)).toBeUndefined();
  });

  test('RDS does not know it any more: not by one answer', () => {
    const gone = (seconds: number) => look({ ...REPLICAS, primary: 'gone' }, { at: seconds * SECOND });
    const rounds = play([gone(1), gone(60), gone(121)], fencingMemory());
    expect(rounds.map((one) => progressOf(one).evidence)).toEqual([
      undefined,
      undefined,
      'RDS does not know it any more',
    ]);
  });

  test('missing in one answer, and there again', () => {
    const gone = look({ ...REPLICAS, primary: 'gone' }, { at: SECOND });
    const { decision } = after([gone, at(130, dead, quarantined)], fencingMemory());
    expect(decision.memory.failover!.fence['db-primary']).toMatchObject({ inForceAt: T0 + 130 * SECOND });
    expect(decision.memory.failover!.fence['db-primary']!.goneSince).toBeUndefined();
  });
});

test('it holds: somebody is chosen in the same round', () => {
  const seen = at(180, quarantined, dead, status('rebooting'));
  const { decision } = round(seen, rebooting({ rebootBegunAt: T0 }));
  expect(decision.state).toBe('candidate-chosen');
  expect(decision.memory).toMatchObject({ phase: 'promoting', failover: { fencedAt: T0 + 180 * SECOND } });
});

describe('nothing shows it within five minutes', () => {
  // It answers, and was not restarted: the fence has no evidence.
  const unfenced = (seconds: number) => at(seconds, quarantined);
  const memory = () =>
    fencingMemory({
      fence: {
        'db-primary': { inForceAt: T0, rebootAskedAt: T0 + 4 * MINUTE, startedAt: T0 - 24 * 60 * MINUTE },
      },
    });

  test('strict: people are told, and nobody is promoted', () => {
    expect(round(unfenced(299), memory()).decision.state).toBe('fencing');
    const { decision } = round(unfenced(300), memory());
    expect(decision).toMatchObject({ state: 'fence-unverified', memory: { phase: 'fencing' }, actions: [] });
    expect(decision.notices).toMatchObject([{ severity: 'critical' }]);
  });

  test('strict: it is tried on', () => {
    expect(short(round(unfenced(400), memory()).decision)).toEqual(['reboot primary']);
  });

  test('strict: evidence that comes later is taken', () => {
    const { decision } = round(at(400, quarantined, restarted(390 * SECOND)), memory());
    expect(decision.state).toBe('candidate-chosen');
  });

  test('best-effort goes on', () => {
    const rules = { ...policy, fencePolicy: 'best-effort' as const };
    const { decision } = round(unfenced(300), memory(), { rules });
    expect(decision.state).toBe('candidate-chosen');
    expect(decision.reasons).toContain('not shown within 300 s; the policy is best-effort');
    expect(decision.memory.failover?.nothingLost).toBe(false);
  });

  test('a hold does not use the time up', () => {
    const rules = { ...policy, fencePolicy: 'best-effort' as const };
    const hold = { by: 'anna', at: T0, why: 'rest' };
    const held = round(unfenced(3600), memory(), { rules, hold }).memory;
    expect(round(unfenced(3601), held, { rules }).decision.state).toBe('fencing');
    expect(round(unfenced(3900), held, { rules }).decision.state).toBe('candidate-chosen');
  });

  test('a switchover is given up: its primary is well', () => {
    const switching = { ...memory(), failover: { ...memory().failover!, kind: 'switchover' as const } };
    const { decision } = round(unfenced(300), switching);
    expect(decision).toMatchObject({ state: 'switchover-given-up', memory: { phase: 'steady' } });
    expect(decision.actions[0]).toMatchObject({ kind: 'set-groups', groups: [OPEN_GROUP] });
  });

  test('a switchover that has lost its candidate is not given up before that is fenced', () => {
    const switching = fencingMemory({
      kind: 'switchover',
      fence: { 'db-primary': isFenced, 'db-replica-1': {} },
    });
    const seen = look(
      { primary: [quarantined, notReceiving], 'replica-1': [promoted, dead], 'replica-2': notReceiving },
      { at: 300 * SECOND },
    );
    expect(round(seen, switching).decision.state).toBe('fence-unverified');
  });
});

describe('a human goes on without the fence', () => {
  const override = { fence: true, lag: true, by: 'anna', why: 'the building is gone' };
  const memory = fencingMemory({ kind: 'promote', override });

  test('and it is put up all the same', () => {
    const { decision } = round(at(1, dead), memory);
    expect(decision.state).toBe('candidate-chosen');
    expect(decision.reasons).toContain('anna goes on without the fence: the building is gone');
    expect(short(decision)).toEqual(['set-groups primary', 'promote replica-1', 'stack-policy denied']);
  });

  test('and on, while the candidate is promoted and opened', () => {
    const half = { 'db-primary': { groupsAskedAt: T0 } };
    const seen = (seconds: number) =>
      look(
        { primary: quarantined, 'replica-1': promoted, 'replica-2': notReceiving },
        { at: seconds * SECOND },
      );
    expect(short(round(seen(5), promotingMemory({ fence: half, override })).decision)).toEqual([
      'reboot primary',
      'open replica-1',
    ]);
    expect(short(round(seen(5), openingMemory({ fence: half, override })).decision)).toContain(
      'reboot primary',
    );
  });

  test('nothing is called lossless', () => {
    const { decision } = round(at(1, says({ clientSessions: 3 })), memory);
    expect(decision.memory.failover?.nothingLost).toBe(false);
  });
});

describe('the fence is kept', () => {
  const opened = inGroup(OPEN_GROUP);

  test('before anybody is asked: back to fencing', () => {
    const { decision } = round(at(5, opened, dead), choosingMemory());
    expect(decision).toMatchObject({ state: 'fencing', memory: { phase: 'fencing' } });
    expect(short(decision)).toEqual(['set-groups primary']);
  });

  test.each([
    ['promoting', promotingMemory()],
    ['opening', openingMemory()],
  ])('while %s', (_, memory) => {
    const seen = look(
      { primary: [opened, dead], 'replica-1': says({ receiving: false }), 'replica-2': notReceiving },
      { at: 5 * SECOND },
    );
    expect(short(round(seen, memory).decision)).toContain('set-groups primary');
  });

  test('a fence that holds is left alone', () => {
    const seen = look({ ...REPLICAS, primary: [quarantined, dead] }, { at: 5 * SECOND });
    const { decision } = round(seen, promotingMemory());
    expect(short(decision).filter((action) => !action.startsWith('move-names'))).toEqual([]);
  });
});

test('a candidate that was lost is fenced as the old primary is', () => {
  const memory = remembering({
    phase: 'fencing',
    epoch: 3,
    failover: failover({ fence: { 'db-primary': isFenced, 'db-replica-1': {} } }),
  });
  const seen = (...changes: Change[]) =>
    look({ primary: [quarantined, dead], 'replica-1': changes, 'replica-2': notReceiving }, { at: SECOND });
  // And leaves the readers.
  const moved = 'move-names primary';
  expect(short(round(seen(dead), memory).decision)).toEqual(['set-groups replica-1', moved]);
  expect(short(round(seen(refusing, quarantined), memory).decision)).toEqual(['reboot replica-1', moved]);
  expect(short(round(seen(has('0/4000000'), quarantined), memory).decision)).toEqual([
    'reboot replica-1',
    moved,
  ]);
});
