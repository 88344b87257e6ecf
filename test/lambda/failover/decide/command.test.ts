/** What people ask for: every command that is taken up, and every refusal with its sentence. */
import type { Memory } from '../../../../lambda/failover/memory';
import {
  type Changes,
  HOUR,
  MINUTE,
  SECOND,
  T0,
  afterFailover,
  behind,
  choosingMemory,
  command,
  dead,
  fencingMemory,
  fork,
  healingMemory,
  healthyMemory,
  look,
  namesOf,
  notReceiving,
  openingMemory,
  promotingMemory,
  quarantined,
  remembering,
  round,
  short,
  silentFor,
  status,
  wholeAgain,
} from '../builders';

type Asked = Parameters<typeof command>[0];

const obey = (asked: Asked, changes: Changes = {}, memory: Memory = healthyMemory, options = {}) =>
  round(look(changes, options), memory, { command: command(asked) }).decision;

const answerOf = (...args: Parameters<typeof obey>) => {
  const { answer } = obey(...args).memory;
  expect(answer).toMatchObject({ command: 'c-1', at: T0 });
  return `${answer!.outcome}: ${answer!.sentence}`;
};

const switchover = (to?: string): Asked => ({ kind: 'switchover', ...(to && { to }) });
const promote = (change: object = {}): Asked => ({
  kind: 'promote',
  why: 'it must be',
  withoutFence: false,
  acceptLoss: false,
  ...change,
});
const needed = { resourceId: 'db-primary', epoch: 2, fork, recovery: 'needed' as const, since: T0 };

describe('switchover', () => {
  test('begins with the fence of a primary that is well', () => {
    const decision = obey(switchover());
    expect(decision).toMatchObject({
      state: 'fencing',
      memory: {
        phase: 'fencing',
        epoch: 2,
        failover: { kind: 'switchover', by: 'anna', from: 'db-primary', candidate: 'db-replica-1' },
      },
    });
    expect(short(decision)).toEqual(['set-groups primary']);
    expect(decision.memory.answer!.sentence).toBe('mysite-replica-1 takes over from mysite-primary');
  });

  test.each(['replica-2', 'mysite-replica-2'])('to %s', (to) => {
    expect(obey(switchover(to)).memory.failover?.candidate).toBe('db-replica-2');
  });

  test('to the first that is fit, when nobody is named', () => {
    expect(obey(switchover(), { 'replica-1': dead }).memory.failover?.candidate).toBe('db-replica-2');
  });

  test('it is no automatic failover: none needs an acknowledgement after it', () => {
    expect(obey(switchover()).memory.lastFailover).toBeUndefined();
  });

  test.each<[string, Asked, Changes, Memory, string]>([
    [
      'healing',
      switchover(),
      afterFailover,
      healingMemory(),
      'the group is healing: wait until it is steady',
    ],
    [
      'fencing',
      switchover(),
      { primary: dead, 'replica-1': notReceiving, 'replica-2': notReceiving },
      fencingMemory(),
      'the group is fencing: wait until it is steady',
    ],
    [
      'renaming',
      switchover(),
      {},
      remembering({ naming: { since: T0, by: 'otto' } }),
      'databases are being renamed: wait until that is done',
    ],
    [
      'a primary that is silent',
      switchover(),
      { primary: dead },
      healthyMemory,
      'the primary does not answer: this is a case for "promote"',
    ],
    [
      'a stranger',
      switchover('replica-7'),
      {},
      healthyMemory,
      'replica-7 is no replica of the primary: there is mysite-replica-1, mysite-replica-2',
    ],
    [
      'one that is behind',
      switchover('replica-2'),
      { 'replica-2': behind(48 * SECOND) },
      healthyMemory,
      'mysite-replica-2 is 48 s behind, the limit is 30 s; wait, or choose another with --to',
    ],
    [
      'one that is being deleted',
      switchover('replica-2'),
      { 'replica-2': status('deleting') },
      healthyMemory,
      'mysite-replica-2 is deleting',
    ],
    [
      'none that is fit',
      switchover(),
      { 'replica-1': notReceiving, 'replica-2': dead },
      healthyMemory,
      'no replica may be promoted: mysite-replica-1 does not stream; mysite-replica-2 cannot be reached: no answer in 2 s',
    ],
    [
      'no replica',
      switchover(),
      { 'replica-1': 'gone', 'replica-2': 'gone' },
      healthyMemory,
      'there is no replica',
    ],
    [
      'a candidate that RDS is busy with',
      switchover('replica-1'),
      { 'replica-1': status('backing-up') },
      healthyMemory,
      'mysite-replica-1 is backing-up; wait until it is available',
    ],
    [
      'a primary that RDS is busy with',
      switchover(),
      { primary: status('modifying') },
      healthyMemory,
      'mysite-primary is modifying; wait until it is available',
    ],
  ])('refused: %s', (_, asked, changes, memory, sentence) => {
    expect(answerOf(asked, changes, memory)).toBe(`refused: ${sentence}`);
    expect(obey(asked, changes, memory).memory.phase).toBe(memory.phase);
  });
});

