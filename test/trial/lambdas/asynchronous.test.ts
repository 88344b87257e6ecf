import { handleLater } from '../../../trial/lambdas/asynchronous';
import { nameOf } from '../../../trial/lambdas/deployed';
import type { Invocation } from '../../../trial/lambdas/pool';

const MINUTE = 60_000;
const LAMBDAS_OWN = { retries: 2, maximumAgeMillis: 360 * MINUTE };
const FAILED: Invocation = { kind: 'failed', payload: '{}', errorType: 'Error', errorMessage: 'no' };
const RETURNED: Invocation = { kind: 'returned', payload: 'null' };
const THROTTLED: Invocation = { kind: 'throttled' };

/** Runs with a clock of its own. @returns when each try was, in seconds, and what came of it */
async function run(outcomes: Invocation[], config = LAMBDAS_OWN, timeScale = 1) {
  const tries: number[] = [];
  const ids = new Set<string>();
  let now = 0;
  const clock = {
    now: () => now,
    sleep: async (millis: number) => void (now += millis),
  };
  const invoke = async (id: string) => {
    tries.push(now / 1_000);
    ids.add(id);
    return outcomes[tries.length - 1] ?? outcomes.at(-1)!;
  };
  const { signal } = new AbortController();
  const given = await handleLater(config, 'event', { invoke, timeScale, signal, clock });
  expect(ids.size).toBe(1);
  return { tries, given };
}

test.each([
  ['succeeds', [RETURNED], [0], undefined],
  ['succeeds at last', [FAILED, FAILED, RETURNED], [0, 60, 180], undefined],
  ['fails thrice', [FAILED], [0, 60, 180], expect.objectContaining({ why: 'RetriesExhausted', tries: 3 })],
  ['is throttled, then succeeds', [THROTTLED, THROTTLED, THROTTLED, RETURNED], [0, 1, 3, 7], undefined],
  ['is throttled between failures', [FAILED, THROTTLED, RETURNED], [0, 60, 61], undefined],
])('a function that %s is tried when Lambda would', async (_, outcomes, tries, given) => {
  expect(await run(outcomes)).toEqual({ tries, given });
});

test('a throttled event is given up when it is too old, having waited at most five minutes each time', async () => {
  const { tries, given } = await run([THROTTLED]);
  expect(given).toMatchObject({ why: 'EventAgeExceeded', tries: 0, error: undefined });
  const waits = tries.slice(1).map((at, index) => at - tries[index]!);
  expect(Math.max(...waits)).toBe(300);
  expect(tries.at(-1)!).toBeGreaterThan(350 * 60);
  expect(tries.at(-1)!).toBeLessThanOrEqual(360 * 60);
});

test.each([
  [{ retries: 0, maximumAgeMillis: 360 * MINUTE }, [0], 'RetriesExhausted'],
  [{ retries: 2, maximumAgeMillis: 2 * MINUTE }, [0, 60], 'EventAgeExceeded'],
])('what is deployed counts: %j', async (config, tries, why) => {
  expect(await run([FAILED], config)).toEqual({ tries, given: expect.objectContaining({ why }) });
});

test('time can be scaled after failures, not while another run is awaited', async () => {
  expect((await run([FAILED], LAMBDAS_OWN, 0.1)).tries).toEqual([0, 6, 18]);
  expect((await run([FAILED], LAMBDAS_OWN, 0)).tries).toEqual([0, 0, 0]);
  expect((await run([THROTTLED, THROTTLED, RETURNED], LAMBDAS_OWN, 0)).tries).toEqual([0, 1, 3]);
});

test('a trial that ends gives nothing up', async () => {
  const end = new AbortController();
  const invoke = jest.fn(() => Promise.resolve(FAILED));
  const handled = handleLater(LAMBDAS_OWN, 'event', { invoke, timeScale: 1, signal: end.signal });
  setImmediate(() => end.abort());
  await expect(handled).resolves.toBeUndefined();
  expect(invoke).toHaveBeenCalledTimes(1);
});

test.each([
  ['probe', 'probe'],
  ['probe:3', 'probe'],
  ['arn:aws:lambda:eu-central-1:123456789012:function:my-probe_1', 'my-probe_1'],
  ['arn:aws:lambda:eu-central-1:123456789012:function:probe:$LATEST', 'probe'],
  ['123456789012:function:probe', 'probe'],
])('the name in %s is %s', (given, name) => expect(nameOf(given)).toBe(name));
