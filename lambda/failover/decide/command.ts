/** What a human asks for: taken up, or refused with a sentence. */
import type { Answer, Memory, Retired } from '../memory';
import type { SeenInstance } from '../observation';
import type { Command } from '../ports';
import { isOperational } from '../statuses';
import { begin } from './detect';
import { withoutCandidate } from './promote';
import {
  type View,
  answers,
  fitReplicas,
  isBroken,
  isLeaving,
  namesSettled,
  primaryName,
  primaryOf,
  replicasOf,
  seconds,
  unfitness,
} from './view';

/** @returns the memory with the answer in it, and what the command has begun */
export function obey(view: View, command: Command): Memory {
  const outcome = attempt(view, command);
  const refused = typeof outcome === 'string';
  const answer: Answer = {
    command: command.id,
    outcome: refused ? 'refused' : 'accepted',
    sentence: refused ? outcome : outcome.sentence,
    at: view.now,
  };
  return { ...(refused ? view.memory : outcome.memory), answer };
}

/** The memory that follows, or why not. */
type Attempt = { readonly memory: Memory; readonly sentence: string } | string;

function attempt(view: View, command: Command): Attempt {
  switch (command.kind) {
    case 'switchover':
      return switchover(view, command);
    case 'promote':
      return promote(view, command);
    case 'acknowledge':
      return acknowledge(view, command);
    case 'names':
      return names(view, command);
    case 'waive':
      return waive(view, command);
  }
}

function switchover(view: View, { to, by }: Extract<Command, { kind: 'switchover' }>): Attempt {
  const { memory } = view;
  if (memory.phase !== 'steady') return `the group is ${memory.phase}: wait until it is steady`;
  if (memory.naming) return 'databases are being renamed: wait until that is done';
  const primary = primaryOf(view);
  if (!primary || !answers(primary)) return `the primary does not answer: this is a case for "promote"`;
  // What is wrong with a named one is told below: no word overrides it in a switchover.
  const named = to === undefined ? candidateOf(view, to) : replicaCalled(view, to);
  if (typeof named === 'string') return named;
  const why = unfitness(view, named);
  if (why !== undefined) return `${named.identifier} ${why}; wait, or choose another with --to`;
  // RDS would refuse the quarantine or the promotion: clients would wait for nothing.
  const busy = [primary, named].find(({ status }) => !isOperational(status));
  if (busy) return `${busy.identifier} is ${busy.status}; wait until it is available`;
  const begun = begin(view, primary, { kind: 'switchover', by, candidate: named.resourceId });
  return { memory: begun, sentence: `${named.identifier} takes over from ${primary.identifier}` };
}

function promote(view: View, command: Extract<Command, { kind: 'promote' }>): Attempt {
  const { memory } = view;
  const { by, why, to } = command;
  const { failover } = memory;
  // A second word adds to the first: what has been accepted once is not asked for again in the same failover.
  const said = memory.phase === 'fencing' || memory.phase === 'promoting' ? failover?.override : undefined;
  const override = {
    fence: command.withoutFence || said?.fence === true,
    lag: command.acceptLoss || said?.lag === true,
    by,
    why,
  };
  if (memory.phase === 'fencing' || memory.phase === 'promoting') {
    const isAsked = failover!.promoteAskedAt !== undefined;
    if (isAsked && to === undefined) {
      return 'a replica is being promoted already: name another one with --to, and that one is given up and fenced';
    }
    const named = to === undefined ? undefined : replicaCalled(view, to);
    if (typeof named === 'string') return named;
    if (named && isAsked && named.resourceId === failover!.candidate)
      return `${named.identifier} is being promoted already`;
    if (named && named.resourceId in failover!.fence)
      return `${named.identifier} was given up in this failover, and is fenced`;
    const begun = isAsked ? withoutCandidate(view) : memory;
    const forced: Memory = {
      ...begun,
      failover: {
        ...begun.failover!,
        kind: 'promote',
        override,
        // Without a name the best one: whoever was named before may be gone.
        candidate: named?.resourceId,
      },
    };
    return { memory: forced, sentence: 'the failover goes on with this word' };
  }
  if (memory.phase === 'opening') return 'a replica has been promoted already, and is being opened';
  const named = candidateOf(view, to, command.acceptLoss);
  if (typeof named === 'string') return named;
  if (!answers(named)) return `${named.identifier} cannot be reached, so nobody can tell what it has`;
  const primary = primaryOf(view);
  const begun = begin(view, primary ?? { resourceId: memory.primary, identifier: primaryName(view.policy) }, {
    kind: 'promote',
    by,
    candidate: to === undefined ? undefined : named.resourceId,
    override,
    suspectedAt: memory.suspicion?.since,
  });
  return {
    memory: begun,
    sentence: `${to === undefined ? 'the replica that has most' : named.identifier} is promoted`,
  };
}

