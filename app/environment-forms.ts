/**
 * The forms that environment variables take, shared by every program's contract: each carries what is allowed, in the
 * words that complete the sentence "must be …" of an error. Nothing heavy may be imported.
 */
// The whole module, not the name `z`: bundlers drop what is not used of it, and half a megabyte is not.
import * as z from 'zod';

/** A text that passes `test`; `allowed` completes the sentence "must be …" of the error. */
export const text = (allowed: string, test: (value: string) => boolean) =>
  z.string({ error: allowed }).refine(test, { error: allowed });

export const matching = (allowed: string, pattern: RegExp) => text(allowed, (value) => pattern.test(value));

/** Digits alone, at most ten: what is longer is no number of ours. */
export const wholeNumber = (lowest: number, highest: number, what = 'a whole number') =>
  text(
    `${what} from ${lowest} to ${highest}`,
    (value) => /^\d{1,10}$/.test(value) && Number(value) >= lowest && Number(value) <= highest,
  ).transform(Number);

export const port = (lowest: 0 | 1) => wholeNumber(lowest, 65_535, 'a port');

export const yesOrNo = () =>
  z.enum(['true', 'false'], { error: 'true or false' }).transform((value) => value === 'true');

export const hostName = () => matching('a host name', HOST_NAME);
export const HOST_NAME = /^[\w-]+(\.[\w-]+)*\.?$/;

/** PostgreSQL cuts identifiers to 63 bytes (NAMEDATALEN): a longer name would silently be another one. */
export const identifier = () => matching('1 to 63 printable ASCII characters', /^[\x20-\x7e]{1,63}$/);

export const pemFile = () => matching('the path of a PEM file', /^[^\0]+$/);

export const region = () => matching('an AWS region such as eu-central-1', /^[a-z]{2}(-[a-z]+)+-\d$/);

export const secretArn = () =>
  matching('the ARN of a Secrets Manager secret', /^arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:\S+$/);

/**
 * One sentence a variable that is wrong: its name, the value given, what is allowed.
 *
 * @param shown how a value may be shown; no variable holds a secret, but some hold a URL
 */
export const problemsOf = (
  error: z.ZodError | undefined,
  env: Readonly<Record<string, string | undefined>>,
  shown: (value: string) => string = (value) => value,
): string[] =>
  (error?.issues ?? []).map(({ path: [name], message }) => {
    const value = env[String(name)];
    return `${String(name)}${value === undefined ? ' is not set' : `=${shown(value)}`}: must be ${message}`;
  });
