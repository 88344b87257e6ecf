/** One invocation: the lease, its rounds, and what another run makes of one that was killed. */
import { CallFailed } from '../../../lambda/failover/ports';
import { run } from '../../../lambda/failover/run';
import { MINUTE, SECOND, T0, command, policy as usual } from './builders';
import { World, never } from './world';

const policy = { ...usual, probeIntervalMillis: SECOND, detectAfterMillis: 2 * SECOND };

const start = (world: World, owner: string, seconds: number, clockOff = 0) =>
  run({
    ports: world.ports(clockOff),
    policy,
    owner,
    until: world.clock.now() + clockOff + seconds * SECOND,
  });

const MUTATING = /^(rds (Modify|Reboot|Promote|Create|Delete)|names change|open|stack policy)/;
const mutations = (world: World) => world.calls.filter(({ name }) => MUTATING.test(name));

describe('a run', () => {
  test('repeats rounds until its time is over, and gives the lease back', async () => {
    const world = new World();
    expect(await world.clock.until(start(world, 'a', 10))).toBe('ended');
    expect(world.journal.commits).toHaveLength(10);
    expect(world.clock.time).toBe(T0 + 10 * SECOND);
    expect(world.journal.lease).toBeUndefined();
    expect(world.journal.memory).toMatchObject({ phase: 'steady', state: { name: 'healthy' } });
  });

  test('looks more often while something is wrong, and not more often than APIs bear', async () => {
    const world = new World();
    world.kill('db-primary');
    world.kill('db-replica-1');
    world.kill('db-replica-2');
    world.journal.memory = (await healthyAfter()).journal.memory;
    await world.clock.until(start(world, 'a', 2));
    expect(world.journal.commits).toHaveLength(10);
  });

  test('writes nothing while it cannot know who is the primary', async () => {
    const world = new World();
    world.kill('db-primary');
    expect(await world.clock.until(start(world, 'a', 3))).toBe('ended');
    expect(world.journal.commits).toEqual([]);
    expect(mutations(world)).toEqual([]);
  });
});

async function healthyAfter(seconds = 3, world = new World()): Promise<World> {
  await world.clock.until(start(world, 'first', seconds));
  world.calls.length = 0;
  world.journal.entries.length = 0;
  return world;
}

describe('a failover', () => {
  test('from the death of the primary to a whole group, in one run', async () => {
    const world = await healthyAfter();
    world.kill('db-primary');
    expect(await world.clock.until(start(world, 'a', 30))).toBe('ended');
    expect(world.promotions).toEqual(['2 db-replica-1']);
    expect(world.names.writer).toBe('mysite-replica-1.db.example');
    expect(world.names.readers.filter(({ weight }) => weight > 0)).toHaveLength(2);
    expect(world.journal.memory).toMatchObject({
      phase: 'steady',
      epoch: 2,
      primary: 'db-replica-1',
      retired: [{ resourceId: 'db-primary', recovery: 'needed' }],
    });
    expect(world.told).toEqual([
      'mysite: primary-dead',
      'mysite: candidate-chosen',
      'mysite: opened',
      'mysite: healed',
    ]);
    expect(world.metrics).toEqual(
      expect.arrayContaining(['DetectMillis', 'FenceMillis', 'PromoteMillis', 'WriteMillis', 'FitReplicas']),
    );
  });

  test('each change has an entry with its evidence before it', async () => {
    const world = await healthyAfter();
    world.kill('db-primary');
    await world.clock.until(start(world, 'a', 30));
    const entries = world.journal.entries.map(({ what }) => what);
    for (const kind of [
      'set-groups db-primary',
      'reboot db-primary',
      'promote db-replica-1',
      'open db-replica-1',
    ]) {
      expect(entries.filter((what) => what.startsWith(kind))).not.toEqual([]);
    }
    expect(world.journal.entries.every(({ evidence, by }) => evidence.length > 0 && by !== '')).toBe(true);
    const changes = entries.filter((what) => !/^(state|command) /.test(what));
    expect(changes).toHaveLength(mutations(world).length);
  });
});

