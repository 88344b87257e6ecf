/** What a run of the controller takes from the simulated world. */
import {
  CallFailed,
  type JournalPort,
  type NamesPort,
  type Ports,
  type StackPort,
} from '../../lambda/failover/ports';
import type { Asked } from './asked';
import { databasesPort } from './databases-port';
import { rdsPort } from './rds-port';
import type { Run } from './run';
import type { Service } from './schedule';
import type { World } from './world';

export function portsOf(world: World, run: Run): Ports {
  const { clock, calls, random } = world;
  return {
    clock: {
      now: () => clock.now() + run.skewMillis,
      async sleep(milliseconds) {
        await clock.sleep(milliseconds);
        const after = calls.pass(run, 'after');
        if (after) await after;
      },
    },
    rds: rdsPort(world, run),
    names: namesPort(world, run),
    databases: databasesPort(world, run),
    journal: journalPort(world, run),
    stack: stackPort(world, run),
    notify: async (notice) => void world.notices.push(notice),
    log: { info: nothing, warn: nothing, error: nothing, metric: nothing },
    random: random.controller,
  };
}

const nothing = () => undefined;

/** A call with the points at which a run may end or rest. `asks`: the change, when it is one. */
async function called<T>(world: World, run: Run, service: Service, work: () => T, asks?: Asked): Promise<T> {
  const { calls } = world;
  const before = calls.pass(run, 'before');
  if (before) await before;
  if (asks) world.asked(run, asks);
  try {
    return await calls.make(service, work, { isChange: asks !== undefined });
  } catch (error) {
    if (asks && error instanceof CallFailed) world.failed(run, asks, error.outcome);
    throw error;
  } finally {
    const after = calls.pass(run, 'after');
    if (after) await after;
  }
}

function journalPort(world: World, run: Run): JournalPort {
  const { journal } = world;
  const call = <T>(work: () => T) => called(world, run, 'journal', work);
  return {
    read: () => {
      world.begins(run);
      return call(() => journal.read());
    },
    take: (stored, owner) => call(() => journal.take(stored, owner)),
    commit: (commit) => call(() => journal.commit(commit)),
    release: (owner) => call(() => journal.release(owner)),
  };
}

function namesPort(world: World, run: Run): NamesPort {
  return {
    read: () => called(world, run, 'names', () => world.zone.names),
    change: (from, to) =>
      called(
        world,
        run,
        'names',
        () => {
          world.zone.change(from, to);
          world.namesChanged();
        },
        { kind: 'names', from, to },
      ),
  };
}

function stackPort(world: World, run: Run): StackPort {
  return {
    setPolicy: (updates) =>
      called(
        world,
        run,
        'stack',
        () => {
          world.stackPolicy = updates;
          world.note(`deployments of the databases are ${updates}`);
        },
        { kind: 'stack', updates },
      ),
  };
}
