/** What can be refused at once, by what the last round saw: before anything is written. */
import type { Memory, Summary } from '../../lambda/failover/memory';
import type { Command, Stored } from '../../lambda/failover/ports';
import { seconds } from '../../lib/terminal/quantities';
import { nearest } from '../../lib/settings/nearest';
import { Refusal } from '../people/surroundings';
import { ago } from '../people/times';
import { told } from './told';
import { silenceOf } from './view';
import { PROGRAM } from './words';

export interface Wanted {
  readonly kind: Command['kind'];
  /** As it was typed. */
  readonly to?: string;
}

/**
 * @param site its name, which may be left out of identifiers
 * @returns the identifier that `to` means, where it is given
 * @throws Refusal
 */
export function admit(wanted: Wanted, stored: Stored, site: string, now: number): { readonly to?: string } {
  const memory = workingController(stored, now);
  const { hold, command } = stored;
  if (hold) {
    throw new Refusal(
      `On hold by ${hold.by}, ${ago(hold.at, now)}: "${hold.why}". ${PROGRAM} -- release comes first.`,
    );
  }
  if (command) {
    throw new Refusal(
      `Another command waits for the controller: ${told(command)}, by ${command.by} ${ago(command.at, now)}. Look with ${PROGRAM} -- status.`,
    );
  }
  if (wanted.kind === 'switchover' || wanted.kind === 'names') steady(wanted.kind, memory);
  if (wanted.kind === 'switchover') primaryAnswers(memory);
  if (wanted.kind !== 'switchover' && wanted.kind !== 'promote') return {};
  const replicas = replicasOf(memory);
  if (replicas.length === 0) throw new Refusal('There is no replica that could be promoted.');
  if (wanted.to === undefined) return {};
  const named = replicaCalled(wanted.to, memory, site);
  if (!named.reached) {
    throw new Refusal(
      `${named.identifier} ${named.why ?? 'does not answer'}: wait until it does, or choose another with --to.`,
    );
  }
  return { to: named.identifier };
}

/** @throws Refusal when there is nobody who would act on what is written */
export function workingController(stored: Stored, now: number): Memory {
  const { memory } = stored;
  if (!memory) {
    throw new Refusal(
      'The controller has not looked yet: it begins within a minute of its deployment. Try again then.',
    );
  }
  if (memory.closed) throw new Refusal('The stack is being deleted: the controller does nothing any more.');
  const silence = silenceOf(stored, now);
  if (silence !== undefined) {
    throw new Refusal(
      `The controller has given no sign of life for ${seconds(silence / 1000)}: nobody would act on this. Look at its alarms and its log first.`,
    );
  }
  return memory;
}

function steady(kind: string, { phase, failover, naming }: Memory): void {
  if (phase === 'steady') {
    if (!naming) return;
    throw new Refusal(
      `Databases are being given their usual names: ${kind === 'names' ? 'that is under way already' : 'wait until that is done'}.`,
    );
  }
  const what = failover ? `${told({ kind: failover.kind })} is` : 'the last failover is still';
  throw new Refusal(
    `The group is ${phase}: ${what} under way. Wait until it is steady; ${PROGRAM} -- status --watch shows it.`,
  );
}

function primaryAnswers({ seen = [] }: Memory): void {
  const primary = seen.find(({ role }) => role === 'primary');
  if (primary?.reached) return;
  throw new Refusal(
    `${primary ? primary.identifier : 'The primary'} does not answer: a switchover needs it, to lose nothing. "promote" does without.`,
  );
}

export const replicasOf = ({ seen = [] }: Memory): readonly Summary[] =>
  seen.filter(({ role }) => role === 'replica' || role === 'candidate');

/** @param typed an identifier, without the site's name if one likes */
function replicaCalled(typed: string, memory: Memory, site: string): Summary {
  const { seen = [] } = memory;
  const isIt = ({ identifier }: Summary) => identifier === typed || identifier === `${site}-${typed}`;
  const replicas = replicasOf(memory);
  const found = replicas.find(isIt);
  if (found) return found;
  const known = replicas.map(({ identifier }) => identifier);
  const other = seen.find(isIt);
  if (other) {
    throw new Refusal(`${other.identifier} is ${ROLES[other.role]}: a replica is ${known.join(', ')}.`);
  }
  const near = nearest(typed, [...known, ...known.map((name) => name.slice(site.length + 1))]);
  throw new Refusal(
    `There is no replica "${typed}": ${near === undefined ? 'there is' : `did you mean ${near}? There is`} ${known.join(', ')}.`,
  );
}

const ROLES: Record<Summary['role'], string> = {
  primary: 'the primary already',
  replica: 'a replica',
  candidate: 'a candidate',
  retired: 'an old primary in quarantine',
  orphan: 'no replica of the primary',
};
