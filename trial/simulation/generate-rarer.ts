/** Faults that are each left to a chance of their own: a schedule without them is the same as it was before they were known. */
import { RESTING } from '../rds/model/state';
import { ERROR_CODES } from './errors';
import {
  deaf,
  type Draw,
  EARLIEST,
  eachOld,
  halfBlind,
  LATEST,
  operationFails,
  partition,
  restartedBefore,
} from './generate-together';
import { between, chance, oneOf, type Random, randomOf, weighted } from './random';
import { type Fault, OCCUPATIONS, type Schedule, type Whom } from './schedule';

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
  { number: 37, share: 0.05, draw: (random) => [renamed(random)] },
  { number: 38, share: 0.03, draw: (random) => [astray(random)] },
  { number: 39, share: 0.05, draw: (random) => [unseen(random)] },
  { number: 40, share: 0.04, draw: deaf },
  { number: 42, share: 0.05, draw: restartedBefore },
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

/** By a person: perhaps in the middle of a fence, of a promotion, or of healing. */
const renamed = (random: Random): Fault => ({
  kind: 'rename',
  whom: oneOf(random, ['primary', 'old-primary', 'replica-1', 'candidate'] as const),
  at: anyTime(random),
  lasts: between(random, 300, 1_200),
});

/** Shorter than what the controller takes for gone. */
const unseen = (random: Random): Fault => ({
  kind: 'unseen',
  whom: oneOf(random, ['primary', 'old-primary', 'replica-1', 'candidate'] as const),
  at: anyTime(random),
  lasts: between(random, 3, 60),
});

const astray = (random: Random): Fault => ({
  kind: 'astray',
  whom: oneOf(random, ['replica-1', 'replica-2'] as const),
  at: anyTime(random),
  lasts: 0,
});
