/** Design, "Promote" and "Open": from the promotion that was asked for to the names that lead to the new primary. */
import type { Memory } from '../../../../lambda/failover/memory';
import type { Outcome } from '../../../../lambda/failover/ports';
import {
  type Change,
  type Changes,
  MINUTE,
  SECOND,
  T0,
  after,
  choosingMemory,
  dead,
  follows,
  fork,
  has,
  hostOf,
  isFenced,
  look,
  namesOf,
  notReceiving,
  opened,
  openingMemory,
  play,
  promoted,
  promotingMemory,
  quarantined,
  remembering,
  round,
  says,
  short,
  status,
  with_,
} from '../builders';

/** Replica 1 is the candidate. */
const seen = (seconds: number, candidate: Change | readonly Change[] | 'gone', others: Changes = {}) =>
  look(
    { primary: [quarantined, dead], 'replica-2': notReceiving, ...others, 'replica-1': candidate },
    { at: seconds * SECOND },
  );

/** Names that the candidate is not among any more. */
const without1 = { ...namesOf(['primary', 'replica-2']) };

describe('a promotion that does not come about', () => {
  const answering = [notReceiving, status('modifying')];
  const since = (change: Parameters<typeof promotingMemory>[0] = {}) =>
    promotingMemory({ promotionSince: T0, promoteAskedAt: T0 + 29 * MINUTE, isAccepted: true, ...change });

  test('is told after ten minutes', () => {
    expect(round(seen(10 * 60 - 1, answering), since()).decision.state).toBe('promoting');
    expect(round(seen(10 * 60, answering), since()).decision.state).toBe('promotion-stuck');
  });

  test.each([
    ['that answers as a replica', answering],
    ['that comes back as one, and is asked again and again', [notReceiving]],
  ])('loses its candidate %s after half an hour: it is fenced, and another one is next', (_, candidate) => {
    expect(round(seen(30 * 60 - 1, candidate), since()).decision.memory.phase).toBe('promoting');
    const { decision } = round(seen(30 * 60, candidate), since());
    expect(decision).toMatchObject({ state: 'candidate-lost', memory: { phase: 'fencing', epoch: 3 } });
    expect(Object.keys(decision.memory.failover!.fence)).toEqual(['db-primary', 'db-replica-1']);
    expect(short(decision)).toContain('set-groups replica-1');
  });

  test('is waited for when there is nobody else', () => {
    const { decision } = round(seen(31 * 60, answering, { 'replica-2': 'gone' }), since());
    expect(decision).toMatchObject({ state: 'promotion-stuck', memory: { phase: 'promoting', epoch: 2 } });
  });

  test('counts nothing of the time on hold', () => {
    const held = since({ limitsFrom: T0 + 25 * MINUTE });
    expect(round(seen(31 * 60, answering), held).decision.state).toBe('promoting');
  });
});