describe('promote', () => {
  const gone: Changes = { primary: dead, 'replica-1': notReceiving, 'replica-2': notReceiving };

  test('begins at once, without the looks that an automatic failover waits for', () => {
    const decision = obey(promote(), gone);
    expect(decision).toMatchObject({
      state: 'fencing',
      memory: { phase: 'fencing', epoch: 2, failover: { kind: 'promote', by: 'anna', suspectedAt: T0 } },
    });
    expect(decision.memory.failover!.candidate).toBeUndefined();
    expect(decision.memory.answer!.sentence).toBe('the replica that has most is promoted');
  });

  test('of a primary that is well', () => {
    expect(obey(promote({ to: 'replica-2' })).memory.failover).toMatchObject({
      kind: 'promote',
      candidate: 'db-replica-2',
      override: { fence: false, lag: false, by: 'anna', why: 'it must be' },
    });
  });

  test('needs no acknowledgement', () => {
    const memory = remembering({ lastFailover: { at: T0 - MINUTE, acknowledged: false } });
    expect(answerOf(promote(), gone, memory)).toBe('accepted: the replica that has most is promoted');
  });

  test('while the group heals', () => {
    const decision = obey(promote(), wholeAgain, healingMemory(), { names: namesOf(['replica-1']) });
    expect(decision.memory).toMatchObject({ phase: 'fencing', epoch: 3, failover: { from: 'db-replica-1' } });
  });

  test('without the fence: in one round', () => {
    const decision = obey(promote({ withoutFence: true }), gone);
    expect(decision.state).toBe('candidate-chosen');
    expect(short(decision)).toContain('promote replica-1');
  });

  test('into a failover that waits for a human: its word goes with it', () => {
    const far = {
      ...gone,
      'replica-1': [notReceiving, behind(HOUR)],
      'replica-2': [notReceiving, behind(HOUR)],
    };
    const decision = obey(
      promote({ acceptLoss: true }),
      { ...far, primary: [dead, quarantined] },
      choosingMemory(),
    );
    expect(decision).toMatchObject({
      state: 'candidate-chosen',
      memory: { epoch: 2, failover: { kind: 'promote', override: { lag: true } } },
    });
    expect(decision.memory.answer!.sentence).toBe('the failover goes on with this word');
  });

  test('of another one than a switchover has named', () => {
    const switching = fencingMemory({ kind: 'switchover', candidate: 'db-replica-1' });
    expect(obey(promote({ to: 'replica-2' }), gone, switching).memory.failover?.candidate).toBe(
      'db-replica-2',
    );
    expect(obey(promote(), gone, switching).memory.failover?.candidate).toBeUndefined();
  });

  test('another one may be named while a promotion sticks: the candidate is given up, and fenced first', () => {
    const before = promotingMemory({ promotionSince: T0 });
    const { memory } = obey(promote({ to: 'replica-2' }), gone, before);
    expect(memory).toMatchObject({
      phase: 'fencing',
      epoch: 3,
      failover: {
        kind: 'promote',
        candidate: 'db-replica-2',
        fence: { 'db-primary': {}, 'db-replica-1': {} },
      },
    });
    expect(memory.failover!.promoteAskedAt).toBeUndefined();
    expect(memory.failover!.promotionSince).toBeUndefined();
  });

  test.each<[string, Asked, Changes, Memory, string]>([
    [
      'somebody is asked already',
      promote(),
      gone,
      promotingMemory(),
      'a replica is being promoted already: name another one with --to, and that one is given up and fenced',
    ],
    [
      'the very one is asked already',
      promote({ to: 'replica-1' }),
      gone,
      promotingMemory(),
      'mysite-replica-1 is being promoted already',
    ],
    [
      'it was given up before',
      promote({ to: 'replica-2' }),
      gone,
      promotingMemory({ fence: { 'db-primary': {}, 'db-replica-2': {} } }),
      'mysite-replica-2 was given up in this failover, and is fenced',
    ],
    [
      'somebody is being opened',
      promote(),
      gone,
      openingMemory(),
      'a replica has been promoted already, and is being opened',
    ],
    [
      'a stranger',
      promote({ to: 'replica-9' }),
      gone,
      healthyMemory,
      'replica-9 is no replica of the primary: there is mysite-replica-1, mysite-replica-2',
    ],
    [
      'one that is behind',
      promote({ to: 'replica-2' }),
      { ...gone, 'replica-2': [notReceiving, behind(48 * SECOND + 5 * SECOND)] },
      healthyMemory,
      'mysite-replica-2 is 53 s behind, the limit is 30 s; wait, or say --accept-loss',
    ],
    [
      'one that is silent',
      promote({ to: 'replica-2', acceptLoss: true }),
      { ...gone, 'replica-2': dead },
      healthyMemory,
      'mysite-replica-2 cannot be reached, so nobody can tell what it has',
    ],
    [
      'all are behind',
      promote(),
      { ...gone, 'replica-1': [notReceiving, behind(65 * SECOND)], 'replica-2': dead },
      healthyMemory,
      'no replica may be promoted: mysite-replica-1 is 65 s behind, the limit is 30 s; mysite-replica-2 cannot be reached: no answer in 2 s',
    ],
    [
      'there is none',
      promote(),
      { primary: dead, 'replica-1': 'gone', 'replica-2': 'gone' },
      healthyMemory,
      'there is no replica',
    ],
  ])('refused: %s', (_, asked, changes, memory, sentence) => {
    expect(answerOf(asked, changes, memory)).toBe(`refused: ${sentence}`);
  });

  test('all are behind, and the loss is accepted', () => {
    const far = {
      ...gone,
      'replica-1': [notReceiving, behind(HOUR)],
      'replica-2': [notReceiving, behind(HOUR)],
    };
    expect(answerOf(promote({ acceptLoss: true }), far)).toBe(
      'accepted: the replica that has most is promoted',
    );
  });
});

