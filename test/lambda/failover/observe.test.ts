/** One look: all of it, or none. */
import type { DBInstance } from '@aws-sdk/client-rds';
import { describeGroup, observe } from '../../../lambda/failover/observe';
import { CallFailed } from '../../../lambda/failover/ports';
import { SECOND, T0, fencingMemory, healingMemory, policy, remembering } from './builders';
import { World } from './world';

const memory = remembering({});

const see = (world: World, before: Parameters<typeof observe>[2] = memory, mayWrite = true) =>
  observe(world.ports(), policy, before, mayWrite);

const kept = (world: World) =>
  world.calls.filter(({ name }) => name === 'probe and keep').map(({ request }) => request);

test('instances by their identifiers, records, and an answer of each server', async () => {
  const world = new World();
  const seen = await see(world);
  if ('missing' in seen) throw new Error('blind');
  expect(seen.at).toBe(T0);
  expect(seen.names).toEqual(world.names);
  expect(seen.instances.map(({ identifier, probe }) => [identifier, probe.reached])).toEqual([
    ['mysite-primary', true],
    ['mysite-replica-1', true],
    ['mysite-replica-2', true],
  ]);
  expect(seen.instances[1]).toMatchObject({
    resourceId: 'db-replica-1',
    status: 'available',
    source: 'mysite-primary',
    groups: [{ id: 'sg-open', active: true }],
    endpoint: { host: 'mysite-replica-1.db.example', port: 5432 },
    isOurs: false,
  });
});

describe('an instance that somebody has renamed', () => {
  const called = async (resourceId: string, before: Parameters<typeof observe>[2]) => {
    const world = new World();
    world.servers.get(resourceId)!.identifier = 'shop-broken';
    const seen = await see(world, before);
    if ('missing' in seen) throw new Error('blind');
    return seen.instances.map(({ identifier }) => identifier);
  };

  test.each([
    ['the primary', 'db-primary', memory],
    ['the old primary, in the fence', 'db-primary', fencingMemory()],
    ['the old primary, while the group heals', 'db-primary', healingMemory()],
    ['a replica that may be promoted', 'db-replica-2', fencingMemory()],
  ])('%s is followed under its new name', async (_, resourceId, before) => {
    expect(await called(resourceId, before)).toContain('shop-broken');
  });

  test('one whom nothing depends on is none of the group any more', async () => {
    expect(await called('db-replica-2', memory)).not.toContain('shop-broken');
  });
});

test('a server that does not answer is seen as one that does not answer', async () => {
  const world = new World();
  world.kill('db-replica-1');
  const seen = await see(world);
  expect(seen).toMatchObject({ instances: [{}, { probe: { reached: false, why: 'refused' } }, {}] });
});

test.each([
  [/^rds/, 'RDS: throttled away'],
  [/^names/, 'Route 53: throttled away'],
])('%s does not answer: nothing is seen, and no server is asked', async (pattern, sentence) => {
  const world = new World();
  world.before = (name) => {
    if (pattern.test(name)) throw new CallFailed('throttled', 'throttled away');
  };
  expect(await see(world)).toEqual({ at: T0, missing: [sentence] });
  expect(world.calls.filter(({ name }) => name.startsWith('probe'))).toEqual([]);
});

test('both do not answer: both are told', async () => {
  const world = new World();
  world.before = () => {
    throw new CallFailed('timeout', 'no answer');
  };
  expect(await see(world)).toMatchObject({ missing: ['RDS: no answer', 'Route 53: no answer'] });
});

test('servers are asked at once, not one after the other', async () => {
  const world = new World({ replicas: 15 });
  world.before = (name) => (name.startsWith('probe') ? world.clock.sleep(SECOND) : undefined);
  const seen = await world.clock.until(see(world));
  if (!seen || 'missing' in seen) throw new Error('blind');
  expect(seen.at).toBe(T0 + SECOND);
  expect(seen.instances).toHaveLength(16);
});

