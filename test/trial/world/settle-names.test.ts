import type { Memory } from '../../../lambda/failover/memory';
import type { RdsState } from '../../../trial/rds/model/state';
import { settleNames } from '../../../trial/world/settle-names';
import { World } from '../rds/world';

const PRIMARY = 'site-primary';
const QUARANTINE = ['sg-quarantine'];

const modify = (world: World, DBInstanceIdentifier: string, change: object) =>
  world.model.call('ModifyDBInstance', { DBInstanceIdentifier, ApplyImmediately: true, ...change });

/** A primary with two replicas. */
async function group(): Promise<World> {
  const world = new World();
  await world.replicated('site-replica-1', 'site-replica-2');
  for (const replica of ['site-replica-1', 'site-replica-2']) {
    await modify(world, replica, { VpcSecurityGroupIds: ['sg-1'] });
  }
  await world.pass('securityGroups');
  return world;
}

/** The old primary is in quarantine, `site-replica-1` is promoted and has one new replica. */
async function failedOver(): Promise<{ world: World; memory: Memory; old: string; promoted: string }> {
  const world = await group();
  const [old, promoted] = [await world.id(PRIMARY), await world.id('site-replica-1')];
  await modify(world, PRIMARY, { VpcSecurityGroupIds: QUARANTINE });
  await world.model.call('PromoteReadReplica', {
    DBInstanceIdentifier: 'site-replica-1',
    BackupRetentionPeriod: 7,
  });
  await world.pass('promote', 'backup');
  await world.model.call('CreateDBInstanceReadReplica', {
    DBInstanceIdentifier: 'site-replica-3',
    SourceDBInstanceIdentifier: 'site-replica-1',
    VpcSecurityGroupIds: ['sg-1'],
  });
  await world.pass('createReplica');
  const memory = memoryOf(promoted, {
    retired: [{ resourceId: old, epoch: 4, recovery: 'needed', since: 0 }],
  });
  return { world, memory, old, promoted };
}

const memoryOf = (primary: string, more: Partial<Memory> = {}): Memory => ({
  phase: 'steady',
  epoch: 5,
  primary,
  retired: [],
  unfitSince: {},
  inFlight: [],
  creating: {},
  backoff: {},
  stackPolicy: 'open',
  ...more,
});

/** Name → resource id. */
const names = ({ instances }: RdsState) =>
  Object.fromEntries(instances.map(({ identifier, resourceId }) => [identifier, resourceId]));

test('a group with its usual names stays as it is', async () => {
  const { model } = await group();
  const before = model.toJSON();
  expect(settleNames(before, undefined, 'site')).toEqual({ state: before, removed: [] });
});

test.each([true, false])(
  'after a failover the promoted one is the primary (journal: %s)',
  async (isKnown) => {
    const { world, memory, old, promoted } = await failedOver();
    const sibling = await world.id('site-replica-2');
    const replica = await world.id('site-replica-3');
    // Siblings are deleted while the group heals; without a journal only then it can be told who the primary is.
    if (!isKnown) {
      await world.model.call('DeleteDBInstance', {
        DBInstanceIdentifier: 'site-replica-2',
        SkipFinalSnapshot: true,
      });
      await world.pass('delete');
    }
    const { state, removed } = settleNames(world.model.toJSON(), isKnown ? memory : undefined, 'site');
    const retired = isKnown ? 'site-retired-4' : 'site-retired-1';
    expect(names(state)).toEqual({ [PRIMARY]: promoted, [retired]: old, 'site-replica-1': replica });
    expect(removed).toEqual(isKnown ? [sibling] : []);
    expect(state.instances.find(({ resourceId }) => resourceId === old)!.securityGroupIds).toEqual(
      QUARANTINE,
    );
    expect(settleNames(state, isKnown ? memory : undefined, 'site')).toEqual({ state, removed: [] });
  },
);

test('names that are being changed are changed at once', async () => {
  const { world, memory, old, promoted } = await failedOver();
  await modify(world, PRIMARY, { NewDBInstanceIdentifier: 'site-retired-4' });
  await world.pass('identifier', 'dns');
  await modify(world, 'site-replica-1', { NewDBInstanceIdentifier: PRIMARY });
  await world.pass('identifier');
  const { state } = settleNames(world.model.toJSON(), memory, 'site');
  expect(names(state)).toMatchObject({ [PRIMARY]: promoted, 'site-retired-4': old });
  for (const { tasks, pending } of state.instances) {
    expect(tasks).toEqual([]);
    expect(pending).toEqual({});
  }
});

test('a failover that has not promoted anybody is over: the old primary is let out of quarantine', async () => {
  const world = await group();
  const old = await world.id(PRIMARY);
  await modify(world, PRIMARY, { VpcSecurityGroupIds: QUARANTINE });
  await world.pass('securityGroups');
  const failover = {
    kind: 'automatic',
    by: 'controller',
    from: old,
    decidedAt: 0,
    fence: {},
    siblings: [],
  } as const;
  const { state, removed } = settleNames(
    world.model.toJSON(),
    memoryOf(old, { phase: 'fencing', failover }),
    'site',
  );
  expect(removed).toEqual([]);
  const [primary] = state.instances.filter(({ identifier }) => identifier === PRIMARY);
  expect(primary).toMatchObject({ resourceId: old, securityGroupIds: ['sg-1'] });
});

test('who has been asked to be promoted is the primary of the next run', async () => {
  const world = await group();
  const [old, candidate] = [await world.id(PRIMARY), await world.id('site-replica-1')];
  await world.model.call('PromoteReadReplica', { DBInstanceIdentifier: 'site-replica-1' });
  const failover = {
    kind: 'automatic',
    by: 'controller',
    from: old,
    decidedAt: 0,
    fence: {},
    siblings: [],
    candidate,
    promoteAskedAt: 1,
  } as const;
  const { state } = settleNames(
    world.model.toJSON(),
    memoryOf(old, { phase: 'promoting', failover }),
    'site',
  );
  expect(names(state)).toEqual({ [PRIMARY]: candidate, 'site-retired-1': old });
  const [retired] = state.instances.filter(({ resourceId }) => resourceId === old);
  // It was in no quarantine yet: nobody gets to it all the same.
  expect(retired!.securityGroupIds).toEqual([]);
});
