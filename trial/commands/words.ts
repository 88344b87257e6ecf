import { type Options, type Words, readWords as read } from '../../lib/terminal/words';

/** @throws UsageFailure naming the nearest known option */
export const readWords = (command: string, args: readonly string[], options: Options): Words =>
  read('npm run trial', command, args, options);
