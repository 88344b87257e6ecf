/** Design, "People": what repeats, or does not come to an end, is told. */
import type { Backoff, Memory } from '../../../../lambda/failover/memory';
import { STATES } from '../../../../lambda/failover/states';
import {
  type Changes,
  MINUTE,
  SECOND,
  T0,
  afterFailover,
  choosingMemory,
  dead,
  fencingMemory,
  followsNew,
  healingMemory,
  healthyMemory,
  look,
  namesOf,
  notReceiving,
  opened,
  ours,
  play,
  promoted,
  promotingMemory,
  quarantined,
  remembering,
  round,
  short,
  status,
  wholeAgain,
  with_,
} from '../builders';

const SAID =
  "rds CreateDBInstanceReadReplica: invalid: InvalidParameterCombination: A parameter group can't be specified";

const failed = (
  outcome: 'invalid' | 'denied' | 'room' | 'wrong-state' | 'timeout',
  times = 5,
  said = SAID,
): Backoff => ({
  failures: times,
  notBefore: T0 + MINUTE,
  last: { outcome, times, since: T0 - MINUTE, said },
});

const create = 'create-replica mysite-replica-3';
const names = namesOf(['replica-1']);
const healing = (backoff: Memory['backoff'], change: Partial<Memory> = {}) =>
  healingMemory({ backoff, ...change });

describe('a change that is refused again and again', () => {
  test('five times the same: people are told, in the words of who refused', () => {
    const { decision } = round(look(afterFailover, { names }), healing({ [create]: failed('invalid') }));
    expect(decision.state).toBe('change-refused');
    expect(decision.reasons[0]).toBe(`${create} has failed 5 times in a row: ${SAID}`);
    expect(decision.notices).toMatchObject([
      { severity: 'warning', subject: 'mysite: change-refused', text: expect.stringContaining(SAID) },
    ]);
    // It goes on all the same: somebody may mend it.
    const later = look(afterFailover, { names, at: MINUTE });
    expect(short(round(later, healing({ [create]: failed('invalid') })).decision)).toContain(
      'create-replica replica-3',
    );
  });

  test.each<[string, Backoff, string]>([
    ['four times', failed('invalid', 4), 'healing'],
    ['denied', failed('denied'), 'change-refused'],
    ['for want of room: that may be had', failed('room'), 'healing'],
    ['in the wrong state', failed('wrong-state'), 'healing'],
    ['not answered', failed('timeout'), 'healing'],
    ['remembered by a version that kept no words', { failures: 9, notBefore: T0 + MINUTE }, 'healing'],
  ])('%s', (_, backoff, state) => {
    const { decision } = round(look(afterFailover, { names }), healing({ [create]: backoff }));
    expect(decision.state).toBe(state);
  });

  test('whatever repeats is among the reasons, of every outcome', () => {
    const { decision } = round(look(afterFailover, { names }), healing({ [create]: failed('room') }));
    expect(decision.reasons).toContain(`${create} has failed 5 times in a row: ${SAID}`);
  });

  test('what nobody wants any more is not told', () => {
    const { decision } = round(look(), remembering({ backoff: { [create]: failed('denied') } }));
    expect(decision.state).toBe('healthy');
  });

  test('the window of a replica: it used to be healing for ever', () => {
    const own = [ours, with_({ maintenanceWindow: 'mon:05:00-mon:06:00' })];
    const backoff = { 'modify db-replica-1': failed('invalid', 5, 'the windows must not overlap') };
    const { decision } = round(look({ 'replica-1': own }), remembering({ backoff }));
    expect(decision.state).toBe('change-refused');
    expect(decision.reasons[0]).toBe(
      'modify mysite-replica-1 has failed 5 times in a row: the windows must not overlap',
    );
  });

  test('deployments that cannot be allowed or denied, while all else is well', () => {
    const memory = remembering({ stackPolicy: 'closed', backoff: { 'stack-policy': failed('denied') } });
    expect(round(look(), memory).decision.state).toBe('change-refused');
  });

  test('also in the middle of a failover', () => {
    const gone: Changes = { primary: dead, 'replica-1': notReceiving, 'replica-2': notReceiving };
    const fence = { 'set-groups db-primary sg-quarantine': failed('denied') };
    expect(round(look(gone), { ...fencingMemory(), backoff: fence }).decision.state).toBe('change-refused');
    // But for what it does not wait for.
    const policy = { 'stack-policy': failed('denied') };
    const promoting = round(look({ ...gone, primary: [quarantined, dead] }), {
      ...promotingMemory(),
      stackPolicy: 'open',
      backoff: policy,
    });
    expect(promoting.decision.state).toBe('promoting');
    expect(promoting.decision.reasons[0]).toContain('stack-policy has failed');
  });

  test('what people are called for critically, or are told of once, stays what it is', () => {
    const closed = { 'set-groups db-primary sg-open': failed('denied') };
    const { decision } = round(look({ primary: quarantined }), remembering({ backoff: closed }));
    expect(decision.state).toBe('primary-closed');
    expect(decision.reasons[0]).toContain('set-groups mysite-primary has failed 5 times in a row');
    const returned = round(look({ primary: quarantined }), { ...choosingMemory(), backoff: closed });
    expect(returned.decision.state).toBe('primary-returned');
  });

  test('it takes half a minute, and is told once', () => {
    const rounds = play(
      Array.from({ length: 20 }, (_, index) => look(afterFailover, { names, at: 5 * SECOND * index })),
      healingMemory(),
      { outcomes: { 'create-replica': 'invalid' } },
    );
    const told = rounds.map(({ decision }) => decision.notices.length);
    expect(told.filter((count) => count > 0)).toEqual([1]);
    expect(told.indexOf(1) * 5).toBeLessThanOrEqual(45);
    expect(rounds.at(-1)!.decision.state).toBe('change-refused');
  });
});

