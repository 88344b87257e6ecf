import type { CallFailed } from '../../../lambda/failover/ports';
import { Calls } from '../../../trial/simulation/calls';
import { settled, SimulatedClock, START } from '../../../trial/simulation/clock';
import { Network } from '../../../trial/simulation/network';
import { seeded } from '../../../trial/simulation/random';
import type { CallFate } from '../../../trial/simulation/schedule';

function make() {
  const clock = new SimulatedClock();
  const network = new Network();
  return { clock, network, calls: new Calls(clock, network) };
}

/** What comes of a call, after how long, and whether it was done. */
async function meet({ clock, calls }: ReturnType<typeof make>) {
  let done = 0;
  let told = '';
  let after = 0;
  void calls
    .make('rds', () => ++done)
    .then(
      () => 'answered',
      (error: CallFailed) => error.outcome,
    )
    .then((outcome) => {
      told = outcome;
      after = clock.now() - START;
    });
  await settled();
  while (await clock.step(START + 60_000));
  await settled();
  return { done, told, isLate: after > 0, isTimeout: after === 5_000 };
}

test.each<[CallFate, { done: number; told: string; isLate: boolean; isTimeout: boolean }]>([
  ['fails', { done: 0, told: 'failed', isLate: false, isTimeout: false }],
  ['throttled', { done: 0, told: 'throttled', isLate: false, isTimeout: false }],
  ['slow', { done: 1, told: 'answered', isLate: true, isTimeout: false }],
  ['unanswered, done', { done: 1, told: 'timeout', isLate: true, isTimeout: true }],
  ['unanswered, not done', { done: 0, told: 'timeout', isLate: true, isTimeout: true }],
])('%s', async (fate, expected) => {
  const parts = make();
  parts.calls.add({ service: 'rds', fate, share: 1, random: seeded(1) });
  parts.calls.add({ service: 'journal', fate: 'fails', share: 1, random: seeded(1) });
  expect(await meet(parts)).toEqual(expected);
});

test('a service that is cut off does not answer; afterwards it does', async () => {
  const parts = make();
  const join = parts.network.cut('controller', 'rds');
  const again = parts.network.cut('rds', 'controller');
  join();
  join();
  expect(await meet(parts)).toMatchObject({ done: 0, told: 'timeout' });
  again();
  expect(await meet(parts)).toMatchObject({ done: 1, told: 'answered' });
});

test('a run is met at the call that was counted down to, and once', async () => {
  const { calls } = make();
  const met: string[] = [];
  const run = {
    isHindered: false,
    goOn: () => Promise.resolve(),
    crash: () => void met.push('crash'),
    pause: () => undefined,
  };
  calls.atStep({ left: 3, side: 'after', meet: (one) => one.crash() });
  for (let call = 1; call <= 5; call++) {
    await calls.pass(run, 'before');
    await calls.pass(run, 'after');
    if (call < 3) expect(met).toEqual([]);
  }
  expect(met).toEqual(['crash']);
});
