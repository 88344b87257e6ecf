/** How somebody who speaks to a server fares: it answers, says that nobody listens, starts, says nothing, or an error. */
import { isOfStatements } from './errors';
import type { Network, Party } from './network';
import type { Server } from './server';

export type Answer = 'yes' | 'refused' | 'starting' | 'silent' | 'error';

/** @param groups of which one lets this party in; absent: a connection that there is already */
export function answerOf(network: Network, party: Party, server: Server, groups?: readonly string[]): Answer {
  if (server.silent || network.blocked(party, server.resourceId)) return 'silent';
  if (groups && !server.groups.some((group) => groups.includes(group))) return 'silent';
  if (server.state === 'down') return 'refused';
  if (server.state === 'starting') return 'starting';
  if (server.frozen) return 'silent';
  return server.error && (groups || isOfStatements(server.error)) ? 'error' : 'yes';
}
