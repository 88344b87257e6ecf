/** What is to be done about the servers: pure decisions. */
import type { Instance } from './fleet-api';

/** `dead`: it ended by itself, or could not start. */
export type Phase = 'starting' | 'running' | 'leaving' | 'dead';

export interface Known {
  readonly phase: Phase;
  /** Milliseconds; when a dead or unhealthy one may be replaced. */
  readonly replaceAt?: number;
}

export interface Plan {
  readonly start: readonly Instance[];
  /** Ids of running servers whose instances their group has given up. */
  readonly stop: readonly string[];
  /** Dead or unhealthy ones that their group still counts on. */
  readonly replace: readonly Instance[];
  /** Ids of which nothing is left. */
  readonly forget: readonly string[];
}

/**
 * @param unhealthy ids of running servers that their group is to replace
 * @param now milliseconds, of the same clock as `replaceAt`
 */
export function plan(
  wanted: readonly Instance[],
  known: ReadonlyMap<string, Known>,
  unhealthy: ReadonlySet<string>,
  now: number,
): Plan {
  const ids = new Set(wanted.map(({ id }) => id));
  const unwanted = [...known].filter(([id]) => !ids.has(id));
  const withPhase = (...phases: Phase[]) =>
    unwanted.filter(([, { phase }]) => phases.includes(phase)).map(([id]) => id);
  return {
    start: wanted.filter(({ id }) => !known.has(id)),
    stop: withPhase('running'),
    replace: wanted.filter(({ id }) => {
      const one = known.get(id);
      const isLost = one?.phase === 'dead' || (one?.phase === 'running' && unhealthy.has(id));
      return isLost && (one.replaceAt ?? 0) <= now;
    }),
    forget: withPhase('dead'),
  };
}

/** A server that has run for so long was not dead on arrival. */
export const SETTLED_MILLIS = 10_000;

/**
 * How long to wait before a dead server is replaced, in milliseconds: not at all, unless one after the other dies early
 * (an artifact that does not start). Then ever longer, so that the trial does not start processes without end.
 *
 * @param earlyDeaths how many in a row have died before SETTLED_MILLIS, this one included
 */
export const replacementDelay = (earlyDeaths: number): number =>
  earlyDeaths <= 1 ? 0 : Math.min(30_000, 500 * 2 ** (earlyDeaths - 2));

/**
 * The loopback address of an instance: the last two parts of its private one, which differ within a VPC, as that has at
 * most 65,536 addresses (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html). An address is given
 * again while its former server still drains: then the next network has room.
 *
 * @param network second part of 127.x.0.0
 * @returns undefined when both are taken
 */
export function loopbackAddress(
  privateAddress: string,
  network: number,
  isTaken: (address: string) => boolean,
): string | undefined {
  const [, , third, fourth] = privateAddress.split('.');
  return [network, network + 1]
    .map((second) => `127.${second}.${third}.${fourth}`)
    .find((one) => !isTaken(one));
}
