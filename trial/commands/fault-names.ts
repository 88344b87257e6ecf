/** Which server and which database a person means, by the facts of the trial that runs. */
import { nearest } from '../../lib/settings/nearest';
import type { Fault, TrialFacts } from '../control/contract';
import { UsageFailure, listed } from '../../lib/terminal/usage';

type Known = Pick<TrialFacts, 'servers' | 'databases'>;

/**
 * @returns the fault with whole names
 * @throws UsageFailure with what there is
 */
export function named(fault: Fault, facts: Known): Fault {
  if ('server' in fault) return { ...fault, server: serverOf(fault.server, facts) };
  if ('database' in fault) return { ...fault, database: databaseOf(fault.database, facts) };
  return fault;
}

function serverOf(given: string, { servers }: Known): string {
  const found = servers.find(({ id }, index) => id === given || `${index + 1}` === given);
  if (found) return found.id;
  const all = servers.map(({ id }, index) => `${index + 1} (${id})`);
  throw none('server', given, undefined, all);
}

function databaseOf(given: string, { databases }: Known): string {
  const identifiers = databases.map(({ identifier }) => identifier);
  if (identifiers.includes(given)) return given;
  const ending = identifiers.filter((identifier) => identifier.endsWith(`-${given}`));
  // After a failover the primary may bear a replica's name.
  const primaries = databases.filter(({ role }) => role === given).map(({ identifier }) => identifier);
  // And the name of the primary may be that of an old one.
  const meant = given === 'primary' && primaries.length > 0 ? primaries : ending;
  if (meant.length === 1) return meant[0]!;
  if (meant.length > 1) throw new UsageFailure(`"${given}" may be ${listed(meant)}: say which.`);
  throw none('database', given, nearestOf(given, identifiers), identifiers);
}

/** Near to a name, or to its end. */
const nearestOf = (given: string, identifiers: readonly string[]): string | undefined =>
  nearest(given, identifiers) ??
  nearest(
    given,
    identifiers.flatMap((identifier) =>
      identifier.split('-').map((_, index, parts) => parts.slice(index).join('-')),
    ),
  );

const none = (what: string, given: string, near: string | undefined, all: readonly string[]) =>
  new UsageFailure(
    all.length === 0
      ? `There is no ${what} "${given}": there is none at all.`
      : `There is no ${what} "${given}": ${near ? `did you mean ${near}? There is` : 'there is'} ${all.join(', ')}.`,
  );
