/** Options of the failover command. */
import type { Options, Words } from '../../lib/terminal/words';
import { type Common, commonHelp, readArguments as readCommon } from '../people/words';

export const PROGRAM = 'npm run failover';

export const COMMON_HELP = commonHelp(PROGRAM);

/** @throws UsageFailure naming the nearest known option */
export const readArguments = (
  command: string,
  args: readonly string[],
  own: Options,
): Words & { readonly common: Common } => readCommon(PROGRAM, command, args, own);
