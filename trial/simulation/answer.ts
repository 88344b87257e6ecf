/** How somebody who speaks to a server fares: it answers, says that nobody listens, starts, or says nothing. */
import type { Network, Party } from './network';
import type { Server } from './server';

export type Answer = 'yes' | 'refused' | 'starting' | 'silent';

/** @param groups of which one lets this party in; absent: a connection that there is already */
export function answerOf(network: Network, party: Party, server: Server, groups?: readonly string[]): Answer {
  if (server.silent || network.blocked(party, server.resourceId)) return 'silent';
  if (groups && !server.groups.some((group) => groups.includes(group))) return 'silent';
  if (server.state === 'down') return 'refused';
  if (server.state === 'starting') return 'starting';
  return server.frozen ? 'silent' : 'yes';
}
