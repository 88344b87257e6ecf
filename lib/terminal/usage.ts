import { nearest } from '../settings/nearest';
import { Failure } from './failure';

/** The words of a command are wrong: told in a sentence, and with another exit code than what failed. */
export class UsageFailure extends Failure {}

/** What there is, so that nobody has to look it up: `drop, late or deliver`. */
export const listed = (all: readonly string[]): string =>
  all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;

/** `did you mean kill?`, or what there is. */
export function remedy(given: string, known: readonly string[]): string {
  const near = nearest(given.toLowerCase(), known);
  return near ? `did you mean ${near}?` : `it is ${listed(known)}.`;
}