describe('healing that does not come to an end', () => {
  /** A look every minute. */
  const minutes = (count: number, changes: Changes = afterFailover, begin = 0) =>
    Array.from({ length: count }, (_, index) => look(changes, { names, at: (begin + index) * MINUTE }));
  const busy: Changes = { ...afterFailover, 'replica-1': [promoted, opened(2), status('modifying')] };

  test('after half an hour people are told, once, with why', () => {
    const rounds = play(minutes(40, busy), healingMemory());
    const states = rounds.map(({ decision }) => decision.state);
    expect(states.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => 'healing'));
    expect(states.slice(30)).toEqual(Array.from({ length: 10 }, () => 'healing-stalled'));
    expect(rounds.flatMap(({ decision }) => decision.notices)).toHaveLength(1);
    expect(rounds[30]!.decision.reasons).toEqual(
      expect.arrayContaining([
        'it has lasted for 1800 s',
        '0 of 2 replicas are there',
        'mysite-replica-1 is modifying',
      ]),
    );
  });

  test('without a failover as well: a group that RDS does not take away, a name that does not move', () => {
    const beside = {
      primary: with_({
        groups: [
          { id: 'sg-open', active: true },
          { id: 'sg-by-hand', active: true },
        ],
      }),
    };
    const usual = Array.from({ length: 31 }, (_, index) => look(beside, { at: index * MINUTE }));
    expect(play(usual, healthyMemory).at(-1)!.decision.state).toBe('healing-stalled');
    const astray = Array.from({ length: 31 }, (_, index) =>
      look({}, { at: index * MINUTE, names: { ...namesOf(['primary', 'replica-1']), writer: 'elsewhere' } }),
    );
    expect(play(astray, healthyMemory).at(-1)!.decision.state).toBe('healing-stalled');
  });

  test('a new trouble counts from its own beginning', () => {
    const whole = look(wholeAgain, {
      at: 20 * MINUTE,
      names: namesOf(['replica-1', 'replica-2', 'replica-3']),
    });
    const rounds = play([...minutes(20, busy), whole], healingMemory());
    expect(rounds.at(-1)!.decision.state).toBe('healed');
    expect(rounds.at(-1)!.memory.healingSince).toBeUndefined();
  });

  test('what was counted before a hold does not count after it', () => {
    const before = play(minutes(29, busy), healingMemory()).at(-1)!.memory;
    const hold = { by: 'anna', at: T0, why: 'a look' };
    const { memory } = round(look(busy, { names, at: 29 * MINUTE }), before, { hold });
    expect(round(look(busy, { names, at: 40 * MINUTE }), memory).decision.state).toBe('healing');
  });

  test('a refusal has the say: it names what to do', () => {
    const late = healing({ [create]: failed('denied') }, { healingSince: T0 - 30 * MINUTE });
    expect(round(look(afterFailover, { names }), late).decision.state).toBe('change-refused');
  });

  test('one that is to be replaced while the group heals keeps its own state', () => {
    const broken = { ...afterFailover, 'replica-3': [ours, followsNew('replica-1'), status('failed')] };
    const late = healing({}, { healingSince: T0 - 30 * MINUTE });
    expect(round(look(broken, { names }), late).decision.state).toBe('replica-unfit');
  });
});

test('both are warnings', () => {
  expect([STATES['change-refused'].severity, STATES['healing-stalled'].severity]).toEqual([
    'warning',
    'warning',
  ]);
});