describe('acknowledge', () => {
  const recent = (acknowledged: boolean) => remembering({ lastFailover: { at: T0 - MINUTE, acknowledged } });

  test('another failover may follow', () => {
    expect(answerOf({ kind: 'acknowledge' }, {}, recent(false))).toBe(
      'accepted: anna acknowledges the failover of 60 s ago: another one may follow',
    );
    expect(obey({ kind: 'acknowledge' }, {}, recent(false)).memory.lastFailover?.acknowledged).toBe(true);
  });

  test.each<[Memory, string]>([
    [healthyMemory, 'there is nothing to acknowledge: another failover may follow as it is'],
    [
      remembering({ lastFailover: { at: T0 - HOUR, acknowledged: false } }),
      'there is nothing to acknowledge: another failover may follow as it is',
    ],
    [recent(true), 'it is acknowledged already: another failover may follow'],
  ])('refused %#', (memory, sentence) => {
    expect(answerOf({ kind: 'acknowledge' }, {}, memory)).toBe(`refused: ${sentence}`);
  });

  test('in the round in which it is needed', () => {
    const memory = { ...recent(false), suspicion: silentFor(MINUTE) };
    const gone = { primary: dead, 'replica-1': notReceiving };
    expect(round(look({ ...gone, 'replica-2': notReceiving }), memory).decision.state).toBe(
      'needs-acknowledgement',
    );
    expect(obey({ kind: 'acknowledge' }, { ...gone, 'replica-2': notReceiving }, memory).state).toBe(
      'primary-dead',
    );
  });
});

