/** Schedules by chance: the same for the same seed. */
import { rarerFaults, WHOM } from './generate-rarer';
import { EARLIEST, LATEST } from './generate-together';
import { between, chance, oneOf, type Random, randomOf, weighted } from './random';
import type {
  CallFate,
  Deployment,
  Fault,
  FaultKind,
  OperatorCommand,
  Schedule,
  Service,
  Setup,
  Side,
} from './schedule';

/** How often each kind of fault is drawn; the others are drawn by chances of their own (generate-rarer.ts). */
const KINDS = {
  kill: 10,
  'lose-host': 6,
  dead: 6,
  freeze: 8,
  isolate: 6,
  cut: 12,
  'slow-replication': 5,
  'slow-replay': 3,
  'disk-full': 2,
  reboot: 4,
  delete: 2,
  calls: 12,
  stale: 4,
  crash: 10,
  pause: 6,
  'second-run': 4,
  hold: 4,
  command: 8,
  deployment: 4,
} as const satisfies Partial<Record<FaultKind, number>>;

type UsualKind = keyof typeof KINDS;

const FATES: readonly CallFate[] = ['fails', 'throttled', 'slow', 'unanswered, done', 'unanswered, not done'];
const SERVICES: readonly Service[] = ['rds', 'journal', 'names', 'stack', 'databases'];
const DEPLOYMENTS: readonly Deployment[] = ['class', 'security groups', 'backups'];

const CUTS: readonly (readonly [Side, Side])[] = [
  ['controller', 'primary'],
  ['controller', 'replica-1'],
  ['controller', 'candidate'],
  ['controller', 'rds'],
  ['controller', 'journal'],
  ['controller', 'names'],
  ['controller', 'databases'],
  ['clients', 'primary'],
  ['clients', 'replica-1'],
  ['primary', 'replica-1'],
  ['primary', 'replica-2'],
];

export function generate(seed: number): Schedule {
  const random = randomOf(seed, 0);
  const setup = someSetup(random, randomOf(seed, 10));
  const faults: Fault[] = [];
  // Nearly always something happens to the primary: nothing is learned from calm.
  if (chance(random, 0.8)) {
    const first = primaryFails(random, between(random, EARLIEST, 300));
    faults.push(first);
    if (chance(random, 0.15)) faults.push(replicaFails(random, first.at));
    if (chance(random, 0.3)) faults.push(candidateFails(random, first.at));
  }
  // When the group has healed, and the last failover is not long ago.
  if (chance(random, 0.08)) faults.push(primaryFails(random, between(random, 1_300, 1_900)));
  const count = weighted(random, { 0: 1, 1: 4, 2: 5, 3: 4, 4: 3, 5: 2, 6: 1 });
  for (let index = 0; index < Number(count); index++) faults.push(someFault(random));
  faults.push(...rarerFaults(seed, setup));
  return { seed, setup, faults: faults.sort((one, other) => one.at - other.at) };
}

/** @param rds what is RDS's own is left to another chance, so that the rest is the same with it and without */
function someSetup(random: Random, rds: Random): Setup {
  const clients = between(random, 1, 3);
  return {
    replicas: Number(weighted(random, { 1: 3, 2: 5, 3: 2 })),
    fencePolicy: chance(random, 0.85) ? 'strict' : 'best-effort',
    mode: chance(random, 0.95) ? 'automatic' : 'notify',
    minimumIntervalMillis: 60_000 * oneOf(random, [0, 10, 60, 60]),
    // The first run is at 12:25 on a Sunday.
    maintenanceWindow: oneOf(random, ['sun:03:00-sun:04:00', 'sun:03:00-sun:04:00', 'sun:13:00-sun:14:00']),
    multiAz: chance(random, 0.07),
    clients,
    clinging: between(random, 0, clients),
    ...(chance(rds, 0.1) && { classWaits: true }),
  };
}

const FATAL = ['kill', 'lose-host', 'dead', 'freeze', 'isolate'] as const;

function primaryFails(random: Random, at: number): Fault {
  const kind = oneOf(random, FATAL);
  return { kind, whom: 'primary', at, lasts: lengthOf(random, kind) };
}

/** A replica is away already, and for long. */
function replicaFails(random: Random, at: number): Fault {
  const kind = oneOf(random, ['dead', 'freeze', 'isolate'] as const);
  return { kind, whom: 'replica-1', at: Math.max(60, at - between(random, 10, 240)), lasts: 900 };
}

/** On top of it: who is being promoted fails as well, or is deleted by somebody. */
function candidateFails(random: Random, at: number): Fault {
  const kind = chance(random, 0.4) ? 'delete' : oneOf(random, FATAL);
  const then = at + between(random, 40, 420);
  // So long that it counts as lost.
  return { kind, whom: 'candidate', at: then, lasts: chance(random, 0.2) ? 2_100 : lengthOf(random, kind) };
}

/** Seconds. */
function lengthOf(random: Random, kind: UsualKind): number {
  switch (kind) {
    case 'kill':
    case 'lose-host':
    case 'reboot':
    case 'delete':
    case 'crash':
    case 'second-run':
    case 'command':
    case 'deployment':
      return 0;
    case 'pause':
      return between(random, 8, 90);
    case 'calls':
    case 'stale':
      return between(random, 20, 300);
    default:
      // Short ones are blips; long ones outlast a failover.
      return chance(random, 0.4) ? between(random, 3, 40) : between(random, 40, 480);
  }
}

function someFault(random: Random): Fault {
  const kind = weighted(random, KINDS);
  const span = { at: between(random, EARLIEST, LATEST), lasts: lengthOf(random, kind) };
  const whom = weighted(random, WHOM);
  switch (kind) {
    case 'cut': {
      const [one, other] = oneOf(random, CUTS);
      return { ...span, kind, one, other };
    }
    case 'slow-replication':
    case 'slow-replay':
      return {
        ...span,
        kind,
        whom: oneOf(random, ['replica-1', 'replica-2']),
        seconds: between(random, 3, 120),
      };
    case 'delete':
      return { ...span, kind, whom: 'replica-1' };
    case 'calls':
      return {
        ...span,
        kind,
        service: oneOf(random, SERVICES),
        fate: oneOf(random, FATES),
        share: oneOf(random, [0.1, 0.3, 0.6, 1]),
      };
    case 'stale':
      return { ...span, kind, seconds: between(random, 1, 8) };
    case 'crash':
      return { ...span, kind, step: between(random, 1, 40), side: chance(random, 0.5) ? 'before' : 'after' };
    case 'pause':
      return { ...span, kind, step: between(random, 1, 40) };
    case 'second-run':
    case 'hold':
      return { ...span, kind };
    case 'command':
      return { ...span, kind, command: someCommand(random) };
    case 'deployment':
      return { ...span, kind, of: oneOf(random, DEPLOYMENTS) };
    default:
      return { ...span, kind, whom };
  }
}

function someCommand(random: Random): OperatorCommand {
  const kind = weighted(random, { switchover: 8, promote: 5, acknowledge: 3, names: 2, waive: 2 });
  const to = chance(random, 0.3) ? ({ to: 'replica-1' } as const) : {};
  switch (kind) {
    case 'switchover':
      return { kind, ...to };
    case 'promote':
      return { kind, ...to, withoutFence: chance(random, 0.3), acceptLoss: chance(random, 0.3) };
    case 'waive':
      return { kind, recovered: chance(random, 0.5) };
    default:
      return { kind };
  }
}