describe('RDS refuses the promotion', () => {
  const refused = (outcome: Outcome, times = 1, failures = times): Memory['backoff'] => ({
    'promote db-replica-1': {
      failures,
      notBefore: T0 + 20 * SECOND,
      last: { outcome, times, since: T0, said: 'it is not in available state' },
    },
  });
  const memoryOf = (backoff: Memory['backoff'], change: Parameters<typeof promotingMemory>[0] = {}) => ({
    ...promotingMemory(change),
    backoff,
  });
  const busy = [notReceiving, status('storage-optimization')];

  test('by its state: nothing is under way, and another one is chosen under a new epoch; nobody is fenced for it', () => {
    const { decision } = round(seen(10, busy), memoryOf(refused('wrong-state')));
    expect(decision).toMatchObject({
      state: 'candidate-chosen',
      memory: { phase: 'promoting', epoch: 3, failover: { candidate: 'db-replica-2', fork: { epoch: 3 } } },
    });
    expect(short(decision)).toContain('promote replica-2');
    expect(Object.keys(decision.memory.failover!.fence)).toEqual(['db-primary']);
  });

  test.each(['invalid', 'denied', 'room', 'throttled'] as const)(
    'as %s: it would refuse any other one, and is asked again for this',
    (outcome) => {
      const { decision } = round(seen(20, busy), memoryOf(refused(outcome)));
      expect(decision).toMatchObject({ memory: { phase: 'promoting', epoch: 2 } });
      expect(short(decision)).toContain('promote replica-1');
    },
  );

  test('it goes on serving reads as long as RDS refuses', () => {
    const names = namesOf(['primary', 'replica-1', 'replica-2']);
    const { decision } = round(
      { ...seen(20, busy, { 'replica-2': dead }), names },
      memoryOf(refused('wrong-state')),
    );
    const move = decision.actions.find((action) => action.kind === 'move-names');
    expect(move?.to.readers.map(({ identifier, weight }) => [identifier, weight])).toContainEqual([
      'mysite-replica-1',
      100,
    ]);
  });

  test.each(['timeout', 'failed'] as const)('%s: it may be under way, and is waited for', (outcome) => {
    const { decision } = round(seen(10, busy), memoryOf(refused(outcome)));
    expect(decision).toMatchObject({ state: 'promoting', memory: { epoch: 2 } });
  });

  test('after a call that was not answered: it may be under way', () => {
    const { decision } = round(seen(10, busy), memoryOf(refused('wrong-state', 1, 2)));
    expect(decision).toMatchObject({ state: 'promoting', memory: { epoch: 2 } });
  });

  test('but not for ever: after two minutes in which RDS refuses and shows nothing under way', () => {
    const { decision } = round(seen(121, busy), memoryOf(refused('wrong-state', 9, 10)));
    expect(decision).toMatchObject({ state: 'candidate-chosen', memory: { epoch: 3 } });
    const atWork = round(
      seen(121, [notReceiving, status('modifying')]),
      memoryOf(refused('wrong-state', 9, 10)),
    );
    expect(atWork.decision).toMatchObject({ state: 'promoting', memory: { epoch: 2 } });
  });

  test('all are refused: the last is asked again, and another one when it is available', () => {
    const last = { outcome: 'wrong-state' as const, times: 3, since: T0, said: 'no' };
    const both = {
      'promote db-replica-1': { failures: 3, notBefore: T0 + 15 * SECOND, last },
      'promote db-replica-2': { failures: 3, notBefore: T0 + 10 * SECOND, last },
    };
    const memory = { ...choosingMemory({ asked: 'db-replica-1' }), backoff: both };
    const optimized = { 'replica-2': [notReceiving, status('storage-optimization')] };
    expect(short(round(seen(12, busy, optimized), memory).decision).join()).not.toContain('promote');
    const again = round(seen(15, busy, optimized), memory).decision;
    expect(again).toMatchObject({ state: 'candidate-unfit', memory: { epoch: 2 } });
    expect(short(again)).toContain('promote replica-1');
    expect(short(round(seen(12, busy), memory).decision)).toContain('promote replica-2');
  });

  test('after one that it had taken: it is under way, and that is why it refuses', () => {
    const taken = round(seen(5, notReceiving), promotingMemory()).memory;
    expect(taken.failover?.isAccepted).toBe(true);
    const { decision } = round(seen(10, busy), { ...taken, backoff: refused('wrong-state') });
    expect(decision).toMatchObject({ state: 'promoting', memory: { epoch: 2 } });
  });

  test('there is nobody else: people are told in RDS’s words, it is asked again, and it stays one state', () => {
    const alone = { 'replica-2': dead };
    const first = round(seen(10, busy, alone), memoryOf(refused('wrong-state')));
    expect(first.decision).toMatchObject({
      state: 'candidate-unfit',
      memory: { epoch: 2, failover: { promoteAskedAt: undefined } },
    });
    expect(first.decision.reasons.join()).toContain('it is not in available state');
    expect(short(first.decision).join()).not.toContain('promote');
    const again = round(seen(20, busy, alone), first.memory);
    expect(again.decision).toMatchObject({ state: 'candidate-unfit', notices: [], memory: { epoch: 2 } });
    expect(short(again.decision)).toContain('promote replica-1');
  });

  test('the old primary may return meanwhile', () => {
    const returned = { primary: quarantined, 'replica-2': has('0/3000100') };
    const { decision } = round(seen(10, busy, returned), memoryOf(refused('wrong-state')));
    expect(decision.state).toBe('primary-returned');
    // No failover has come about: the next one needs no acknowledgement.
    expect(decision.memory.lastFailover).toBeUndefined();
  });

  test('a switchover is given up at once: its primary is well, and clients wait', () => {
    const change = { kind: 'switchover' as const, candidate: 'db-replica-1', isNamed: true };
    const { decision } = round(
      seen(10, busy, { primary: quarantined }),
      memoryOf(refused('wrong-state'), change),
    );
    expect(decision.state).toBe('switchover-given-up');
    expect(short(decision)).toContain('set-groups primary');
  });

  test('who was named by a human is asked again, and nobody else', () => {
    const change = { kind: 'promote' as const, isNamed: true };
    const { decision } = round(seen(20, busy), memoryOf(refused('wrong-state'), change));
    expect(short(decision)).toContain('promote replica-1');
  });
});

