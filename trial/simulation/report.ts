/** A broken promise, for people. */
import type { Result } from './simulate';
import { clockText } from './trace';
import { scheduleText } from './words';

const WIDEST = 200;

/** What happened, line by line. */
export const timeline = ({ trace }: Result): string =>
  trace.map(({ at, text }) => `${clockText(at).padStart(9)}  ${cut(readable(text))}`).join('\n');

/** The same line again and again tells nothing; nor does the part of an endpoint that all have. */
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