describe('the lease', () => {
  test('is held by another one: nothing is done for as long as that works', async () => {
    const world = new World();
    const first = start(world, 'a', 40);
    const second = start(world, 'b', 30);
    expect(await world.clock.until(second)).toBe('lease-held');
    expect(world.journal.commits.every(({ owner }) => owner === 'a')).toBe(true);
    expect(await world.clock.until(first)).toBe('ended');
  });

  test('is taken at once when it was given back', async () => {
    const world = await healthyAfter();
    const before = world.clock.time;
    await world.clock.until(start(world, 'b', 2));
    expect(world.calls.find(({ name, request }) => name === 'journal take' && request === 'b')!.at).toBe(
      before,
    );
  });

  test('of one that was killed is taken after 15 seconds without a sign of life', async () => {
    const world = await healthyAfter();
    world.journal.lease = { owner: 'dead', beat: 7 };
    const before = world.clock.time;
    expect(await world.clock.until(start(world, 'b', 30))).toBe('ended');
    expect(world.calls.filter(({ name }) => name === 'journal take').at(-1)!.at - before).toBe(15 * SECOND);
  });

  test.each([-MINUTE, MINUTE])('a clock that differs by %d ms changes nothing in that', async (off) => {
    const world = await healthyAfter();
    world.journal.lease = { owner: 'dead', beat: 7 };
    const before = world.clock.time;
    expect(await world.clock.until(start(world, 'b', 30, off))).toBe('ended');
    expect(world.calls.filter(({ name }) => name === 'journal take').at(-1)!.at - before).toBe(15 * SECOND);
  });

  test('two that see it free at once: one of them has it', async () => {
    const world = new World();
    const both = Promise.all([start(world, 'a', 5), start(world, 'b', 5)]);
    expect((await world.clock.until(both))!.sort()).toEqual(['ended', 'lease-held']);
  });

  test('is taken by another one while it sleeps: it does not even look', async () => {
    const world = await healthyAfter();
    world.after = (name) => {
      if (name === 'journal commit') world.journal.lease = { owner: 'thief', beat: 99 };
    };
    expect(await world.clock.until(start(world, 'a', 30))).toBe('lease-lost');
    expect(world.calls.filter(({ name }) => name === 'probe and keep')).toHaveLength(1);
  });

  test('is lost between look and commit: nothing is changed', async () => {
    const world = await healthyAfter();
    world.kill('db-primary');
    world.before = (name) => {
      if (name === 'names read') world.journal.lease = { owner: 'thief', beat: 99 };
    };
    expect(await world.clock.until(start(world, 'a', 30))).toBe('lease-lost');
    expect(mutations(world)).toEqual([]);
    expect(world.journal.lease).toEqual({ owner: 'thief', beat: 99 });
  });

  test('is lost while it acts: it stops, because a call took too long', async () => {
    const world = await healthyAfter();
    world.kill('db-primary');
    let slow = true;
    world.before = async (name) => {
      if (!slow || !name.startsWith('rds Modify')) return;
      slow = false;
      await world.clock.sleep(9 * SECOND);
      world.journal.lease = { owner: 'thief', beat: 99 };
    };
    expect(await world.clock.until(start(world, 'a', 60))).toBe('lease-lost');
    expect(mutations(world).map(({ name }) => name)).toEqual(['rds ModifyDBInstance']);
  });
});

describe('the journal', () => {
  const failing =
    (pattern: RegExp, from = 0, to = Infinity) =>
    (name: string, count: number) => {
      if (pattern.test(name) && count >= from && count < to) throw new CallFailed('timeout', 'no answer');
    };

  test('never answers: the run fails', async () => {
    const world = new World();
    world.before = failing(/^journal/);
    await expect(world.clock.until(start(world, 'a', 5))).rejects.toThrow('no answer');
    expect(world.calls.every(({ name }) => name.startsWith('journal'))).toBe(true);
  });

  test('does not answer for a while: nothing is changed, and the run goes on', async () => {
    const world = await healthyAfter();
    world.kill('db-primary');
    const begun = world.clock.time;
    world.before = (name) => {
      if (name === 'journal commit' && world.clock.time < begun + 10 * SECOND)
        throw new CallFailed('timeout', 'no answer');
    };
    expect(await world.clock.until(start(world, 'a', 40))).toBe('ended');
    expect(mutations(world)[0]!.at).toBeGreaterThanOrEqual(begun + 10 * SECOND);
    expect(world.promotions).toEqual(['2 db-replica-1']);
  });

  test('has written a commit, and its answer is lost: what was written down is asked for later', async () => {
    const world = await healthyAfter();
    world.kill('db-primary');
    let lost = 0;
    world.after = (name) => {
      const last = world.journal.entries.at(-1)?.what ?? '';
      if (name === 'journal commit' && last.startsWith('set-groups') && lost++ === 0)
        throw new CallFailed('timeout', 'no answer');
    };
    expect(await world.clock.until(start(world, 'a', 30))).toBe('ended');
    expect(lost).toBeGreaterThan(0);
    expect(world.promotions).toEqual(['2 db-replica-1']);
  });

  test('the lease cannot be given back: the run has ended all the same', async () => {
    const world = new World();
    world.before = failing(/release/);
    expect(await world.clock.until(start(world, 'a', 2))).toBe('ended');
  });
});

