import { invalidParameterValue } from './errors';
import type { RdsState } from './state';

/** Next pseudo-random number from 0 to 1 (mulberry32); the seed in `state` moves on, so that runs can be repeated. */
export function random(state: Pick<RdsState, 'seed'>): number {
  state.seed = (state.seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state.seed ^ (state.seed >>> 15), 1 | state.seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

const pick = (state: RdsState, length: number, alphabet: string): string =>
  Array.from({ length }, () => alphabet[Math.floor(random(state) * alphabet.length)]).join('');

/** `db-` and 26 capital letters and digits, as RDS names its resources. */
export const newResourceId = (state: RdsState): string =>
  `db-${pick(state, 26, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`;

/** In the form of a UUID, of version 4. */
export function newUuid(state: RdsState): string {
  const hex = pick(state, 30, '0123456789abcdef');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(12, 15)}`,
    `8${hex.slice(15, 18)}`,
    hex.slice(18),
  ].join('-');
}

/** Twelve letters and digits that all endpoints of an account in a region have: the same for the same two. */
export function endpointSuffix(accountId: string, region: string): string {
  let seed = 0;
  for (const letter of accountId + region) seed = (Math.imul(seed, 31) + letter.charCodeAt(0)) | 0;
  return `c${pick({ seed } as RdsState, 11, 'abcdefghijklmnopqrstuvwxyz0123456789')}`;
}

/** @returns the identifier as RDS keeps it, in small letters */
export function identifier(value: string, parameter: string): string {
  // "Depending on what is wrong …, AWS produces different error messages" (moto, tests/test_rds/test_rds.py).
  if (parameter.includes('Snapshot') && /^[^a-z]/i.test(value)) {
    throw invalidParameterValue(`Invalid snapshot identifier:  ${value}`);
  }
  const length = parameter.includes('Snapshot') ? 255 : 63;
  if (!/^[a-z](?:-?[a-z0-9])*$/i.test(value) || value.length > length) {
    throw invalidParameterValue(
      `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ` +
        'ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.',
    );
  }
  return value.toLowerCase();
}
