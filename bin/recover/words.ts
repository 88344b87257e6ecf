/** Options of the recover command. */
import { UsageFailure, remedy } from '../../lib/terminal/usage';
import type { Options, Words } from '../../lib/terminal/words';
import { type Common, commonHelp, readArguments as readCommon } from '../people/words';

export const PROGRAM = 'npm run recover';

export const COMMON_HELP = commonHelp(PROGRAM);

/** @throws UsageFailure naming the nearest known option */
export const readArguments = (
  command: string,
  args: readonly string[],
  own: Options,
): Words & { readonly common: Common } => readCommon(PROGRAM, command, args, own);

/** Where a direct run finds its passwords; they stand in no command line, which everybody on a machine can read. */
export const PASSWORD_HELP = `URL is postgres://USER@HOST:PORT/DATABASE?sslmode=…&sslrootcert=FILE, without a
password: other people on a machine can read command lines. It is taken from
PGPASSWORD or ~/.pgpass. sslmode is verify-full (default), verify-ca, or disable
(default for this machine itself).`;

/** @throws UsageFailure */
export function choice<T extends string>(
  option: string,
  given: string | undefined,
  all: readonly [T, ...T[]],
): T {
  if (given === undefined) return all[0];
  const found = all.find((one) => one === given);
  if (found !== undefined) return found;
  throw new UsageFailure(`--${option} ${given} is not known: ${remedy(given, all)}`);
}

/** @throws UsageFailure */
export function whole(
  option: string,
  given: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (given === undefined) return undefined;
  const value = /^\d{1,9}$/.test(given) ? Number(given) : NaN;
  if (value >= least && value <= most) return value;
  throw new UsageFailure(`--${option} ${given} is not a whole number from ${least} to ${most}.`);
}

/** Options that say which site is meant, as they are typed again. */
export function sameSite({ context, isTrial, folder }: Common): string {
  const words = [
    ...context.flatMap((pair) => ['-c', quoted(pair)]),
    ...(folder !== undefined ? ['--folder', quoted(folder)] : isTrial ? ['--trial'] : []),
  ];
  return words.join(' ');
}

/** For a shell. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`;

/** `npm run recover -- WORDS OPTIONS` */
export const typed = (...words: readonly string[]): string =>
  [`${PROGRAM} --`, ...words.filter((word) => word !== '')].join(' ');
