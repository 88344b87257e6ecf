/** One round's decision: a pure function of what is seen, remembered, and asked for. No I/O, no clock, no chance. */
import { obey } from './decide/command';
import { choosing } from './decide/choose';
import { quietSince, suspect } from './decide/detect';
import { fenceOn, fencing } from './decide/fence';
import { tending, withNames } from './decide/heal';
import { historyOf } from './decide/history';
import { opening, promoting } from './decide/promote';
import { hasFailed, isDue, withoutOld } from './decide/retry';
import { pastOf, staleness } from './decide/stale';
import { steadinessOf } from './decide/steadiness';
import { type Step, step } from './decide/step';
import { summaries } from './decide/summary';
import { withTrouble } from './decide/trouble';
import { type View, answers, find, groupsInForce, namesSettled, primaryOf } from './decide/view';
import { type Action, type Decision, type Notice, keyOf } from './decision';
import type { Failover, Memory } from './memory';
import type { Blindness, Observation } from './observation';
import type { Policy } from './policy';
import type { Command, Hold } from './ports';
import { STATES } from './states';

/** What people ask of the controller, as the journal has it. */
export interface Asked {
  readonly hold?: Hold;
  readonly command?: Command;
}

export type Decide = typeof decide;

export function decide(
  seen: Observation | Blindness,
  memory: Memory,
  policy: Policy,
  { hold, command }: Asked,
): Decision {
  const now = seen.at;
  if (memory.closed)
    return finish(step('closed', memory, ['the stack is being deleted']), policy, now, memory);
  if (hold) return finish(held(seen, memory, policy, hold, command), policy, now, memory);
  if ('missing' in seen) return finish(step('blind', memory, seen.missing), policy, now, memory);

  const old = staleness(seen, memory);
  if (old.length > 0) return finish(step('blind', memory, old), policy, now, memory);

  const view = viewOf(seen, memory, policy);
  const obeyed = command ? { ...view, memory: obey(view, command) } : view;
  const next = byPhase(obeyed);
  const whole = withTrouble(withStackPolicy({ ...obeyed, memory: next.memory }, next), now);
  // Only now: what has failed long ago, and is still wanted, was asked for again in this round.
  const backoff = withoutOld(whole.memory.backoff, now);
  return finish(
    { ...whole, memory: { ...whole.memory, backoff, seen: summaries({ ...view, memory: whole.memory }) } },
    policy,
    now,
    memory,
  );
}

/** What this round adds to what is remembered, before anything is decided. */
function viewOf(observation: Observation, memory: Memory, policy: Policy): View {
  const view: View = { observation, memory, policy, now: observation.at };
  const primary = primaryOf(view);
  const beat = answers(primary) && !primary.probe.inRecovery ? primary.probe.heartbeat.at : undefined;
  const isNew = beat !== undefined && beat !== memory.beat?.last;
  const noted: Memory = {
    ...memory,
    past: pastOf(observation, memory),
    suspicion: primary ? suspect(view, primary) : memory.suspicion,
    quietSince: primary ? quietSince(view, primary) : memory.quietSince,
    ...(answers(primary) && !primary.probe.inRecovery && { history: historyOf(primary.probe) }),
    ...(isNew && { beat: { last: beat, before: memory.beat?.last ?? beat, seenAt: observation.at } }),
  };
  const steadiness = steadinessOf({ ...view, memory: noted }, memory);
  return { ...view, memory: { ...noted, steadiness } };
}

function byPhase(view: View): Step {
  const { memory, policy } = view;
  switch (memory.phase) {
    case 'steady':
    case 'healing':
      return tending(view);
    case 'fencing':
      return withNames(view, fencing(view));
    case 'promoting': {
      const { promoteAskedAt, fence } = memory.failover!;
      if (promoteAskedAt !== undefined) return withFence(view, (next) => withNames(next, promoting(next)));
      // Evidence of an earlier round, perhaps from before a hold: the groups must still be in force.
      const opened = Object.entries(fence).some(([resourceId, { verifiedAt }]) => {
        const instance = find(view, resourceId);
        return verifiedAt !== undefined && instance && !groupsInForce(instance, policy.quarantineGroup);
      });
      return opened
        ? fencing({ ...view, memory: { ...memory, phase: 'fencing' } })
        : withFence(view, (next) => withNames(next, choosing(next)));
    }
    case 'opening':
      return withFence(view, opening);
  }
}