describe('promoting', () => {
  test('it is waited for', () => {
    for (const change of [notReceiving, [dead, status('modifying')], [promoted, status('rebooting')]]) {
      const { decision } = round(seen(60, change), promotingMemory());
      expect(decision).toMatchObject({ state: 'promoting', memory: { phase: 'promoting' } });
      expect(short(decision).filter((one) => one.startsWith('promote'))).toEqual([]);
    }
  });

  test('RDS has not heard it in two minutes: it is asked again', () => {
    expect(short(round(seen(120, notReceiving), promotingMemory()).decision)).not.toContain(
      'promote replica-1',
    );
    const { decision, memory } = round(seen(121, notReceiving), promotingMemory());
    expect(short(decision)).toContain('promote replica-1');
    expect(memory.failover?.promoteAskedAt).toBe(T0 + 121 * SECOND);
    expect(short(round(seen(130, notReceiving), memory).decision)).not.toContain('promote replica-1');
  });

  test('the call failed: it is asked again when it is due', () => {
    const failed = { 'promote db-replica-1': { failures: 2, notBefore: T0 + 10 * SECOND } };
    const memory = { ...promotingMemory(), backoff: failed };
    expect(short(round(seen(9, notReceiving), memory).decision)).not.toContain('promote replica-1');
    expect(short(round(seen(10, notReceiving), memory).decision)).toContain('promote replica-1');
  });

  test.each([
    ['invalid', false],
    ['wrong-state', true],
    ['timeout', true],
  ] as const)('the call was refused as %s: the window of backups is given again: %s', (outcome, isGiven) => {
    const last = { outcome, times: 1, since: T0, said: 'no' };
    const failed = { 'promote db-replica-1': { failures: 2, notBefore: T0 + 10 * SECOND, last } };
    const { decision } = round(seen(10, notReceiving), { ...promotingMemory(), backoff: failed });
    const ask = decision.actions.find(({ kind }) => kind === 'promote');
    expect(ask).toMatchObject({ backupDays: 7 });
    expect('backupWindow' in ask!).toBe(isGiven);
  });

  test('the call was cut short by a crash, and RDS has it: it is not asked again', () => {
    const failed = { 'promote db-replica-1': { failures: 1, notBefore: T0 + SECOND } };
    const memory = { ...promotingMemory(), backoff: failed };
    expect(short(round(seen(10, [dead, status('modifying')]), memory).decision)).not.toContain(
      'promote replica-1',
    );
    expect(short(round(seen(10, [promoted, status('modifying')]), memory).decision)).not.toContain(
      'promote replica-1',
    );
  });

  test('what it still receives before the promotion belongs to the common history', () => {
    const later = [notReceiving, has('0/3000400'), says({ snapshot: '780:780:' })];
    const { decision } = round(seen(5, later), promotingMemory());
    expect(decision.memory.failover?.fork).toMatchObject({
      lsn: '0/3000400',
      snapshot: '780:780:',
      at: T0 + 5 * SECOND,
      from: 'db-primary',
      to: 'db-replica-1',
    });
  });

  test('what it writes after the promotion does not', () => {
    const { decision } = round(seen(5, [promoted, status('modifying'), has('0/5000000')]), promotingMemory());
    expect(decision.memory.failover?.fork).toEqual(fork);
  });

  test.each(['available', 'backing-up'])('out of recovery and %s: it is opened in the same round', (text) => {
    const { decision } = round(seen(60, [promoted, status(text)]), promotingMemory());
    expect(decision).toMatchObject({
      state: 'opening',
      memory: { phase: 'opening', failover: { promotedAt: T0 + 60 * SECOND } },
    });
    expect(short(decision)).toContain('open replica-1');
  });

  test.each<[string, Change | readonly Change[]]>([
    ['RDS still calls it a replica', [promoted, follows('primary')]],
    ['it is still in recovery', [promoted, says({ inRecovery: true })]],
    ['RDS is still busy with it', [promoted, status('modifying')]],
  ])('%s: it is not opened', (_, change) => {
    expect(round(seen(60, change), promotingMemory()).decision.state).toBe('promoting');
  });

  test('it is no reader meanwhile; who is left goes on', () => {
    const { decision } = round(seen(5, notReceiving), promotingMemory());
    expect(decision.actions).toMatchObject([
      { kind: 'move-names', to: { writer: hostOf('primary'), readers: without1.readers } },
    ]);
  });

  test('an old primary that answers from its quarantine is no reader for want of others', () => {
    const changes = { primary: quarantined, 'replica-2': dead };
    const { decision } = round(seen(5, [dead, status('modifying')], changes), promotingMemory());
    expect(decision.actions).toEqual([]);
  });
});

