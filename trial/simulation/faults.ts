/** Makes the faults of a schedule happen, and takes them back. */
import type { DBInstance } from '@aws-sdk/client-rds';
import type { Command } from '../../lambda/failover/ports';
import { RdsError } from '../rds/model/errors';
import { deploy } from './deployment';
import { randomOf } from './random';
import type { Fault, OperatorCommand, Side, Whom } from './schedule';
import type { World } from './world';
import { faultText } from './words';

/** Sets the clock for all of them. */
export function arm(world: World): void {
  world.schedule.faults.forEach((fault, index) => {
    world.clock.after(fault.at * 1000, () => {
      world.plane.advance();
      const end = begin(world, fault, index);
      world.note(end === false ? `no ${faultText(fault)}: there is none` : faultText(fault));
      if (!end) return;
      world.clock.after(fault.lasts * 1000, () => {
        world.plane.advance();
        world.note(`over: ${faultText(fault)}`);
        end();
      });
    });
  });
}

/** The resource id of who plays this part now. */
export function who(world: World, whom: Whom): string | undefined {
  const { memory } = world.journal;
  const { writer } = world.zone.names;
  const primary = (writer && world.plane.named(writer)?.resourceId) ?? memory?.primary;
  switch (whom) {
    case 'primary':
      return primary;
    case 'candidate':
      // Who has been opened is the primary.
      return memory?.phase === 'healing' ? undefined : memory?.failover?.candidate;
    case 'old-primary':
      return memory?.retired[0]?.resourceId ?? memory?.failover?.from;
    default: {
      const replicas = [...world.plane.servers.values()].filter(({ source }) => source === primary);
      return replicas[Number(whom.slice(-1)) - 1]?.resourceId;
    }
  }
}

const SERVICES = ['controller', 'clients', 'rds', 'journal', 'names', 'stack', 'databases'];

const party = (world: World, side: Side): string | undefined =>
  SERVICES.includes(side) ? side : who(world, side as Whom);

/** @returns what ends it, nothing when it is over at once, or false when there is nobody whom it meets */
function begin(world: World, fault: Fault, index: number): (() => void) | undefined | false {
  const { plane, network, calls, clock, journal, model } = world;
  if ('whom' in fault) {
    const resourceId = who(world, fault.whom);
    const server = resourceId === undefined ? undefined : plane.servers.get(resourceId);
    if (resourceId === undefined || !server) return false;
    // Whoever deletes the primary has nothing that could be promised.
    if (fault.kind === 'delete' && server.name === world.zone.names.writer) return false;
    return onServer(world, fault, resourceId);
  }
  switch (fault.kind) {
    case 'cut': {
      const [one, other] = [party(world, fault.one), party(world, fault.other)];
      return one !== undefined && other !== undefined && network.cut(one, other);
    }
    case 'calls':
      return calls.add({ ...fault, random: randomOf(world.schedule.seed, 7, index) });
    case 'stale':
      world.staleSeconds = Math.max(world.staleSeconds, fault.seconds);
      return () => void (world.staleSeconds = 0);
    case 'crash':
    case 'pause':
      calls.atStep({
        left: fault.step,
        side: fault.kind === 'crash' ? fault.side : 'after',
        meet: (run) => {
          if (fault.kind === 'crash') run.crash();
          else run.pause(fault.lasts * 1000);
        },
      });
      return undefined;
    case 'no-capacity':
      model.capacity(fault.how);
      return () => model.capacity(undefined);
    case 'second-run':
      world.starter.start();
      return undefined;
    case 'hold':
      journal.hold = { by: 'operator', at: clock.now(), why: 'a look' };
      return () => void delete journal.hold;
    case 'command':
      command(world, fault.command);
      return undefined;
    case 'deployment':
      deploy(world, fault.of);
      return undefined;
  }
}

function onServer(
  world: World,
  fault: Extract<Fault, { whom: Whom }>,
  resourceId: string,
): (() => void) | undefined {
  const { plane, model, network } = world;
  const server = plane.find(resourceId);
  // Who was deleted meanwhile is not mended.
  const ifThere = (mend: () => void) => () => void (plane.servers.has(resourceId) && mend());
  switch (fault.kind) {
    case 'kill':
      plane.crash(resourceId);
      return undefined;
    case 'lose-host':
      model.loseHost(resourceId);
      plane.crash(resourceId, true);
      return undefined;
    case 'dead': {
      const release = holdDown(world, resourceId);
      plane.crash(resourceId, true);
      return ifThere(() => {
        server.silent = false;
        release();
      });
    }
    case 'freeze':
      plane.freeze(resourceId);
      return ifThere(() => plane.thaw(resourceId));
    case 'isolate': {
      const join = network.isolate(resourceId);
      const release = holdDown(world, resourceId);
      return () => {
        join();
        release();
      };
    }
    case 'slow-replication': {
      const before = server.linkDelayMillis;
      server.linkDelayMillis = fault.seconds * 1000;
      return () => void (server.linkDelayMillis = before);
    }
    case 'slow-replay':
      server.replayDelayMillis = fault.seconds * 1000;
      return () => void (server.replayDelayMillis = 0);
    case 'disk-full':
      server.full = true;
      model.storageFull(resourceId, true);
      return ifThere(() => {
        server.full = false;
        model.storageFull(resourceId, false);
      });
    case 'grow':
      model.grow(resourceId);
      return undefined;
    case 'occupied':
      model.occupy(resourceId, fault.status, fault.lasts * 1000);
      return undefined;
    case 'reboot':
      byHand(world, 'RebootDBInstance', resourceId);
      return undefined;
    case 'delete':
      byHand(world, 'DeleteDBInstance', resourceId);
      return undefined;
  }
}

/** Nothing of RDS gets through, until the last fault of this kind is over. */
function holdDown({ model, plane, held }: World, resourceId: string): () => void {
  model.holdDown(resourceId);
  held.set(resourceId, (held.get(resourceId) ?? 0) + 1);
  return () => {
    const left = held.get(resourceId)! - 1;
    held.set(resourceId, left);
    if (left === 0 && plane.servers.has(resourceId)) model.release(resourceId);
  };
}

/** Somebody calls RDS; what it refuses is not done. */
function byHand(world: World, operation: 'RebootDBInstance' | 'DeleteDBInstance', resourceId: string): void {
  const instance: DBInstance | undefined = world.instance(resourceId);
  const request = {
    DBInstanceIdentifier: instance?.DBInstanceIdentifier,
    ...(operation === 'DeleteDBInstance' && { SkipFinalSnapshot: true }),
  };
  world.model.call(operation as 'DeleteDBInstance', request).catch((error: unknown) => {
    if (!(error instanceof RdsError)) throw error;
    world.note(`RDS refuses the hand: ${error.code}`);
  });
}

/** Puts a command where the controller finds it; one at a time. */
export function command(world: World, asked: OperatorCommand): void {
  const { journal, clock } = world;
  if (journal.command) return;
  if (asked.kind === 'acknowledge') world.acknowledgedAt = clock.now();
  const common = {
    id: `command-${journal.nextCommand()}`,
    by: 'operator',
    at: clock.now(),
    why: 'it must be',
  };
  if (asked.kind === 'switchover' || asked.kind === 'promote') {
    const resourceId = asked.to && who(world, asked.to);
    const to = resourceId && world.nameOf(resourceId);
    journal.command = { ...asked, ...common, to } as Command;
  } else {
    journal.command = { ...asked, ...common };
  }
}
