import {
  hasFailed,
  isDue,
  refusalOf,
  remember,
  type Result,
  withoutOld,
} from '../../../../lambda/failover/decide/retry';
import { type Action, keyOf } from '../../../../lambda/failover/decision';
import { HOUR, MINUTE, SECOND, T0, remembering } from '../builders';

const on = { resourceId: 'db-primary', identifier: 'mysite-primary' };
const reboot: Action = { kind: 'reboot', on };
const create: Action = { kind: 'create-replica', identifier: 'mysite-replica-3', of: on };

const asked = (action: Action) => remembering({ inFlight: [keyOf(action)] });
const told = (action: Action, outcome: Result['outcome']): Result[] => [{ key: keyOf(action), outcome }];

describe('what became of an action', () => {
  test('done: nothing is remembered of it', () => {
    const before = { ...asked(reboot), backoff: { [keyOf(reboot)]: { failures: 3, notBefore: T0 } } };
    const memory = remember(before, told(reboot, 'done'), T0, () => 0.5);
    expect(memory.backoff).toEqual({});
    expect(memory.inFlight).toEqual([]);
    expect(hasFailed(memory, reboot)).toBe(false);
  });

  test.each([
    'throttled',
    'wrong-state',
    'not-found',
    'denied',
    'invalid',
    'room',
    'timeout',
    'failed',
  ] as const)('%s: it may be asked again after a while', (outcome) => {
    const memory = remember(asked(reboot), told(reboot, outcome), T0, () => 1);
    expect(hasFailed(memory, reboot)).toBe(true);
    expect(isDue(memory, reboot, T0 + 999)).toBe(false);
    expect(isDue(memory, reboot, T0 + SECOND)).toBe(true);
  });

  test('a crash has cut it short: it counts as not answered', () => {
    const memory = remember(asked(reboot), [], T0, () => 1);
    const last = { outcome: 'timeout', times: 1, since: T0, said: 'it was not answered' };
    expect(memory.backoff).toEqual({ [keyOf(reboot)]: { failures: 1, notBefore: T0 + SECOND, last } });
  });

  test('results of what was not in flight change nothing', () => {
    const memory = remember(remembering({}), told(reboot, 'failed'), T0, () => 1);
    expect(memory.backoff).toEqual({});
  });

  test('the wait doubles up to a minute, half of it by chance', () => {
    let memory = remembering({});
    const longest: number[] = [];
    const shortest: number[] = [];
    for (let failures = 1; failures <= 9; failures++) {
      const flying = { ...memory, inFlight: [keyOf(reboot)] };
      shortest.push(remember(flying, [], T0, () => 0).backoff[keyOf(reboot)]!.notBefore - T0);
      memory = remember(flying, [], T0, () => 1);
      longest.push(memory.backoff[keyOf(reboot)]!.notBefore - T0);
    }
    expect(longest).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * SECOND));
    expect(shortest).toEqual(longest.map((wait) => wait / 2));
  });

  test('the last answer is kept in its words, with how often it was the same', () => {
    const answers: [Result['outcome'], string][] = [
      ['timeout', 'no answer'],
      ['invalid', 'no parameter group'],
      ['invalid', 'no parameter group at all'],
    ];
    const memory = answers.reduce(
      (before, [outcome, said], index) =>
        remember(
          { ...before, inFlight: [keyOf(create)] },
          [{ key: keyOf(create), outcome, said }],
          T0 + index * SECOND,
          () => 1,
        ),
      remembering({}),
    );
    expect(memory.backoff[keyOf(create)]!.failures).toBe(3);
    expect(refusalOf(memory, create)).toEqual({
      outcome: 'invalid',
      times: 2,
      since: T0 + SECOND,
      said: 'no parameter group at all',
    });
  });

  test.each(['timeout', 'throttled', 'failed'] as const)(
    'a refusal is counted on across what was not heard: %s',
    (unheard) => {
      const outcomes = ['denied', unheard, 'denied', unheard, 'denied'] as const;
      const memory = outcomes.reduce(
        (before, outcome, index) =>
          remember(
            { ...before, inFlight: [keyOf(create)] },
            [{ key: keyOf(create), outcome, said: outcome }],
            T0 + index,
            () => 1,
          ),
        remembering({}),
      );
      expect(memory.backoff[keyOf(create)]).toMatchObject({
        failures: 5,
        last: { outcome: 'denied', times: 3, since: T0, said: 'denied' },
      });
    },
  );

  test.each<[Action, Result['outcome'], number]>([
    [create, 'invalid', 300],
    [create, 'denied', 300],
    [create, 'room', 300],
    [create, 'wrong-state', 60],
    [create, 'failed', 60],
    // A fence waits no longer, whatever the answer was.
    [reboot, 'invalid', 60],
    [reboot, 'denied', 60],
  ])('%j that is refused as %s is asked for at least every %d s', (action, outcome, longest) => {
    let memory = remembering({});
    for (let failures = 1; failures <= 20; failures++) {
      memory = remember({ ...memory, inFlight: [keyOf(action)] }, told(action, outcome), T0, () => 1);
    }
    expect(memory.backoff[keyOf(action)]!.notBefore - T0).toBe(longest * SECOND);
  });

  test('a creation that was refused is not waited for; one that was not answered is', () => {
    const flying = { ...asked(create), creating: { 'mysite-replica-3': T0 } };
    expect(remember(flying, told(create, 'wrong-state'), T0, () => 0).creating).toEqual({});
    expect(remember(flying, told(create, 'timeout'), T0, () => 0).creating).toEqual({
      'mysite-replica-3': T0,
    });
    expect(remember(flying, told(create, 'done'), T0, () => 0).creating).toEqual({ 'mysite-replica-3': T0 });
    expect(remember(flying, [], T0, () => 0).creating).toEqual({ 'mysite-replica-3': T0 });
  });

  test('actions on two instances back off by themselves', () => {
    const other: Action = { kind: 'reboot', on: { resourceId: 'db-2', identifier: 'mysite-replica-2' } };
    const memory = remember(asked(reboot), [], T0, () => 1);
    expect(isDue(memory, other, T0)).toBe(true);
  });
});

test('what nobody has asked for in an hour is forgotten', () => {
  const backoff = {
    old: { failures: 1, notBefore: T0 - HOUR },
    young: { failures: 1, notBefore: T0 - MINUTE },
  };
  expect(Object.keys(withoutOld(backoff, T0))).toEqual(['young']);
});
