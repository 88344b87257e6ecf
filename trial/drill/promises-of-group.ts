/** Promises about the group when its goal is reached. Pure. */
import type { Commit } from './clients';
import type { Evidence, Verdict } from './drill';
import { type Look, fitReplicas, missing, primaryOf, targetsOf } from './group';
import { changesIn, failoverOf, stateAt } from './timeline';

/** @param old identifier of a primary that must no longer be it */
export function wholeAgain(look: Look, replicas: number, old?: string): Verdict {
  const { memory } = look.stored;
  const lack = missing(look, replicas);
  const primary = memory && primaryOf(memory)?.identifier;
  const fit = memory ? fitReplicas(memory).map(({ identifier }) => identifier) : [];
  return {
    promise: `another primary has ${replicas} replica${replicas === 1 ? '' : 's'}, and the names lead to them`,
    isKept: lack === undefined && primary !== old,
    found: lack ?? `${primary} with ${fit.join(', ')}`,
  };
}

/** The old primary is kept away from clients, for recovery. */
export function quarantined({ stored: { memory } }: Look, old: string): Verdict {
  const retired = memory?.retired ?? [];
  const named =
    memory?.seen?.filter(({ role }) => role === 'retired').map(({ identifier }) => identifier) ?? [];
  return {
    promise: 'the old primary waits in quarantine for recovery',
    isKept: named.includes(old) && retired.some(({ recovery }) => recovery === 'needed'),
    found:
      retired
        .map(({ epoch, recovery }, index) => `${named[index]}: epoch ${epoch}, recovery ${recovery}`)
        .join(', ') || 'it is not there',
  };
}

/** A new replica stands for the lost one, perhaps by its name, and takes reads. @param limitSeconds since the fault */
export function servesAgain(evidence: Evidence, look: Look, lost: string, limitSeconds: number): Verdict {
  const { at } = evidence.marks.find(({ what }) => what === 'replaced')!;
  const taken = (at - evidence.faultAt) / 1000;
  const was = evidence.memories[0]?.seen?.find(({ identifier }) => identifier === lost)?.resourceId;
  const fit = look.stored.memory ? fitReplicas(look.stored.memory) : [];
  const isAnother = was !== undefined && fit.every(({ resourceId }) => resourceId !== was);
  return {
    promise: `another replica serves within ${limitSeconds} s`,
    isKept: taken <= limitSeconds && isAnother,
    found: `${targetsOf(look.facts, 'reader').join(', ')} after ${taken.toFixed(1)} s${isAnother ? '' : ': the same one as before'}`,
    isOfTime: isAnother,
  };
}

export function nobodyPromoted({ entries }: Evidence): Verdict {
  const promotions = entries.filter(({ what }) => what.startsWith('promote '));
  return {
    promise: 'nobody is promoted',
    isKept: promotions.length === 0,
    found: promotions[0]?.what ?? 'nobody was',
  };
}

/** The journal has no entry of a change: nothing was done, nor about to be. */
export function nothingChanged({ entries, faultAt }: Evidence): Verdict {
  const changes = changesIn(entries).filter(({ at }) => at >= faultAt);
  return {
    promise: 'the controller changes nothing',
    isKept: changes.length === 0,
    found: changes.length === 0 ? 'no change is in the journal' : changes.map(({ what }) => what).join('; '),
  };
}

export function stateSeen({ entries, faultAt }: Evidence, state: string): Verdict {
  const at = stateAt(entries, state, faultAt);
  return {
    promise: `people are told: ${state}`,
    isKept: at !== undefined,
    found:
      at === undefined
        ? 'it was never in that state'
        : `${((at - faultAt) / 1000).toFixed(1)} s after the fault`,
  };
}

export function wholeAsBefore(look: Look, { before }: Evidence): Verdict {
  const [then, now] = [before, look.facts].map(({ databases }) =>
    databases
      .map(({ identifier, role }) => `${identifier} (${role})`)
      .sort()
      .join(', '),
  );
  return { promise: 'the databases are the same as before', isKept: then === now, found: now! };
}

/** @param identifier before the names are given back */
export function promotedIs(evidence: Evidence, identifier: string): Verdict {
  const candidate = failoverOf(evidence)?.candidate;
  const known = evidence.memories.flatMap(({ seen = [] }) => seen);
  const found = known.find(({ resourceId }) => resourceId === candidate)?.identifier;
  return {
    promise: `${identifier} is promoted`,
    isKept: found === identifier,
    found: `${found ?? 'nobody'} was`,
  };
}

/** @param rivalries sentences (clients.ts). @param tried how many writes succeeded in all */
export function oneWritable(rivalries: readonly string[], tried: number): Verdict {
  return {
    promise: 'never do two databases take writes of clients',
    isKept: rivalries.length === 0 && tried > 0,
    found: rivalries.join('; ') || `none of ${tried} writes by clients that try all databases all the time`,
  };
}

/** No write of a client after the failover had opened. */
export function keptOut(commits: readonly Commit[], address: string, evidence: Evidence): Verdict {
  const openedAt = failoverOf(evidence)?.openedAt;
  const late = commits.filter(
    (one) => one.address === address && openedAt !== undefined && one.doneAt > openedAt,
  );
  return {
    promise: 'the old primary never serves a client again',
    isKept: openedAt !== undefined && late.length === 0,
    found: openedAt === undefined ? 'no failover opened' : `${late.length} writes after the opening`,
  };
}

/** @param wrong sentences. @param fine what to say when there are none */
export const listed = (promise: string, wrong: readonly string[], fine: string): Verdict => ({
  promise,
  isKept: wrong.length === 0,
  found: wrong.join(' ') || fine,
});
