/** Promises about the group when its goal is reached. Pure. */
import type { Verdict } from './drill';
import { type Look, fitReplicas, missing, primaryOf } from './group';

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
