/** Commands as people are told of them. */
import type { Command } from '../../lambda/failover/ports';

type Told = { readonly kind: Command['kind'] | 'automatic'; readonly to?: string };

/** `switchover to mysite-replica-2`. */
export function told(command: Told): string {
  const { kind, to } = command;
  const name = kind === 'automatic' ? 'automatic failover' : kind;
  return to === undefined ? name : `${name} to ${to}`;
}