describe('names', () => {
  const memory = healingMemory({ phase: 'steady', failover: undefined });
  const names = { names: namesOf(['replica-1', 'replica-2', 'replica-3']) };

  test('databases get their usual names', () => {
    const changes = { ...wholeAgain, primary: quarantined };
    const decision = obey({ kind: 'names' }, changes, memory, names);
    expect(decision.memory.answer).toMatchObject({ outcome: 'accepted' });
    expect(decision.memory.naming).toEqual({ since: T0, by: 'anna' });
    expect(short(decision)).toEqual(['rename primary']);
  });

  test.each<[string, Changes, Memory, string]>([
    ['healing', wholeAgain, healingMemory(), 'the group is healing: wait until it is steady'],
    [
      'under way',
      wholeAgain,
      { ...memory, naming: { since: T0, by: 'otto' } },
      'it is under way since 2026-01-07T12:00:00.000Z',
    ],
    ['settled', {}, healthyMemory, 'every database has its usual name already'],
    [
      'a replica is unfit',
      { ...wholeAgain, 'replica-3': 'gone' },
      memory,
      '1 of 2 replicas are fit: wait until all are',
    ],
    [
      'an old primary is dead, and waits for recovery',
      { ...wholeAgain, primary: [quarantined, dead, status('failed')] },
      memory,
      'mysite-primary is failed, and cannot be renamed: recover what it holds or waive that, then it is deleted and its name is free',
    ],
  ])('refused: %s', (_, changes, before, sentence) => {
    expect(answerOf({ kind: 'names' }, changes, before, names)).toBe(`refused: ${sentence}`);
  });

  test('an old primary that is dead, and goes', () => {
    const waived = { ...memory, retired: [{ ...needed, recovery: 'waived' as const }] };
    const changes = { ...wholeAgain, primary: [quarantined, dead, status('failed')] };
    expect(answerOf({ kind: 'names' }, changes, waived, names)).toMatch(/^accepted/);
  });
});

describe('waive', () => {
  const waive = (recovered: boolean): Asked => ({ kind: 'waive', why: 'nobody misses it', recovered });
  const memory = remembering({
    retired: [needed, { ...needed, resourceId: 'db-2', recovery: 'nothing lost' }],
    primary: 'db-replica-1',
  });

  test.each([
    [true, 'done'],
    [false, 'waived'],
  ])('recovered %s: it is %s, and the old primary is deleted', (recovered, recovery) => {
    const { retired, answer } = obey(waive(recovered), afterFailover, { ...memory, phase: 'healing' }).memory;
    expect(retired[0]).toMatchObject({
      recovery,
      why: 'anna: nobody misses it',
      decidedAt: T0,
    });
    expect(retired[1]).toMatchObject({ recovery: 'nothing lost' });
    expect(answer!.sentence).toBe(`recovery of mysite-primary is ${recovery}; it is deleted`);
  });

  test('of one of two: the other one waits on', () => {
    const two = {
      ...memory,
      phase: 'healing' as const,
      retired: [needed, { ...needed, resourceId: 'db-gone', epoch: 3 }],
    };
    const { retired, answer } = obey({ ...waive(true), of: needed.resourceId }, afterFailover, two).memory;
    expect(retired.map(({ recovery }) => recovery)).toEqual(['done', 'needed']);
    expect(answer!.sentence).toBe('recovery of mysite-primary is done; it is deleted');
    const both = obey(waive(false), afterFailover, two).memory;
    expect(both.retired.map(({ recovery }) => recovery)).toEqual(['waived', 'waived']);
  });

  test('refused: that one does not wait', () => {
    const asked = answerOf({ ...waive(true), of: 'db-2' }, afterFailover, { ...memory, phase: 'healing' });
    expect(asked).toBe('refused: db-2 is no old primary that waits for recovery: there is mysite-primary');
  });

  test('refused: nobody waits', () => {
    expect(answerOf(waive(true))).toBe('refused: no old primary waits for recovery');
  });
});

describe('a command that cannot be heard now', () => {
  const hold = { by: 'otto', at: T0 - MINUTE, why: 'a look' };

  test('on hold it is refused', () => {
    const { decision } = round(look(), healthyMemory, { command: command(switchover()), hold });
    expect(decision).toMatchObject({ state: 'held', actions: [], memory: { phase: 'steady' } });
    expect(decision.memory.answer).toEqual({
      command: 'c-1',
      outcome: 'refused',
      sentence: 'on hold since 2026-01-07T11:59:00.000Z by otto: a look; release it first',
      at: T0,
    });
  });

  test('while the round is blind it waits', () => {
    const blind = { at: T0, missing: ['RDS: throttled'] };
    const { decision } = round(blind, healthyMemory, { command: command(switchover()) });
    expect(decision).toMatchObject({ state: 'blind', actions: [] });
    expect(decision.memory.answer).toBeUndefined();
  });
});