describe('the heartbeat', () => {
  test('is written on the primary alone', async () => {
    const world = new World();
    await see(world);
    expect(kept(world)).toEqual([{ host: 'mysite-primary.db.example', port: 5432 }]);
  });

  test('and while the group heals', async () => {
    const world = new World();
    await see(world, healingMemory());
    expect(kept(world)).toEqual([{ host: 'mysite-replica-1.db.example', port: 5432 }]);
  });

  test.each([
    ['in the very first round', undefined, true],
    ['on hold', memory, false],
    ['when the stack is being deleted', remembering({ closed: true }), true],
    ['while the primary may be replaced', fencingMemory(), true],
  ] as const)('not %s', async (_, before, mayWrite) => {
    const world = new World();
    await observe(world.ports(), policy, before, mayWrite);
    expect(kept(world)).toEqual([]);
  });

  test('the slot goes as far as every replica was at the last look, and nowhere while one was silent or recovery is due', async () => {
    const summary = (identifier: string, received: string, fit = true) => ({
      resourceId: identifier,
      identifier,
      role: 'replica' as const,
      status: 'available',
      reached: true,
      fit,
      received,
    });
    const world = new World();
    const asked: unknown[] = [];
    const ports = world.ports();
    const databases = {
      ...ports.databases,
      probe: (...[address, keep]: Parameters<typeof ports.databases.probe>) => {
        if (keep) asked.push(keep);
        return ports.databases.probe(address, keep);
      },
    };
    const before = remembering({
      seen: [
        { ...summary('mysite-primary', '0/9000000'), role: 'primary' as const },
        summary('mysite-replica-1', '0/A000000'),
        summary('mysite-replica-2', '0/8000000'),
        summary('mysite-replica-3', '0/1000000', false),
      ],
    });
    const silent = { ...summary('mysite-replica-3', '0/1000000', false), received: undefined };
    const without = { ...before, seen: [...before.seen!.slice(0, 3), silent] };
    await observe({ ...ports, databases }, policy, before, true);
    await observe({ ...ports, databases }, policy, without, true);
    await observe({ ...ports, databases }, policy, memory, true);
    const old = { resourceId: 'db-old', epoch: 1, since: T0 };
    const waiting = { ...before, retired: [{ ...old, recovery: 'needed' as const }] };
    await observe({ ...ports, databases }, policy, waiting, true);
    const going = { ...before, retired: [{ ...old, recovery: 'done' as const }] };
    await observe({ ...ports, databases }, policy, going, true);
    expect(asked).toEqual([
      { epoch: 1, slotUpTo: '0/1000000' },
      { epoch: 1, slotUpTo: undefined },
      { epoch: 1, slotUpTo: undefined },
      // An old primary waits for recovery, which reads this one's history since the fork from it.
      { epoch: 1, slotUpTo: undefined },
      { epoch: 1, slotUpTo: '0/1000000' },
    ]);
  });
});

describe('the group', () => {
  const one = (identifier: string, more: Partial<DBInstance> = {}): DBInstance => ({
    DbiResourceId: `db-${identifier}`,
    DBInstanceIdentifier: identifier,
    DBInstanceStatus: 'available',
    ...more,
  });
  const described = (...pages: DBInstance[][]) =>
    describeGroup(
      {
        rds: {
          call: (_, request) => {
            const page = Number((request as { Marker?: string }).Marker ?? 0);
            const Marker = page + 1 < pages.length ? String(page + 1) : undefined;
            return Promise.resolve({ DBInstances: pages[page], Marker } as never);
          },
        },
      },
      policy,
    );

  test('from every page, and of no other site', async () => {
    const seen = await described(
      [one('mysite-replica-1'), one('othersite-primary')],
      [one('mysite-primary'), one('mysite-replica-1-copy')],
      [one('mysite-retired-3')],
    );
    expect(seen.map(({ identifier }) => identifier)).toEqual([
      'mysite-primary',
      'mysite-replica-1',
      'mysite-retired-3',
    ]);
  });

  test('an instance that has no address yet', async () => {
    const [seen] = await described([one('mysite-replica-1', { DBInstanceStatus: 'creating' })]);
    expect(seen).toMatchObject({ status: 'creating', groups: [], multiAz: false, isOurs: false });
    expect(seen).not.toHaveProperty('endpoint');
    expect(seen).not.toHaveProperty('source');
  });

  test('whether CloudFormation made it', async () => {
    const tagged = (Key: string) => one('mysite-replica-1', { TagList: [{ Key, Value: 'x' }] });
    const [seen] = await described([tagged('aws:cloudformation:stack-id')]);
    expect(seen).toMatchObject({ isOfStack: true, isOurs: false });
    const [other] = await described([tagged('cloudformation:stack-id')]);
    expect(other).not.toHaveProperty('isOfStack');
  });

  test('whether the controller made it, and groups that come and go', async () => {
    const [seen] = await described([
      one('mysite-replica-1', {
        TagList: [{ Key: 'scale-from-zero:made-by', Value: 'failover-controller' }],
        VpcSecurityGroups: [
          { VpcSecurityGroupId: 'sg-1', Status: 'active' },
          { VpcSecurityGroupId: 'sg-2', Status: 'adding' },
          { VpcSecurityGroupId: 'sg-3', Status: 'removing' },
        ],
      }),
    ]);
    expect(seen).toMatchObject({
      isOurs: true,
      groups: [
        { id: 'sg-1', active: true },
        { id: 'sg-2', active: false },
        { id: 'sg-3', active: false, leaving: true },
      ],
    });
  });
});
