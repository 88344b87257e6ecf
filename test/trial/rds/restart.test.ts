import { DURATIONS } from '../../../trial/rds/durations';
import type { RdsState } from '../../../trial/rds/model/state';
import { NEW, refusal, World } from './world';

const name = 'site-primary';

/** The trial is ended, and begun again from what it wrote; its databases lie there, and do not run. */
async function restarted(world: World): Promise<World> {
  world.model.close();
  for (const server of world.plane.servers.values()) server.running = false;
  const state = JSON.parse(JSON.stringify(world.model.toJSON())) as RdsState;
  const next = new World({ clock: world.clock, plane: world.plane, state });
  await next.model.resume();
  return next;
}

test('instances are found again, and their databases run', async () => {
  let world = new World();
  await world.replicated('one');
  const before = world.model.toJSON();
  world = await restarted(world);
  expect(world.model.toJSON()).toEqual(before);
  for (const DBInstanceIdentifier of [name, 'one']) {
    const id = await world.id(DBInstanceIdentifier);
    expect(world.plane.servers.get(id)!.running).toBe(true);
  }
  const again = world.model.call('CreateDBInstance', NEW);
  expect(await refusal(again)).toBe('DBInstanceAlreadyExists 400');
});

test.each([
  [
    'creation',
    'create',
    async (world: World) => world.model.call('CreateDBInstance', { ...NEW, DBInstanceIdentifier: 'other' }),
  ],
  [
    'deletion',
    'delete',
    async (world: World) =>
      world.model.call('DeleteDBInstance', { DBInstanceIdentifier: 'one', SkipFinalSnapshot: true }),
  ],
  [
    'promotion',
    'promote',
    async (world: World) => world.model.call('PromoteReadReplica', { DBInstanceIdentifier: 'one' }),
  ],
  [
    'rename',
    'identifier',
    async (world: World) =>
      world.model.call('ModifyDBInstance', {
        DBInstanceIdentifier: name,
        NewDBInstanceIdentifier: 'new',
        ApplyImmediately: true,
      }),
  ],
  [
    'reboot',
    'reboot',
    async (world: World) => world.model.call('RebootDBInstance', { DBInstanceIdentifier: name }),
  ],
  [
    'change that waits',
    'modifyClass',
    async (world: World) =>
      world.model.call('ModifyDBInstance', { DBInstanceIdentifier: name, DBInstanceClass: 'db.m7g.large' }),
  ],
  [
    'change of groups',
    'securityGroups',
    async (world: World) =>
      world.model.call('ModifyDBInstance', { DBInstanceIdentifier: name, VpcSecurityGroupIds: ['sg-2'] }),
  ],
] as const)('a %s goes on where it was, and comes to the same end', async (_, span, act) => {
  const end = async (interrupted: boolean) => {
    let world = new World();
    await world.replicated('one');
    await act(world);
    await world.pass(DURATIONS[span].milliseconds / 2);
    if (interrupted) world = await restarted(world);
    // Long enough for a maintenance window.
    await world.pass(8 * 24 * 60 * 60_000);
    const { events, ...state } = world.model.toJSON();
    return {
      state,
      events: events.map(({ at, eventId, sourceIdentifier }) => [at, eventId, sourceIdentifier]),
    };
  };
  expect(await end(true)).toEqual(await end(false));
});

test('a stopped instance stays stopped, and one that is kept away stays away', async () => {
  let world = new World();
  await world.primary();
  await world.model.call('StopDBInstance', { DBInstanceIdentifier: name });
  await world.pass('stop');
  await world.model.call('CreateDBInstance', { ...NEW, DBInstanceIdentifier: 'other' });
  await world.pass('create', 'backup');
  world.model.holdDown('other');
  world = await restarted(world);
  expect([...world.plane.servers.values()].map(({ running }) => running)).toEqual([false, false]);
  expect(await world.status(name)).toBe('stopped');
  world.model.release('other');
  await world.pass('crashNotice', 'restart');
  expect([...world.plane.servers.values()].map(({ running }) => running)).toEqual([false, true]);
});

test('an instance whose database is gone, or does not start, has failed', async () => {
  let world = new World();
  await world.replicated('one');
  world.plane.servers.delete(await world.id('one'));
  world = await restarted(world);
  expect(await world.status('one')).toBe('failed');
  expect(await world.status(name)).toBe('available');
  world.plane.refusals.set('start', 1);
  world = await restarted(world);
  expect(await world.status(name)).toBe('failed');
});

test('each change is told, so that it can be written down', async () => {
  const world = new World();
  await world.primary();
  const changes = world.changes;
  expect(changes).toBeGreaterThan(0);
  const written = JSON.stringify(world.model.toJSON());
  await world.model.call('DescribeDBInstances', {});
  expect(world.changes).toBe(changes);
  expect(JSON.stringify(world.model.toJSON())).toBe(written);
});

test('after its end the model does nothing more', async () => {
  const world = new World();
  await world.model.call('CreateDBInstance', NEW);
  world.model.close();
  const calls = world.plane.calls.length;
  await world.pass('create', 'backup');
  expect(world.plane.calls.length).toBe(calls);
  expect(world.events).toEqual([]);
});
