/** Faults that are each left to a chance of their own: a schedule without them is the same as it was before they were known. */
import { RESTING } from '../rds/model/state';
import { ERROR_CODES } from './errors';
import { between, chance, oneOf, type Random, randomOf, weighted } from './random';
import {
  type CallFate,
  type Fault,
  OCCUPATIONS,
  type RdsOperation,
  type Schedule,
  type Setup,
  type Whom,
} from './schedule';

/** Faults begin within these seconds. */
export const EARLIEST = 90;
export const LATEST = 12 * 60;

/** Mostly the primary, as most depends on it. */
export const WHOM: Readonly<Record<Whom, number>> = {
  primary: 10,
  'replica-1': 4,
  'replica-2': 2,
  'replica-3': 1,
  candidate: 2,
  'old-primary': 2,
};

const anybody = (random: Random): Whom => weighted(random, WHOM);
const anyTime = (random: Random): number => between(random, EARLIEST, LATEST);

type Draw = (random: Random, setup: Setup) => readonly Fault[];

/** How often, and what. Each has a chance of its own, by its number. */
const RARER: readonly { readonly number: number; readonly share: number; readonly draw: Draw }[] = [
  { number: 11, share: 0.1, draw: (random) => [changesRefused(random)] },
  { number: 21, share: 0.1, draw: (random) => [grown(random)] },
  { number: 22, share: 0.1, draw: (random) => [noCapacity(random)] },
  { number: 23, share: 0.15, draw: (random) => [occupied(random)] },
  { number: 24, share: 0.05, draw: (random) => [shown(random)] },
  { number: 25, share: 0.15, draw: (random) => [operationFails(random)] },
  { number: 26, share: 0.06, draw: (random) => [eachOld(random)] },
  { number: 27, share: 0.12, draw: (random) => [errors(random)] },
  { number: 28, share: 0.06, draw: (random) => [classWaits(random)] },
  { number: 29, share: 0.1, draw: (random) => [promotion(random)] },
  { number: 30, share: 0.05, draw: (random) => [flap(random)] },
  { number: 33, share: 0.03, draw: (random) => [deleted(random)] },
  { number: 34, share: 0.1, draw: partition },
  { number: 35, share: 0.08, draw: halfBlind },
  { number: 36, share: 1, draw: (random, { multiAz }) => (multiAz ? [ownFailover(random)] : []) },
];

export const rarerFaults = (seed: number, setup: Schedule['setup']): Fault[] =>
  RARER.flatMap(({ number, share, draw }) => {
    const random = randomOf(seed, number);
    return chance(random, share) ? draw(random, setup) : [];
  });

/** A role that somebody changed, a parameter that a service does not take any more. */
const changesRefused = (random: Random): Fault => ({
  kind: 'calls',
  service: oneOf(random, ['rds', 'rds', 'names', 'stack'] as const),
  fate: oneOf(random, ['denied', 'invalid'] as const),
  share: 1,
  at: anyTime(random),
  lasts: between(random, 60, 1_800),
});

const grown = (random: Random): Fault => ({
  kind: 'grow',
  whom: anybody(random),
  at: anyTime(random),
  lasts: 0,
});

const noCapacity = (random: Random): Fault => ({
  kind: 'no-capacity',
  how: oneOf(random, ['refused', 'given up'] as const),
  at: anyTime(random),
  lasts: between(random, 60, 1_800),
});

const occupied = (random: Random): Fault => ({
  kind: 'occupied',
  whom: anybody(random),
  status: oneOf(random, OCCUPATIONS),
  at: anyTime(random),
  lasts: between(random, 60, 900),
});

/** Those in which a server may still answer. */
const LASTING = RESTING.filter(
  (status) => !/^(available|stopped|storage-full|insufficient-capacity)$/.test(status),
);

const shown = (random: Random): Fault => ({
  kind: 'shown',
  whom: anybody(random),
  status: oneOf(random, LASTING),
  at: anyTime(random),
  lasts: between(random, 60, 900),
});

const OPERATIONS: readonly RdsOperation[] = [
  'DescribeDBInstances',
  'ModifyDBInstance',
  'RebootDBInstance',
  'PromoteReadReplica',
  'CreateDBInstanceReadReplica',
  'DeleteDBInstance',
];
const FATES: readonly CallFate[] = [
  'fails',
  'throttled',
  'unanswered, done',
  'unanswered, not done',
  'denied',
  'invalid',
  'wrong-state',
  'accepted, not done',
];