describe('opening', () => {
  const at = (seconds: number, candidate: Change | readonly Change[], names = without1) => ({
    ...seen(seconds, candidate),
    names,
  });

  test('slot, sequences and the proof of a write are asked for until they are seen', () => {
    const rounds = play([at(3, promoted), at(4, promoted)], openingMemory());
    for (const { decision } of rounds) {
      expect(decision.state).toBe('opening');
      expect(decision.actions).toEqual([
        {
          kind: 'open',
          on: { resourceId: 'db-replica-1', identifier: 'mysite-replica-1' },
          epoch: 2,
          sequenceGap: 100_000,
        },
      ]);
    }
  });

  test('the names do not move before the write is proved under this epoch', () => {
    expect(round(at(3, [promoted, opened(1)]), openingMemory()).decision.state).toBe('opening');
    expect(round(at(3, [opened(2), says({ inRecovery: true })]), openingMemory()).decision.state).toBe(
      'opening',
    );
  });

  test('then both names move in one batch: reads go to it as well', () => {
    const { decision } = round(at(3, [promoted, opened(2)]), openingMemory());
    expect(decision.state).toBe('names-moving');
    expect(decision.actions).toEqual([
      {
        kind: 'move-names',
        from: without1,
        to: {
          writer: hostOf('replica-1'),
          readers: [{ identifier: 'mysite-replica-1', target: hostOf('replica-1'), weight: 0 }],
        },
      },
    ]);
    expect(decision.memory.failover?.namesAskedAt).toBe(T0 + 3 * SECOND);
  });

  test('the names are seen to lead to it: it is the primary', () => {
    const memory: Memory = { ...openingMemory(), suspicion: { since: T0 - MINUTE, last: T0, probes: 30 } };
    const { decision } = round(at(4, [promoted, opened(2)], namesOf(['replica-1'])), memory);
    expect(decision).toMatchObject({ state: 'opened', actions: [] });
    expect(decision.memory).toMatchObject({
      phase: 'healing',
      primary: 'db-replica-1',
      epoch: 2,
      suspicion: undefined,
      beat: { last: T0 + 4 * SECOND, before: T0 + 4 * SECOND },
      creating: {},
      retired: [{ resourceId: 'db-primary', epoch: 2, fork, recovery: 'needed', since: T0 + 4 * SECOND }],
    });
    expect(decision.reasons).toEqual(['mysite-replica-1 is the primary of epoch 2, after 24 s']);
  });

  test('one look at the new primary that fails is not counted on the old one', () => {
    const names = namesOf(['replica-1']);
    const { memory } = round(at(4, [promoted, opened(2)], names), {
      ...openingMemory(),
      suspicion: { since: T0 - MINUTE, last: T0, probes: 30 },
    });
    expect(round(at(5, [promoted, dead], names), memory).decision.state).toBe('primary-suspected');
  });

  test('after a switchover nothing waits for recovery', () => {
    const memory = openingMemory({ kind: 'switchover', nothingLost: true });
    const { decision } = round(at(4, [promoted, opened(2)], namesOf(['replica-1'])), memory);
    expect(decision.memory.retired).toMatchObject([{ resourceId: 'db-primary', recovery: 'nothing lost' }]);
  });

  test('an old primary that RDS does not show just now is remembered all the same', () => {
    const looked = look(
      { primary: 'gone', 'replica-1': [promoted, opened(2)], 'replica-2': notReceiving },
      { at: 4 * SECOND, names: namesOf(['replica-1']) },
    );
    const { decision } = round(looked, openingMemory());
    expect(decision.memory.retired).toMatchObject([{ resourceId: 'db-primary', recovery: 'needed' }]);
  });

  test('a fence that nobody has shown goes with it', () => {
    const half = { groupsAskedAt: T0 };
    const { decision } = round(
      at(4, [promoted, opened(2)], namesOf(['replica-1'])),
      openingMemory({ fence: { 'db-primary': half } }),
    );
    expect(decision.memory.retired[0]!.fence).toMatchObject({ inForceAt: T0 + 4 * SECOND });
  });
});

