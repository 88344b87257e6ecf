/** Faults that come together: what one of them alone does not show. */
import { ERROR_CODES } from './errors';
import { between, chance, oneOf, type Random } from './random';
import type { CallFate, Fault, RdsOperation, Setup, Whom } from './schedule';

/** Faults begin within these seconds. */
export const EARLIEST = 90;
export const LATEST = 12 * 60;

export type Draw = (random: Random, setup: Setup) => readonly Fault[];

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

export const operationFails = (random: Random, operation = oneOf(random, OPERATIONS)): Fault => ({
  kind: 'calls',
  service: 'rds',
  operation,
  fate: oneOf(random, FATES),
  share: oneOf(random, [0.5, 1, 1]),
  at: between(random, EARLIEST, LATEST),
  lasts: between(random, 60, 900),
});

export const eachOld = (random: Random): Fault => ({
  kind: 'stale',
  each: true,
  seconds: between(random, 2, 8),
  at: between(random, EARLIEST, LATEST),
  lasts: between(random, 60, 600),
});

const replicasOf = (count: number) => (['replica-1', 'replica-2', 'replica-3'] as const).slice(0, count);

/** Controller and replicas do not reach the primary, and clients do; perhaps RDS does not do as it is told meanwhile. */
export function partition(random: Random, { replicas }: Setup): readonly Fault[] {
  const span = { at: between(random, EARLIEST, 300), lasts: between(random, 120, 1_200) };
  const cut = (other: Whom | 'controller'): Fault => ({ ...span, kind: 'cut', one: 'primary', other });
  const others = replicasOf(replicas);
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
export function halfBlind(random: Random): readonly Fault[] {
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

/** The primary answers the controller with an error, no replica receives from it; perhaps it stands still when that is over. */
export function deaf(random: Random, { replicas }: Setup): readonly Fault[] {
  const at = between(random, EARLIEST, 300);
  const lasts = between(random, 40, 300);
  const cuts = replicasOf(replicas).map((other): Fault => ({
    kind: 'cut',
    one: 'primary',
    other,
    at: at + 5,
    lasts,
  }));
  const errors: Fault = { kind: 'errors', whom: 'primary', code: oneOf(random, ERROR_CODES), at, lasts };
  return chance(random, 0.5)
    ? [errors, ...cuts]
    : [errors, ...cuts, { kind: 'freeze', whom: 'primary', at: at + lasts, lasts: between(random, 8, 60) }];
}

/** RDS or a person restarts the primary of a partition: perhaps before its quarantine is in force. */
export const restartedBefore: Draw = (random, setup) => {
  const faults = partition(random, setup);
  const [{ at }] = faults as [Fault];
  return [...faults, { kind: 'reboot', whom: 'primary', at: at + between(random, 20, 70), lasts: 0 }];
};