const operationFails = (random: Random, operation = oneOf(random, OPERATIONS)): Fault => ({
  kind: 'calls',
  service: 'rds',
  operation,
  fate: oneOf(random, FATES),
  share: oneOf(random, [0.5, 1, 1]),
  at: anyTime(random),
  lasts: between(random, 60, 900),
});

const eachOld = (random: Random): Fault => ({
  kind: 'stale',
  each: true,
  seconds: between(random, 2, 8),
  at: anyTime(random),
  lasts: between(random, 60, 600),
});

const errors = (random: Random): Fault => ({
  kind: 'errors',
  whom: anybody(random),
  code: oneOf(random, ERROR_CODES),
  at: anyTime(random),
  lasts: between(random, 20, 600),
});

const classWaits = (random: Random): Fault => ({
  kind: 'class-waits',
  whom: anybody(random),
  at: anyTime(random),
  lasts: 0,
});

const promotion = (random: Random): Fault => ({
  kind: 'promotion',
  whom: oneOf(random, ['replica-1', 'replica-1', 'replica-2', 'candidate'] as const),
  how: oneOf(random, ['fails', 'sticks'] as const),
  at: anyTime(random),
  lasts: oneOf(random, [300, 900, 3_000]),
});

const flap = (random: Random): Fault => ({
  kind: 'flap',
  whom: oneOf(random, ['primary', 'primary', 'replica-1', 'replica-2'] as const),
  ...oneOf(random, [
    { away: 5, there: 5 },
    { away: 20, there: 20 },
    { away: 25, there: 5 },
    { away: 3, there: 12 },
  ]),
  at: anyTime(random),
  lasts: between(random, 120, 900),
});

const deleted = (random: Random): Fault => ({
  kind: 'delete',
  whom: oneOf(random, ['old-primary', 'candidate', 'replica-2'] as const),
  at: anyTime(random),
  lasts: 0,
});

const ownFailover = (random: Random): Fault => ({
  kind: 'own-failover',
  whom: oneOf(random, ['primary', 'old-primary'] as const),
  at: anyTime(random),
  lasts: 0,
});

/** Controller and replicas do not reach the primary, and clients do; perhaps RDS does not do as it is told meanwhile. */
function partition(random: Random, { replicas }: Setup): readonly Fault[] {
  const span = { at: between(random, EARLIEST, 300), lasts: between(random, 120, 1_200) };
  const cut = (other: Whom | 'controller'): Fault => ({ ...span, kind: 'cut', one: 'primary', other });
  const others = (['replica-1', 'replica-2', 'replica-3'] as const).slice(0, replicas);
  const meanwhile = chance(random, 0.6)
    ? [
        oneOf(random, [
          operationFails(random, 'RebootDBInstance'),
          operationFails(random, 'ModifyDBInstance'),
          eachOld(random),
        ]),
      ]
    : [];
  return [
    cut('controller'),
    ...others.map((whom) => cut(whom)),
    ...meanwhile.map((fault) => ({ ...fault, at: span.at, lasts: between(random, 60, 900) })),
  ];
}

/** The controller alone has lost the primary, or is refused by it; then something small happens that would be no death. */
function halfBlind(random: Random): readonly Fault[] {
  const span = { at: between(random, EARLIEST, 240), lasts: between(random, 120, 900) };
  const at = span.at + between(random, 5, span.lasts);
  const lasts = between(random, 3, 18);
  return [
    chance(random, 0.6)
      ? { ...span, kind: 'cut', one: 'controller', other: 'primary' }
      : { ...span, kind: 'errors', whom: 'primary', code: oneOf(random, ERROR_CODES) },
    oneOf<Fault>(random, [
      { kind: 'reboot', whom: 'primary', at, lasts: 0 },
      { kind: 'reboot', whom: 'replica-1', at, lasts: 0 },
      { kind: 'freeze', whom: 'primary', at, lasts },
      { kind: 'cut', one: 'primary', other: 'replica-1', at, lasts },
    ]),
  ];
}