describe('a candidate that is lost', () => {
  const lostIn = (memory: Memory, seconds: number, candidate: Change | readonly Change[] | 'gone') =>
    round(seen(seconds, candidate), memory).decision;

  test.each<[string, Change | 'gone']>([
    ['RDS does not show it', 'gone'],
    ['RDS calls it failed', status('failed')],
    ['it is being deleted', status('deleting')],
  ])('%s: while promoting and opening', (_, change) => {
    for (const memory of [promotingMemory(), openingMemory()]) {
      const decision = lostIn(memory, 5, change);
      expect(decision).toMatchObject({ state: 'candidate-lost', memory: { phase: 'fencing', epoch: 3 } });
      expect(Object.keys(decision.memory.failover!.fence)).toEqual(['db-primary', 'db-replica-1']);
      expect(decision.memory.failover!.candidate).toBeUndefined();
      expect(decision.memory.failover!.fork).toBeUndefined();
    }
  });

  test('no answer for half an hour of promotion, counted from its last answer, also when there is nobody else', () => {
    const memory = promotingMemory();
    const alone: Changes = { 'replica-2': 'gone' };
    const minutes = (...all: number[]) =>
      all.map((minute) => seen(minute * 60, [dead, status('modifying')], alone));
    expect(after(minutes(5, 34), memory).decision.state).toBe('promotion-stuck');
    expect(after(minutes(5, 35), memory).decision.state).toBe('candidate-lost');
    // It has answered in between.
    const between = [...minutes(5), seen(20 * 60, [promoted, status('modifying')], alone), ...minutes(36)];
    expect(after(between, memory).decision.state).toBe('promotion-stuck');
  });

  test('no answer for managedFailoverGrace once it was open', () => {
    const looks = (...all: number[]) => all.map((second) => seen(second, [promoted, dead]));
    expect(after(looks(60, 239), openingMemory()).decision.state).toBe('opening');
    expect(after(looks(60, 240), openingMemory()).decision.state).toBe('candidate-lost');
  });

  test('a hold is not silence', () => {
    const { memory } = round(seen(60, [promoted, dead]), openingMemory());
    const hold = { by: 'anna', at: T0, why: 'rest' };
    const held = round(seen(3600, [promoted, dead]), memory, { hold }).memory;
    expect(round(seen(3601, [promoted, dead]), held).decision.state).toBe('opening');
  });

  test('it is fenced before another one is promoted, under a new epoch', () => {
    const broken = [quarantined, status('rebooting'), dead];
    const looks = [seen(5, [status('failed'), dead]), ...[6, 7, 190].map((second) => seen(second, broken))];
    const rounds = play(looks, openingMemory());
    expect(rounds.map(({ decision }) => decision.state)).toEqual([
      'candidate-lost',
      'fencing',
      'fencing',
      'candidate-chosen',
    ]);
    expect(rounds.map(({ decision }) => short(decision)[0])).toEqual([
      'set-groups replica-1',
      'reboot replica-1',
      'move-names primary',
      'promote replica-2',
    ]);
    expect(rounds.at(-1)!.decision.memory).toMatchObject({
      epoch: 3,
      failover: { candidate: 'db-replica-2', fork: { epoch: 3, to: 'db-replica-2' } },
    });
  });

  test('no client wrote to it: nothing of it is recovered', () => {
    const memory = openingMemory({
      candidate: 'db-replica-2',
      fence: { 'db-primary': isFenced, 'db-replica-1': isFenced },
      fork: { ...fork, epoch: 3, to: 'db-replica-2' },
    });
    const looked = look(
      { primary: [quarantined, dead], 'replica-1': [quarantined, dead], 'replica-2': [promoted, opened(3)] },
      { at: 5 * SECOND, names: namesOf(['replica-2']) },
    );
    const { decision } = round(looked, { ...memory, epoch: 3 });
    expect(decision.memory.retired).toMatchObject([
      { resourceId: 'db-primary', recovery: 'needed' },
      { resourceId: 'db-replica-1', recovery: 'nothing lost' },
    ]);
    expect(decision.memory.retired[1]!.fork).toBeUndefined();
  });

  test('the earlier fork may be its own', () => {
    const own = { ...fork, lsn: '0/3000001' };
    const looked = look(
      { primary: [quarantined, dead], 'replica-1': [quarantined, dead], 'replica-2': [promoted, opened(3)] },
      { at: 9 * SECOND, names: namesOf(['replica-2']) },
    );
    const { decision } = round(looked, {
      ...openingMemory({
        candidate: 'db-replica-2',
        fence: { 'db-primary': isFenced, 'db-replica-1': isFenced },
        fork: { ...fork, epoch: 3, to: 'db-replica-2' },
        served: { 'db-replica-1': own },
      }),
      epoch: 3,
    });
    expect(decision.memory.retired[1]!.fork).toMatchObject({
      lsn: '0/3000001',
      epoch: 3,
      to: 'db-replica-2',
    });
  });

  test('the names may have led to it: what it holds waits for recovery, from the earlier of both forks', () => {
    const moved = openingMemory({ namesAskedAt: T0 + 2 * SECOND });
    const { memory } = round(seen(5, [status('failed'), dead]), moved);
    expect(memory.failover).toMatchObject({ served: { 'db-replica-1': fork } });
    expect(memory.failover?.namesAskedAt).toBeUndefined();

    const second = { ...fork, epoch: 3, to: 'db-replica-2', lsn: '0/3000050' };
    const next = openingMemory({
      candidate: 'db-replica-2',
      fence: { 'db-primary': isFenced, 'db-replica-1': isFenced },
      fork: second,
      served: memory.failover!.served!,
    });
    const looked = look(
      { primary: [quarantined, dead], 'replica-1': [quarantined, dead], 'replica-2': [promoted, opened(3)] },
      { at: 9 * SECOND, names: namesOf(['replica-2']) },
    );
    const { decision } = round(looked, { ...next, epoch: 3 });
    expect(decision.memory.retired).toMatchObject([
      { resourceId: 'db-primary', recovery: 'needed', fork: second },
      {
        resourceId: 'db-replica-1',
        recovery: 'needed',
        fork: { ...second, from: 'db-replica-1', to: 'db-replica-2' },
      },
    ]);
  });
});

