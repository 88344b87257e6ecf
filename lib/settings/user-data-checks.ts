import type { Settings } from '../settings';
import { quoted } from '../web/shell';
import { type Broken, when } from './broken';

/**
 * EC2 takes 16,384 bytes of user data before base64 (EC2 guide, "Run commands when you launch an EC2 instance with user data
 * input"). So much of it is for the settings that may be of any length; all else, at its longest, leaves room for that
 * (test/lib/web/user-data.test.ts).
 */
export const FREE_USER_DATA_BYTES = 8_192;

/** What may be of any length, as the shell is given it (lib/web/user-data.ts). */
export function userDataChecks({ environment, packages, startCommand }: Settings['web']): Broken[] {
  const lengths = {
    'web.environment': bytesOf(Object.entries(environment).map(([name, value]) => `${name}=${value}`)),
    'web.packages': bytesOf(packages),
    'web.startCommand': bytesOf([startCommand]),
  };
  const all = Object.values(lengths).reduce((sum, bytes) => sum + bytes);
  const [longest, ...others] = Object.entries(lengths)
    .toSorted(([, one], [, other]) => other - one)
    .map(([path]) => path);
  return when(
    all > FREE_USER_DATA_BYTES,
    [longest!, ...others],
    `at most ${FREE_USER_DATA_BYTES} bytes of ${[longest, ...others].join(', ')} together, as EC2 takes 16 KB of user data; these have ${all}: put long values into a file of the artifact`,
  );
}

const bytesOf = (words: readonly string[]): number => Buffer.byteLength(words.map(quoted).join(' '));