/** A fence that was not waited for is put up meanwhile, and one that was opened by a hand or a deployment again. */
function withFence(view: View, next: (view: View) => Step): Step {
  const fence = fenceOn(view);
  const then = next({ ...view, memory: fence.memory });
  const goesOn = then.memory.phase === 'promoting' || then.memory.phase === 'opening';
  return goesOn ? { ...then, actions: [...fence.actions, ...then.actions] } : then;
}

function held(
  seen: Observation | Blindness,
  memory: Memory,
  policy: Policy,
  hold: Hold,
  command: Command | undefined,
): Step {
  const sentence = `on hold since ${new Date(hold.at).toISOString()} by ${hold.by}: ${hold.why}`;
  // What was counted before is not counted on after the release.
  const answer = command && {
    command: command.id,
    outcome: 'refused' as const,
    sentence: `${sentence}; release it first`,
    at: seen.at,
  };
  const still: Memory = {
    ...memory,
    suspicion: undefined,
    unfitSince: {},
    excessSince: undefined,
    healingSince: undefined,
    ...(memory.failover && { failover: heldFailover(memory.failover, seen.at) }),
    ...(answer && { answer }),
  };
  return step('held', 'missing' in seen ? still : shownOnHold(seen, still, policy), [sentence]);
}

/** Who is there is shown on hold as well, and whether the primary lives is remembered: nobody measures what it does. */
function shownOnHold(observation: Observation, memory: Memory, policy: Policy): Memory {
  const view: View = { observation, memory, policy, now: observation.at };
  const primary = primaryOf(view);
  return {
    ...memory,
    quietSince: primary ? quietSince(view, primary) : memory.quietSince,
    seen: summaries(view),
  };
}

const heldFailover = (failover: Failover, at: number): Failover => ({
  ...failover,
  limitsFrom: at,
  silentSince: undefined,
  fence: Object.fromEntries(
    Object.entries(failover.fence).map(([resourceId, progress]) => [
      resourceId,
      { ...progress, refusals: undefined, goneSince: undefined },
    ]),
  ),
});

/** From the promotion to the usual names, a deployment would act on the wrong instance. */
function withStackPolicy(view: View, next: Step): Step {
  const { memory } = view;
  const { phase } = memory;
  const isMoving = phase === 'promoting' || phase === 'opening' || !namesSettled(view);
  // The fence waits for nothing else; it may be of a second failover, before the names were settled.
  const wanted = phase === 'fencing' ? memory.stackPolicy : isMoving ? 'closed' : 'open';
  const action: Action = { kind: 'stack-policy', updates: wanted === 'open' ? 'allowed' : 'denied' };
  if (memory.stackPolicy === wanted && !hasFailed(memory, action)) return next;
  return {
    ...next,
    memory: { ...next.memory, stackPolicy: wanted },
    // Last: nothing waits for it.
    actions: [...next.actions, action],
  };
}

/** Two parts of a decision may want the same, such as the fence of a failover that goes on without waiting for it. */
const unique = (actions: readonly Action[]): readonly Action[] =>
  [...new Map(actions.map((action) => [keyOf(action), action] as const).reverse()).values()].reverse();

/** Drops what must wait after a failure, and tells people when the state is a new one that concerns them. */
function finish(next: Step, policy: Policy, now: number, before: Memory): Decision {
  const isNew = before.state?.name !== next.state;
  const due = unique(next.actions).filter((action) => isDue(next.memory, action, now));
  return {
    state: next.state,
    reasons: next.reasons,
    actions: due,
    notices: isNew ? noticesOf(next, policy) : [],
    memory: {
      ...next.memory,
      roundAt: now,
      state: {
        name: next.state,
        since: isNew ? now : before.state!.since,
        reasons: next.reasons,
      },
    },
  };
}

function noticesOf({ state, reasons, memory }: Step, { name }: Policy): Notice[] {
  const { severity, seen, done } = STATES[state];
  if (!severity) return [];
  const subject = `${name}: ${state}`;
  const text = [
    `What is seen: ${seen}.`,
    `What is done: ${done}.`,
    ...reasons.map((reason) => `- ${reason}`),
  ];
  return [{ severity, subject, text: [...text, `Epoch ${memory.epoch}, phase ${memory.phase}.`].join('\n') }];
}