/** The replica that was named, or the one that would be chosen; or why there is none. */
function candidateOf(view: View, to: string | undefined, acceptLoss = false): SeenInstance | string {
  if (to !== undefined) {
    const named = replicaCalled(view, to);
    if (typeof named === 'string' || acceptLoss || !answers(named)) return named;
    const why = unfitness(view, named);
    return why === undefined ? named : `${named.identifier} ${why}; wait, or say --accept-loss`;
  }
  const [fit] = fitReplicas(view);
  const [any] = replicasOf(view).filter(answers);
  const found = fit ?? (acceptLoss ? any : undefined);
  if (found) return found;
  const why = replicasOf(view).map((replica) => `${replica.identifier} ${unfitness(view, replica)}`);
  return why.length > 0 ? `no replica may be promoted: ${why.join('; ')}` : 'there is no replica';
}

function replicaCalled(view: View, to: string): SeenInstance | string {
  const { name } = view.policy;
  const replicas = replicasOf(view);
  const found = replicas.find(({ identifier }) => identifier === to || identifier === `${name}-${to}`);
  if (found && (isLeaving(found) || isBroken(found))) return `${found.identifier} is ${found.status}`;
  if (found) return found;
  const known = replicas.map(({ identifier }) => identifier).join(', ') || 'none';
  return `${to} is no replica of the primary: there is ${known}`;
}

function acknowledge({ memory, policy, now }: View, { by }: Command): Attempt {
  const { lastFailover } = memory;
  const isRecent = lastFailover !== undefined && now - lastFailover.at < policy.minimumIntervalMillis;
  if (!isRecent) return 'there is nothing to acknowledge: another failover may follow as it is';
  if (lastFailover.acknowledged) return 'it is acknowledged already: another failover may follow';
  return {
    memory: { ...memory, lastFailover: { ...lastFailover, acknowledged: true } },
    sentence: `${by} acknowledges the failover of ${seconds(now - lastFailover.at)} s ago: another one may follow`,
  };
}

function names(view: View, { by }: Command): Attempt {
  const { memory, policy } = view;
  if (memory.phase !== 'steady') return `the group is ${memory.phase}: wait until it is steady`;
  if (memory.naming) return `it is under way since ${new Date(memory.naming.since).toISOString()}`;
  if (namesSettled(view)) return 'every database has its usual name already';
  const fit = fitReplicas(view).length;
  if (fit < policy.replicas) return `${fit} of ${policy.replicas} replicas are fit: wait until all are`;
  const holder = view.observation.instances.find(({ identifier }) => identifier === primaryName(policy));
  const retired = memory.retired.find(({ resourceId }) => resourceId === holder?.resourceId);
  if (holder && retired?.recovery === 'needed' && !isOperational(holder.status)) {
    return (
      `${holder.identifier} is ${holder.status}, and cannot be renamed: recover what it holds or waive that, ` +
      'then it is deleted and its name is free'
    );
  }
  return {
    memory: { ...memory, naming: { since: view.now, by } },
    sentence: 'databases get their usual names',
  };
}

function waive({ memory, observation, now }: View, command: Extract<Command, { kind: 'waive' }>): Attempt {
  const nameOf = (resourceId: string) =>
    observation.instances.find((one) => one.resourceId === resourceId)?.identifier ?? resourceId;
  const waiting = memory.retired.filter(({ recovery }) => recovery === 'needed');
  if (waiting.length === 0) return 'no old primary waits for recovery';
  const needed =
    command.of === undefined ? waiting : waiting.filter(({ resourceId }) => resourceId === command.of);
  if (needed.length === 0) {
    const those = waiting.map(({ resourceId }) => nameOf(resourceId)).join(', ');
    return `${nameOf(command.of!)} is no old primary that waits for recovery: there is ${those}`;
  }
  const recovery = command.recovered ? 'done' : 'waived';
  const retired = memory.retired.map((one): Retired =>
    needed.includes(one) ? { ...one, recovery, decidedAt: now, why: `${command.by}: ${command.why}` } : one,
  );
  const names = needed.map(({ resourceId }) => nameOf(resourceId));
  return {
    memory: { ...memory, retired },
    sentence: `recovery of ${names.join(', ')} is ${recovery}; it is deleted`,
  };
}
