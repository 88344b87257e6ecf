/** Who comes and goes: out until it has been steady, and told. */
import type { Memory } from '../../../../lambda/failover/memory';
import {
  type Change,
  type Changes,
  MINUTE,
  SECOND,
  T0,
  dead,
  healthyMemory,
  look,
  namesOf,
  notReceiving,
  round,
} from '../builders';

interface Hour {
  readonly states: string[];
  readonly moves: number;
  readonly mails: string[];
  readonly memory: Memory;
  readonly actions: string[];
}

/** A look each five seconds, with the names where the controller has put them. @param change as it is at that second */
function play(seconds: number, changeAt: (second: number) => Changes, before: Memory = healthyMemory): Hour {
  let memory = before;
  let names = namesOf(['primary', 'replica-1', 'replica-2']);
  let moves = 0;
  const states: string[] = [];
  const mails: string[] = [];
  const actions: string[] = [];
  for (let second = 0; second < seconds; second += 5) {
    const played = round(look(changeAt(second), { at: second * SECOND, names }), memory);
    memory = played.memory;
    states.push(played.decision.state);
    mails.push(...played.decision.notices.map(({ subject }) => subject));
    for (const action of played.decision.actions) {
      actions.push(action.kind);
      if (action.kind !== 'move-names') continue;
      moves++;
      names = action.to;
    }
  }
  return { states, moves, mails, memory, actions };
}

const always = (second: number, on: number, off: number) => second % (on + off) >= on;
const change = (who: string, how: Change | Change[]): Changes => ({ [who]: how });

describe('a replica', () => {
  const frozen = (on: number, off: number) => (second: number) =>
    always(second, on, off) ? change('replica-1', dead) : {};

  test.each([
    [5, 5],
    [20, 20],
    [60, 30],
  ])('that is well for %i s and away for %i s moves the names a few times, and is replaced', (on, off) => {
    const { moves, actions } = play(3600, frozen(on, off));
    expect(moves).toBeLessThanOrEqual(6);
    expect(actions).toContain('delete');
  });

  test('stays out in the silence of the primary, and in a failover, too', () => {
    const silent = (second: number): Changes => ({
      primary: dead,
      'replica-2': notReceiving,
      'replica-1': always(second, 5, 5) ? dead : notReceiving,
    });
    const { moves, states } = play(600, silent);
    expect(states).toContain('fencing');
    expect(moves).toBeLessThanOrEqual(6);
  });

  test('stays out until it has been well for five minutes', () => {
    const until = 100;
    const stops = (second: number) => (second < until ? frozen(5, 5)(second) : {});
    const readers = (seconds: number) =>
      play(seconds, stops).memory.seen!.find(({ resourceId }) => resourceId === 'db-replica-1');
    expect(readers(until + 295)).toMatchObject({
      fit: false,
      why: 'comes and goes: 3 times within 10 min; it counts as well when it has been so for 5 min',
    });
    expect(readers(until + 310)).toMatchObject({ fit: true });
  });

  test('that is away twice goes on as before', () => {
    const twice = (second: number) => ([10, 30].includes(second) ? change('replica-1', dead) : {});
    expect(play(60, twice).memory.seen).toMatchObject([{}, { fit: true }, {}]);
  });

  test('falls of long ago do not count', () => {
    const rarely = (second: number) => (second % 400 === 395 ? change('replica-1', dead) : {});
    const { memory } = play(3600, rarely);
    expect(memory.steadiness?.['db-replica-1']?.isFlapping).toBeUndefined();
  });

  test('what it lacks as the primary was silent is no fall of its own, and it is given time to connect', () => {
    const restart = (second: number): Changes =>
      second % 60 === 50
        ? { primary: dead, 'replica-1': notReceiving, 'replica-2': notReceiving }
        : second % 60 === 55
          ? { 'replica-1': notReceiving, 'replica-2': notReceiving }
          : {};
    const { moves, memory } = play(240, restart);
    expect(moves).toBe(0);
    expect(memory.steadiness?.['db-replica-1']).toBeUndefined();
  });

  test('but not for longer than ten seconds', () => {
    const never = (second: number): Changes =>
      second === 0 ? { primary: dead } : second < 5 ? {} : { 'replica-1': notReceiving };
    expect(play(15, never).memory.seen).toMatchObject([{}, { fit: true }, {}]);
    expect(play(20, never).memory.seen).toMatchObject([{}, { fit: false, why: 'does not stream' }, {}]);
  });
});

describe('the primary', () => {
  const quiet: Changes = { primary: dead, 'replica-1': notReceiving, 'replica-2': notReceiving };
  const frozen = (second: number): Changes => (always(second, 20, 15) ? quiet : {});

  test('that comes and goes is told, once, while it does', () => {
    const { states, mails, actions } = play(3600, frozen);
    expect(mails.filter((mail) => mail.endsWith('primary-flaps'))).toHaveLength(1);
    expect(new Set(states.slice(states.indexOf('primary-flaps')))).toEqual(new Set(['primary-flaps']));
    expect(actions).not.toContain('set-groups');
  });

  test('is steady again after five minutes', () => {
    const stops = (second: number) => (second < 300 ? frozen(second) : {});
    expect(play(575, stops).states.at(-1)).toBe('primary-flaps');
    expect(play(620, stops).states.at(-1)).toBe('healthy');
  });

  test('is not meant when it is the controller who comes and goes', () => {
    const cut = (second: number): Changes =>
      always(second, 20, 15) ? { primary: dead, 'replica-1': dead, 'replica-2': dead } : {};
    expect(play(3600, cut).states).not.toContain('primary-flaps');
  });

  test('can die all the same', () => {
    const dies = (second: number) => (second < 300 ? frozen(second) : quiet);
    const { memory } = play(400, dies);
    expect(memory.phase).toBe('fencing');
    expect(memory.failover!.decidedAt).toBeLessThan(T0 + 6 * MINUTE);
  });
});
