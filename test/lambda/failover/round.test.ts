/** One round: look, decide, write down, act. */
import { keyOf } from '../../../lambda/failover/decision';
import { CallFailed } from '../../../lambda/failover/ports';
import { round } from '../../../lambda/failover/round';
import type { Decide } from '../../../lambda/failover/decide';
import type { Memory } from '../../../lambda/failover/memory';
import {
  MINUTE,
  SECOND,
  T0,
  command,
  fencingMemory,
  healingMemory,
  healthyMemory,
  openingMemory,
  policy,
  promotingMemory,
  remembering,
} from './builders';
import { World } from './world';

const on = { resourceId: 'db-primary', identifier: 'mysite-primary' };

function stand(memory = healthyMemory) {
  const world = new World();
  world.journal.memory = memory;
  world.journal.lease = { owner: 'a', beat: 1 };
  const go = (results: Parameters<typeof round>[2] = [], decide?: Decide) =>
    round({ ports: world.ports(), policy, owner: 'a', decide }, world.journal.read(), results);
  const kinds = () =>
    world.calls.map(({ name }) => name).filter((name) => !/^(probe|rds Describe|names read)/.test(name));
  return { world, go, kinds };
}

/** Decides what it is told to. */
const deciding =
  (...actions: ReturnType<Decide>['actions']): Decide =>
  (seen, memory) => ({
    state: 'healthy',
    reasons: ['it was told to'],
    memory: { ...memory, roundAt: seen.at },
    actions,
    notices: [{ severity: 'info', subject: 'told', text: `at ${seen.at}` }],
  });

test('in this order: look, write down, act, tell', async () => {
  const { world, go, kinds } = stand();
  await go([], deciding({ kind: 'reboot', on }, { kind: 'stack-policy', updates: 'denied' }));
  expect(world.calls[0]!.name).toMatch(/^(rds Describe|names read)/);
  expect(kinds()).toEqual(['journal commit', 'rds RebootDBInstance', 'stack policy', 'notify']);
});

test('what is about to be done is written down with its evidence', async () => {
  const { world, go } = stand();
  await go([], deciding({ kind: 'promote', on, backupDays: 7 }));
  const [commit] = world.journal.commits;
  expect(commit).toMatchObject({
    version: 0,
    owner: 'a',
    notOnHold: true,
    memory: { inFlight: ['promote db-primary'] },
  });
  expect(commit!.entries).toEqual([
    {
      at: T0,
      epoch: 1,
      phase: 'steady',
      state: 'healthy',
      what: 'state healthy',
      evidence: ['it was told to'],
      by: 'a',
    },
    expect.objectContaining({
      what: 'promote db-primary (mysite-primary, backupDays 7)',
      evidence: ['it was told to'],
    }),
  ]);
});

test('no change: no entry, and the hold is not asked for', async () => {
  const { world, go } = stand(remembering({ state: { name: 'healthy', since: T0, reasons: [] } }));
  await go();
  expect(world.journal.commits).toMatchObject([{ entries: [], notOnHold: false }]);
});

describe('results of the round before', () => {
  const flying = (...keys: string[]) => remembering({ inFlight: keys });

  test('a failure is remembered, so that it is not asked for again at once', async () => {
    const { world, go } = stand(flying('reboot db-primary'));
    await go([{ key: 'reboot db-primary', outcome: 'throttled' }]);
    expect(world.journal.memory).toMatchObject({
      inFlight: [],
      backoff: { 'reboot db-primary': { failures: 1, notBefore: T0 + 750 } },
    });
  });

  test('of another run there are none: what was in flight counts as not answered', async () => {
    const { world, go } = stand(flying('reboot db-primary', 'stack-policy'));
    await go();
    expect(Object.keys(world.journal.memory!.backoff)).toEqual(['reboot db-primary', 'stack-policy']);
  });

  test('are given back by action', async () => {
    const { world, go } = stand();
    world.before = (name) => {
      if (name === 'rds RebootDBInstance') throw new CallFailed('wrong-state', 'busy');
    };
    const actions = [
      { kind: 'reboot', on },
      { kind: 'stack-policy', updates: 'denied' },
    ] as const;
    const { results, outcome } = await go([], deciding(...actions));
    expect(outcome).toBe('done');
    expect(results).toEqual([
      { key: keyOf(actions[0]), outcome: 'wrong-state', said: 'busy' },
      { key: 'stack-policy', outcome: 'done' },
    ]);
  });
});

