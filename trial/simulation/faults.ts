/** Makes the faults of a schedule happen, and takes them back. */
import type { Command } from '../../lambda/failover/ports';
import { deploy } from './deployment';
import { randomOf } from './random';
import type { Fault, OperatorCommand, Side, Whom } from './schedule';
import type { World } from './world';
import { onServer } from './server-faults';
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

function primary({ journal, zone, plane }: World): string | undefined {
  const { writer } = zone.names;
  return (writer && plane.named(writer)?.resourceId) ?? journal.memory?.primary;
}

/** There is no way back to it. */
const isBeingReplaced = ({ journal: { memory } }: World): boolean =>
  memory?.failover?.promoteAskedAt !== undefined && memory.phase !== 'healing';

/** The resource id of who plays this part now. */
export function who(world: World, whom: Whom): string | undefined {
  const { memory } = world.journal;
  switch (whom) {
    case 'primary':
      return primary(world);
    case 'candidate':
      // Who has been opened is the primary.
      return memory?.phase === 'healing' ? undefined : memory?.failover?.candidate;
    case 'old-primary':
      return memory?.retired[0]?.resourceId ?? memory?.failover?.from;
    default: {
      const replicas = [...world.plane.servers.values()].filter(({ source }) => source === primary(world));
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
    // Whoever deletes the primary has nothing that could be promised, until another one is being promoted.
    if (fault.kind === 'delete' && resourceId === primary(world) && !isBeingReplaced(world)) return false;
    return onServer(world, fault, resourceId, index);
  }
  switch (fault.kind) {
    case 'cut': {
      const [one, other] = [party(world, fault.one), party(world, fault.other)];
      return one !== undefined && other !== undefined && network.cut(one, other);
    }
    case 'calls':
      return calls.add({ ...fault, random: randomOf(world.schedule.seed, 7, index) });
    case 'stale':
      world.stale = fault;
      return () => void (world.stale === fault && delete world.stale);
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
