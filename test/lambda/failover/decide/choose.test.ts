/** Design, "Choose": who is promoted, when, and what is written down before. */
import {
  type Change,
  type Changes,
  MINUTE,
  OPEN_GROUP,
  SECOND,
  T0,
  after,
  behind,
  choosingMemory,
  dead,
  failover,
  has,
  isFenced,
  look,
  notReceiving,
  policy,
  promoted,
  quarantined,
  remembering,
  round,
  says,
  short,
  status,
  with_,
} from '../builders';

/** The old primary is dead and fenced; nobody receives. */
const seen = (changes: Changes = {}, seconds = 2) =>
  look(
    { primary: [quarantined, dead], 'replica-1': notReceiving, 'replica-2': notReceiving, ...changes },
    { at: seconds * SECOND },
  );

const chosen = (changes: Changes, memory = choosingMemory()) => {
  const { decision } = round(seen(changes), memory);
  return decision.state === 'candidate-chosen' ? decision.memory.failover!.candidate : decision.state;
};

describe('the one that has received most', () => {
  test('is promoted', () => {
    expect(chosen({ 'replica-2': [notReceiving, has('0/3000101')] })).toBe('db-replica-2');
    expect(
      chosen({ 'replica-1': [notReceiving, has('1/0')], 'replica-2': [notReceiving, has('0/F0000000')] }),
    ).toBe('db-replica-1');
  });

  test('of equals the first by name, so that each run chooses the same', () => {
    expect(chosen({})).toBe('db-replica-1');
  });

  test('what was received counts, not what was replayed', () => {
    const changes = {
      'replica-1': [notReceiving, has('0/3000200', '0/3000000')],
      'replica-2': [notReceiving, has('0/3000100')],
    };
    expect(chosen(changes)).toBe('candidate-replaying');
  });

  const onAnother: [string, Change][] = [
    ['timeline', says({ timeline: 9 })],
    ['cluster', says({ system: '7000000000000000002' })],
  ];

  test.each(onAnother)('not of another %s than the primary was seen on', (_, other) => {
    const memory = { ...choosingMemory(), history: { system: '7000000000000000001', timeline: 1 } };
    const ahead = [notReceiving, has('0/9000000'), other];
    expect(chosen({ 'replica-1': ahead }, memory)).toBe('db-replica-2');
    expect(chosen({ 'replica-1': ahead, 'replica-2': ahead }, memory)).toBe('candidate-unfit');
    const { decision } = round(seen({ 'replica-1': ahead, 'replica-2': dead }), memory);
    expect(decision.reasons.join()).toMatch(
      /mysite-replica-1 is (on timeline 9, the primary's is 1|of another cluster)/,
    );
  });

  test('among those that can be reached', () => {
    expect(chosen({ 'replica-1': dead })).toBe('db-replica-2');
  });

  test.each<[string, Change]>([
    ['RDS is busy with it', status('backing-up')],
    ['it was promoted by hand', promoted],
    ['it is being deleted', status('deleting')],
  ])('not when %s', (_, change) => {
    expect(chosen({ 'replica-1': [has('0/9000000'), notReceiving, change] })).toBe('db-replica-2');
  });

  test.each([
    'storage-optimization',
    'storage-initialization',
    'storage-config-upgrade',
    'configuring-log-exports',
    'maintenance',
    'what nobody has heard of',
  ])('also while it is %s: it runs, and RDS is asked', (text) => {
    expect(chosen({ 'replica-1': [has('0/9000000'), notReceiving, status(text)] })).toBe('db-replica-1');
  });

  test.each(['backing-up', 'modifying', 'storage-full', 'upgrading'])(
    'when there is nobody else, RDS is asked for one that is %s as well',
    (text) => {
      const busy = { 'replica-1': [notReceiving, status(text)], 'replica-2': dead };
      expect(chosen(busy)).toBe('db-replica-1');
    },
  );

  test.each(['failed', 'incompatible-parameters', 'deleting'])('never one that is %s', (text) => {
    const gone = { 'replica-1': [notReceiving, status(text)], 'replica-2': dead };
    expect(chosen(gone)).toBe('candidate-unfit');
  });

  test('not one that was lost before', () => {
    const memory = choosingMemory({ fence: { 'db-primary': isFenced, 'db-replica-1': isFenced } });
    expect(chosen({ 'replica-1': [notReceiving, has('0/9000000'), quarantined] }, memory)).toBe(
      'db-replica-2',
    );
  });

  test('not one that follows somebody else', () => {
    expect(chosen({ 'replica-3': [notReceiving, has('0/9000000')] })).toBe('db-replica-1');
  });

  test('the one that a human has named, whoever has more', () => {
    const memory = choosingMemory({ kind: 'promote', candidate: 'db-replica-2' });
    expect(chosen({ 'replica-1': [notReceiving, has('0/9000000')] }, memory)).toBe('db-replica-2');
  });
});

describe('the limit of lag', () => {
  const far = {
    'replica-1': [notReceiving, behind(40 * SECOND)],
    'replica-2': [notReceiving, behind(95 * SECOND)],
  };

  test('by the heartbeat, up to the limit', () => {
    // The last heartbeat was five seconds before T0.
    expect(chosen({ ...far, 'replica-1': [notReceiving, behind(35 * SECOND)] })).toBe('db-replica-1');
    expect(chosen(far)).toBe('candidate-unfit');
  });

  test('who is too far behind is told', () => {
    const { decision } = round(seen(far), choosingMemory());
    expect(decision.reasons).toEqual([
      'mysite-replica-1 is 35 s behind, the limit is 30 s; mysite-replica-2 is 90 s behind, the limit is 30 s',
    ]);
    expect(decision.notices).toMatchObject([{ severity: 'critical' }]);
    expect(decision.memory.phase).toBe('promoting');
  });

  test('one that has more is not chosen when it is too far behind', () => {
    expect(chosen({ 'replica-1': [notReceiving, behind(95 * SECOND), has('0/9000000')] })).toBe(
      'db-replica-2',
    );
  });

  test('a human accepts the loss: the one that has most', () => {
    const override = { fence: false, lag: true, by: 'anna', why: 'it must be' };
    const memory = choosingMemory({ kind: 'promote', override });
    expect(
      chosen({ ...far, 'replica-2': [notReceiving, behind(95 * SECOND), has('0/3000101')] }, memory),
    ).toBe('db-replica-2');
  });
});

describe('what is waited for', () => {
  test('that it has replayed what it received', () => {
    const { decision } = round(
      seen({ 'replica-1': [notReceiving, has('0/3000200', '0/3000000')] }),
      choosingMemory(),
    );
    expect(decision).toMatchObject({
      state: 'candidate-replaying',
      reasons: ['mysite-replica-1 has replayed 0/3000000 of 0/3000200'],
      actions: [],
    });
  });

  test('that it has what the old primary has, when that can be asked', () => {
    const changes = { primary: [quarantined, has('0/3000300'), says({ inRecovery: false })] };
    const { decision } = round(seen(changes), choosingMemory());
    expect(decision).toMatchObject({
      state: 'candidate-replaying',
      reasons: ['mysite-replica-1 has received 0/3000100, mysite-primary has 0/3000300'],
    });
  });

  test('that it receives no more, when the old primary cannot be asked', () => {
    const asked = choosingMemory({ kind: 'promote' });
    const { decision } = round(seen({ 'replica-1': [] }), asked);
    expect(decision).toMatchObject({
      state: 'candidate-replaying',
      reasons: ['mysite-replica-1 still receives'],
    });
  });

  test('not for what the old primary has, when a human accepts the loss', () => {
    const override = { fence: false, lag: true, by: 'anna', why: 'it must be' };
    const memory = choosingMemory({ kind: 'promote', override });
    expect(chosen({ primary: [quarantined, has('0/3000300')] }, memory)).toBe('db-replica-1');
    expect(chosen({ 'replica-1': [] }, memory)).toBe('db-replica-1');
  });
});

describe('the fork', () => {
  test('is written down with the promotion', () => {
    const { decision } = round(
      seen({ 'replica-1': [notReceiving, has('0/3000200'), says({ snapshot: '760:770:761,765' })] }),
      choosingMemory(),
    );
    expect(decision.memory.failover).toMatchObject({
      candidate: 'db-replica-1',
      promoteAskedAt: T0 + 2 * SECOND,
      fork: {
        epoch: 2,
        from: 'db-primary',
        to: 'db-replica-1',
        lsn: '0/3000200',
        snapshot: '760:770:761,765',
        timeline: 1,
        system: '7000000000000000001',
        heartbeatAt: T0 - 3 * SECOND,
        at: T0 + 2 * SECOND,
      },
    });
    expect(decision.actions[0]).toEqual({
      kind: 'promote',
      on: { resourceId: 'db-replica-1', identifier: 'mysite-replica-1' },
      backupDays: 7,
      backupWindow: '05:00-06:00',
    });
    expect(short(decision)).toContain('promote replica-1');
  });

  test('the window of backups is not given to one whose maintenance it would overlap', () => {
    const windowed = [notReceiving, with_({ maintenanceWindow: 'tue:05:30-tue:06:30' })];
    const asked = round(seen({ 'replica-1': windowed }), choosingMemory()).decision.actions[0];
    expect(asked).toMatchObject({ kind: 'promote', on: { identifier: 'mysite-replica-1' } });
    expect(asked).not.toHaveProperty('backupWindow');
  });

  test('backups are kept for a day at least: new replicas need them', () => {
    const rules = { ...policy, backupDays: 0 };
    expect(round(seen(), choosingMemory(), { rules }).decision.actions[0]).toMatchObject({ backupDays: 1 });
  });

  test('an automatic failover is remembered, a switchover is not', () => {
    expect(round(seen(), choosingMemory()).memory.lastFailover).toEqual({
      at: T0 + 2 * SECOND,
      acknowledged: false,
    });
    expect(round(seen(), choosingMemory({ kind: 'switchover' })).memory.lastFailover).toBeUndefined();
  });

  test.each<[string, boolean, Changes, object]>([
    ['the old primary is fenced, can be asked, and has no more', true, { primary: quarantined }, {}],
    ['it cannot be asked', false, {}, {}],
    ['it is not fenced', false, { primary: [] }, { fence: { 'db-primary': {} } }],
    [
      'it has more, and a human accepts the loss',
      false,
      { primary: [quarantined, has('0/3000300')] },
      { override: { fence: false, lag: true, by: 'anna', why: 'it must be' } },
    ],
  ])('nothing is lost: %s: %s', (_, nothingLost, changes, change) => {
    const memory = choosingMemory({ kind: 'promote', ...change });
    expect(round(seen(changes), memory).decision.memory.failover?.nothingLost).toBe(nothingLost);
  });
});

describe('nobody can take its place for two minutes', () => {
  const returned = { primary: quarantined };
  const unfit = { 'replica-1': dead, 'replica-2': dead };
  const giveBack = { kind: 'set-groups', groups: [OPEN_GROUP] };

  test('a switchover is given up, and the old primary goes on', () => {
    const memory = choosingMemory({ kind: 'switchover', candidate: 'db-replica-1' });
    expect(round(seen({ ...returned, ...unfit }, 120), memory).decision.state).toBe('candidate-unfit');
    const { decision } = round(seen({ ...returned, ...unfit }, 121), memory);
    expect(decision).toMatchObject({
      state: 'switchover-given-up',
      memory: { phase: 'steady', primary: 'db-primary', epoch: 2 },
    });
    expect(decision.memory.failover).toBeUndefined();
    expect(decision.actions[0]).toMatchObject(giveBack);
  });

  test('a hold does not use the two minutes up', () => {
    const memory = choosingMemory({ kind: 'switchover' });
    const hold = { by: 'anna', at: T0, why: 'rest' };
    const held = round(seen({ ...returned, ...unfit }, 600), memory, { hold }).memory;
    expect(round(seen({ ...returned, ...unfit }, 601), held).decision.state).toBe('candidate-unfit');
  });

  test('an old primary that answers goes on, though no replica receives from it', () => {
    const { decision } = round(seen({ ...returned, ...unfit }, 121), choosingMemory());
    expect(decision).toMatchObject({ state: 'primary-returned', memory: { phase: 'steady' } });
    expect(decision.actions[0]).toMatchObject(giveBack);
  });

  test('also when it has what nobody can get any more', () => {
    const changes = { primary: [quarantined, has('0/3000300')] };
    expect(round(seen(changes, 120), choosingMemory()).decision.state).toBe('candidate-replaying');
    expect(round(seen(changes, 121), choosingMemory()).decision.state).toBe('primary-returned');
  });

  test('one that does not answer does not', () => {
    expect(round(seen(unfit, 600), choosingMemory()).decision.state).toBe('candidate-unfit');
  });

  test('a human has asked for another one: it is waited for, as long as there is one', () => {
    const memory = choosingMemory({ kind: 'promote' });
    expect(round(seen({ ...returned, ...unfit }, 600), memory).decision.state).toBe('candidate-unfit');
    const none = { ...returned, 'replica-1': 'gone' as const, 'replica-2': 'gone' as const };
    expect(round(seen(none, 600), memory).decision).toMatchObject({
      state: 'primary-returned',
      memory: { phase: 'steady' },
    });
  });

  test.each<[string, Change]>([
    ['is on another timeline', says({ timeline: 9 })],
    ['RDS has given up', status('failed')],
  ])('one that %s is not waited for: it will never do', (_, never) => {
    const memory = choosingMemory({ kind: 'promote' });
    const history = { system: '7000000000000000001', timeline: 1 };
    const none: Changes = { ...returned, 'replica-1': [notReceiving, never], 'replica-2': 'gone' };
    expect(round(seen(none, 600), { ...memory, history }).decision.state).toBe('primary-returned');
  });

  const lost = { 'db-primary': isFenced, 'db-replica-1': isFenced };

  test('a candidate that was lost and is fenced does not stand in the way; it is deleted', () => {
    const changes = { ...returned, 'replica-1': [promoted, dead, quarantined], 'replica-2': dead };
    const { decision } = round(seen(changes, 121), choosingMemory({ fence: lost }));
    expect(decision.state).toBe('primary-returned');
    expect(decision.memory.retired).toEqual([
      { resourceId: 'db-replica-1', epoch: 2, recovery: 'nothing lost', since: T0 + 121 * SECOND },
    ]);
  });

  test('one that clients may have written to does', () => {
    const served = { 'db-replica-1': {} as never };
    const changes = { ...returned, 'replica-1': [promoted, dead, quarantined], 'replica-2': dead };
    const { decision } = round(seen(changes, 600), choosingMemory({ fence: lost, served }));
    expect(decision.state).toBe('candidate-unfit');
  });
});

test('in a failover that goes on, the phases are passed in one round each', () => {
  const away = [quarantined, dead, status('rebooting')];
  const memory = remembering({ phase: 'fencing', epoch: 2, failover: failover() });
  const { decision } = after(
    [seen({}, 1), ...[2, 3 * 60 + 2].map((second) => seen({ primary: away }, second))],
    memory,
  );
  expect(decision.state).toBe('candidate-chosen');
  expect(decision.memory.failover!.fencedAt).toBe(T0 + 3 * MINUTE + 2 * SECOND);
});