describe('nothing is changed', () => {
  const reboot = deciding({ kind: 'reboot', on });

  test('when the lease is lost', async () => {
    const { world, go, kinds } = stand();
    world.before = (name) => {
      if (name === 'journal commit') world.journal.lease = { owner: 'b', beat: 2 };
    };
    expect(await go([], reboot)).toEqual({ outcome: 'not-written', results: [] });
    expect(kinds()).toEqual(['journal commit']);
  });

  test('when somebody has written since', async () => {
    const { world, go } = stand();
    world.before = (name) => {
      if (name === 'journal commit') world.journal.version++;
    };
    expect((await go([], reboot)).outcome).toBe('not-written');
  });

  test('when a hold has come since; what is known of the round before is kept', async () => {
    const { world, go, kinds } = stand(remembering({ inFlight: ['stack-policy'] }));
    world.before = (name) => {
      if (name === 'journal commit') world.journal.hold = { by: 'anna', at: T0, why: 'a look' };
    };
    const before = [{ key: 'stack-policy', outcome: 'done' as const }];
    expect(await go(before, reboot)).toEqual({ outcome: 'done', results: before });
    expect(kinds()).toEqual(['journal commit']);
    expect(world.journal.memory!.inFlight).toEqual(['stack-policy']);
  });

  test('when the journal does not answer', async () => {
    const { world, go, kinds } = stand();
    world.before = (name) => {
      if (name === 'journal commit') throw new CallFailed('timeout', 'no answer');
    };
    await expect(go([], reboot)).rejects.toThrow('no answer');
    expect(kinds()).toEqual(['journal commit']);
  });

  test('later than nine seconds after the sign of life: what is left counts as not answered', async () => {
    const { world, go, kinds } = stand();
    world.before = (name) => (name === 'rds RebootDBInstance' ? world.clock.sleep(9 * SECOND) : undefined);
    const actions = deciding({ kind: 'reboot', on }, { kind: 'stack-policy', updates: 'denied' });
    const { results } = (await world.clock.until(go([], actions)))!;
    expect(results).toEqual([{ key: 'reboot db-primary', outcome: 'done' }]);
    expect(kinds()).toEqual(['journal commit', 'rds RebootDBInstance', 'notify']);
    world.before = () => undefined;
    world.calls.length = 0;
    await go(results, deciding());
    expect(Object.keys(world.journal.memory!.backoff)).toEqual(['stack-policy']);
  });

  test('a slow commit is counted too: the sign of life is from before it', async () => {
    const { world, go, kinds } = stand();
    world.before = (name) => (name === 'journal commit' ? world.clock.sleep(9 * SECOND) : undefined);
    await world.clock.until(go([], reboot));
    expect(kinds()).toEqual(['journal commit', 'notify']);
  });
});

test('a run that stood still in the middle of a look has seen nothing whole', async () => {
  const { world, go } = stand();
  world.before = (name) => (name === 'probe and keep' ? world.clock.sleep(11 * SECOND) : undefined);
  await world.clock.until(go());
  expect(world.journal.memory!.state).toMatchObject({
    name: 'blind',
    reasons: ['the look took 11 s: what was seen first may not be so any more'],
  });
});

describe('the first round', () => {
  test('writes the first memory', async () => {
    const { world, go } = stand();
    world.journal.memory = undefined;
    await go();
    expect(world.journal.memory).toMatchObject({ phase: 'steady', epoch: 1, primary: 'db-primary' });
  });

  test('writes nothing while the primary cannot be asked, or nothing is seen', async () => {
    const { world, go, kinds } = stand();
    world.journal.memory = undefined;
    world.kill('db-primary');
    expect(await go()).toEqual({ outcome: 'done', results: [] });
    world.before = (name) => {
      if (name === 'names read') throw new CallFailed('timeout', 'no answer');
    };
    expect(await go()).toEqual({ outcome: 'done', results: [] });
    expect(kinds()).toEqual([]);
  });
});

test('a command is answered in the commit that takes it up', async () => {
  const { world, go } = stand();
  world.journal.command = command({ kind: 'acknowledge' });
  await go();
  expect(world.journal.commits[0]).toMatchObject({ answered: 'c-1' });
  expect(world.journal.commits[0]!.entries.map(({ what }) => what)).toContain(
    'command c-1 refused: there is nothing to acknowledge: another failover may follow as it is',
  );
  expect(world.journal.command).toBeUndefined();
});

test('an answer of before is not given again', async () => {
  const answer = { command: 'c-0', outcome: 'accepted' as const, sentence: 'so it is', at: T0 };
  const { world, go } = stand(remembering({ answer }));
  await go();
  expect(world.journal.commits[0]).not.toHaveProperty('answered');
});

describe('metrics', () => {
  test('of each round', async () => {
    const { world, go } = stand();
    await go();
    expect(world.metrics.sort()).toEqual([
      'CriticalState',
      'FitReplicas',
      'MaximumLagMillis',
      'RetiredPrimaries',
      'Stalled',
    ]);
  });

  test.each([
    ['healthy', 0],
    ['healing', 0],
    ['healing-stalled', 1],
    ['change-refused', 1],
  ] as const)('whether something does not come to an end: %s: %d', async (state, value) => {
    const { world, go } = stand();
    await go([], (...asked) => ({ ...deciding()(...asked), state }));
    expect(world.measured['Stalled']).toBe(value);
  });

  test.each<[string, number, Memory]>([
    ['steady', 0, healthyMemory],
    ['fencing', 1, fencingMemory()],
    ['promoting', 1, promotingMemory()],
    ['opening', 1, openingMemory()],
    ['healing', 0, healingMemory()],
    ['a switchover', 0, promotingMemory({ kind: 'switchover' })],
    ['a switchover that lasts', 1, promotingMemory({ kind: 'switchover', decidedAt: T0 - 5 * MINUTE })],
  ])('whether people are needed: %s: %d', async (_, value, memory) => {
    const { world, go } = stand(memory);
    // What each round sees is not critical by itself.
    await go([], deciding());
    expect(world.measured['CriticalState']).toBe(value);
  });

  test('of a round that saw nothing: no replicas are made up', async () => {
    const { world, go } = stand(fencingMemory());
    world.before = (name) => {
      if (name === 'names read') throw new CallFailed('timeout', 'no answer');
    };
    await go();
    expect(world.metrics).not.toContain('FitReplicas');
  });
});
