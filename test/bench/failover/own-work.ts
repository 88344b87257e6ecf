/** What of a failover is the controller's own work: from its log. Pure. */
import type { LogLine } from './stand';

interface Millis {
  readonly look: number;
  readonly write: number;
}

const isState = (line: LogLine): line is LogLine & { readonly millis: Millis } =>
  typeof line['millis'] === 'object' && line['millis'] !== null;

const isCall = (line: LogLine): line is LogLine & { readonly millis: number } =>
  typeof line['millis'] === 'number';

/**
 * Milliseconds of looking, deciding, writing down and calling in the rounds that carried the failover on: from the one
 * that decided it to the one that saw it open. The pauses between rounds are not in it, nor are the rounds that only saw
 * that RDS was still busy.
 *
 * @param lines of one failover, in their order
 * @returns undefined when there is no whole failover in them
 */
export function ownWorkMillis(lines: readonly LogLine[]): number | undefined {
  const begin = lines.findIndex(({ message }) => message === 'primary-dead');
  const end = lines.findIndex(({ message }, index) => index > begin && message === 'opened');
  if (begin < 0 || end < 0) return undefined;
  return lines.slice(begin, end + 1).reduce((sum, line) => {
    if (isState(line)) return sum + line.millis.look + line.millis.write;
    return isCall(line) ? sum + line.millis : sum;
  }, 0);
}

/** Milliseconds of each look that is told. */
export const looksMillis = (lines: readonly LogLine[]): number[] =>
  lines.filter(isState).map(({ millis }) => millis.look);
