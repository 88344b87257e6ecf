/** A broken promise, for people. */
import type { Result } from './simulate';
import { clockText } from './trace';
import { scheduleText } from './words';

const WIDEST = 200;

/** What happened, line by line; the same again and again is one line. */
export function timeline({ trace }: Result): string {
  const lines: string[] = [];
  for (let index = 0; index < trace.length; index++) {
    const { at, text } = trace[index]!;
    let last = index;
    while (trace[last + 1]?.text === text) last++;
    const again = last > index ? ` (${last - index} times more, until ${clockText(trace[last]!.at)})` : '';
    lines.push(`${clockText(at).padStart(9)}  ${cut(readable(text))}${again}`);
    index = last;
  }
  return lines.join('\n');
}

/** The part of an endpoint that all have tells nothing. */
const readable = (text: string): string =>
  text.replace(/\.c[a-z0-9]{11}\.[a-z0-9-]+\.rds\.amazonaws\.com/g, '');
const cut = (text: string): string => (text.length > WIDEST ? `${text.slice(0, WIDEST)}…` : text);

/**
 * @param original as it was drawn
 * @param smallest as it was made smaller
 * @param option with which it was drawn: ` --scenario …`
 */
export function violationText(original: Result, smallest: Result, option = ''): string {
  const { violation, schedule } = smallest;
  if (!violation) return '';
  const { number, sentence, detail, at } = violation;
  return [
    `Point ${number} is broken: ${sentence}.`,
    `  after ${clockText(at)}: ${detail}`,
    '',
    `The smallest schedule found, of ${schedule.faults.length} faults instead of ${original.schedule.faults.length}:`,
    scheduleText(schedule),
    '',
    timeline(smallest),
    '',
    `Again, as it was drawn: npm run simulate --${option} --seed ${original.schedule.seed} --verbose`,
  ].join('\n');
}