describe('a hold', () => {
  const hold = { by: 'anna', at: T0, why: 'a look' };

  test('that comes between look and commit: nothing is changed, until it is released', async () => {
    const world = await healthyAfter();
    world.kill('db-primary');
    let looks = 0;
    world.before = (name) => {
      if (name === 'names read' && ++looks === 11) world.journal.hold = hold;
    };
    await world.clock.until(start(world, 'a', 20));
    world.journal.hold = undefined;
    expect(mutations(world)).toEqual([]);
    expect(world.journal.memory!.state!.name).toBe('held');
    expect(world.promotions).toEqual([]);
    await world.clock.until(start(world, 'b', 40));
    expect(world.promotions).toEqual(['2 db-replica-1']);
  });

  test('no heartbeat is written', async () => {
    const world = await healthyAfter();
    world.journal.hold = hold;
    world.calls.length = 0;
    await world.clock.until(start(world, 'a', 5));
    expect(world.calls.filter(({ name }) => name.includes('keep'))).toEqual([]);
    expect(mutations(world)).toEqual([]);
  });
});

test('a command is answered once, and its item goes with the answer', async () => {
  const world = await healthyAfter();
  world.journal.command = command({ kind: 'switchover' });
  await world.clock.until(start(world, 'a', 30));
  expect(world.journal.command).toBeUndefined();
  expect(world.journal.entries.filter(({ what }) => what.startsWith('command '))).toMatchObject([
    { what: 'command c-1 accepted: mysite-replica-1 takes over from mysite-primary' },
  ]);
  expect(world.promotions).toEqual(['2 db-replica-1']);
  expect(world.servers.has('db-primary')).toBe(false);
  expect(world.journal.memory).toMatchObject({ phase: 'steady', primary: 'db-replica-1' });
});

describe('a run that is killed at any call that matters, and another one', () => {
  const MATTERS = /^(journal (take|commit)|notify)/;

  /** @param kills by the number of a call */
  const failover = async (when: 'before' | 'after', kills: (name: string, count: number) => boolean) => {
    const world = await healthyAfter(2);
    world.kill('db-primary');
    let killed: string | undefined;
    world[when] = (name, count) => {
      if (killed !== undefined || !kills(name, count)) return;
      killed = name;
      return never();
    };
    await world.clock.until(start(world, 'a', 12));
    if (killed !== undefined) {
      const until = world.clock.now() + 200 * SECOND;
      const rarely = { ...policy, probeIntervalMillis: 5 * SECOND };
      const second = run({ ports: world.ports(), policy: rarely, owner: 'b', until });
      expect(await world.clock.until(second)).toBe('ended');
    }
    return { world, killed };
  };

  test.each(['before', 'after'] as const)(
    '%s it is carried out: one promotion, and a whole group',
    async (when) => {
      const usually = await failover(when, () => false);
      const all = usually.world.calls
        .map(({ name }, count) => ({ name, count }))
        .filter(({ name }) => MUTATING.test(name) || MATTERS.test(name));
      for (const { name, count } of all) {
        const { world, killed } = await failover(when, (_, at) => at === count);
        const seen = {
          killed,
          promotions: world.promotions,
          writer: world.names.writer,
          readers: world.names.readers.filter(({ weight }) => weight > 0).length,
          phase: world.journal.memory?.phase,
          servers: [...world.servers.keys()].sort(),
        };
        expect(seen).toEqual({
          killed: name,
          promotions: ['2 db-replica-1'],
          writer: 'mysite-replica-1.db.example',
          readers: 2,
          phase: 'steady',
          servers: ['db-made-1', 'db-made-2', 'db-primary', 'db-replica-1'],
        });
      }
      expect(new Set(all.map(({ name }) => name))).toEqual(
        new Set([
          'journal take',
          'journal commit',
          'rds ModifyDBInstance',
          'rds RebootDBInstance',
          'rds PromoteReadReplica',
          'rds CreateDBInstanceReadReplica',
          'rds DeleteDBInstance',
          'open',
          'names change',
          'stack policy',
          'notify',
        ]),
      );
    },
    60_000,
  );
});
