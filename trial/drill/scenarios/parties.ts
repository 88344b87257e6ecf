/** Who plays which part in a drill. */
import type { DatabaseFacts, TrialFacts } from '../../control/contract';
import { TrialFailure } from '../../failure';

/** @throws TrialFailure when there is none */
export function partyOf({ databases }: TrialFacts, role: DatabaseFacts['role'], index = 0): DatabaseFacts {
  const found = databases
    .filter((database) => database.role === role)
    .sort((one, other) => (one.identifier < other.identifier ? -1 : 1))[index];
  if (found) return found;
  throw new TrialFailure(`The trial has no ${role} ${index + 1}.`);
}

export const identifierOf = (facts: TrialFacts, role: DatabaseFacts['role'], index = 0): string =>
  partyOf(facts, role, index).identifier;