test('one whole failover, round by round', () => {
  const gone: Changes = { 'replica-1': notReceiving, 'replica-2': notReceiving };
  const refuses = (one: Parameters<Change>[0], now: number) =>
    with_({ probe: { reached: false, why: 'refused', message: 'connection refused' } })(one, now);
  const looks = [
    look({ ...gone, primary: refuses }, { at: 0 }),
    look({ ...gone, primary: refuses }, { at: 10 * SECOND }),
    look({ ...gone, primary: refuses }, { at: 20 * SECOND }),
    look({ ...gone, primary: [refuses, quarantined] }, { at: 21 * SECOND }),
    look({ ...gone, primary: [refuses, quarantined] }, { at: 22 * SECOND }),
    look({ ...gone, primary: [refuses, quarantined] }, { at: 23 * SECOND }),
    look(
      { ...gone, primary: [refuses, quarantined], 'replica-1': [dead, status('modifying')] },
      { at: 24 * SECOND },
    ),
    look(
      { ...gone, primary: [refuses, quarantined], 'replica-1': promoted },
      { at: 60 * SECOND, names: without1 },
    ),
    look(
      { ...gone, primary: [refuses, quarantined], 'replica-1': [promoted, opened(2)] },
      { at: 61 * SECOND, names: without1 },
    ),
    look(
      { ...gone, primary: [refuses, quarantined], 'replica-1': [promoted, opened(2)] },
      { at: 62 * SECOND, names: namesOf(['replica-1']) },
    ),
  ];
  const rounds = play(looks, remembering({}));
  expect(rounds.map(({ decision }) => [decision.state, ...short(decision)])).toEqual([
    ['primary-suspected'],
    ['primary-suspected'],
    ['primary-dead', 'set-groups primary'],
    ['fencing', 'reboot primary'],
    ['fencing'],
    ['candidate-chosen', 'promote replica-1', 'stack-policy denied'],
    ['promoting', 'move-names primary'],
    ['opening', 'open replica-1'],
    ['names-moving', 'move-names replica-1'],
    ['opened'],
  ]);
});
