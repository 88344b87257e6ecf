/** One round: look, decide, write down, act. */
import { act } from './act';
import { type Decide, decide as decideAsUsual } from './decide';
import { type Result, remember } from './decide/retry';
import { type Decision, keyOf } from './decision';
import { firstMemory } from './first';
import type { Memory } from './memory';
import type { Observation } from './observation';
import { observe } from './observe';
import type { Policy } from './policy';
import type { Entry, Ports, Stored } from './ports';
import { roundMetrics } from './round-metrics';

export interface RoundOptions {
  readonly ports: Ports;
  readonly policy: Policy;
  readonly owner: string;
  /** When the journal was asked, by `ports.clock`. @default now */
  readonly knownSince?: number;
  /** Another one only to show that the checks find what is wrong with it. */
  readonly decide?: Decide;
}

/**
 * How long a holder of the lease may give no sign of life. Whoever waits measures this by its own clock, from when it saw
 * the last sign, so that clocks need not agree; the holder counts from before it gave it.
 */
export const LEASE_MILLIS = 15_000;

/** No change begins later than this after the sign of life: a call ends within five seconds. */
const ACT_WITHIN_MILLIS = LEASE_MILLIS - 6_000;

export interface Rounded {
  readonly outcome: 'done' | 'not-written';
  /** What became of the actions, for the next round. */
  readonly results: readonly Result[];
  readonly decision?: Decision;
}

/**
 * @param stored the journal as it is now, with this run's lease
 * @param results of this run's round before
 * @throws CallFailed when the journal does not answer: nothing has been changed then
 */
export async function round(
  options: RoundOptions,
  stored: Stored,
  results: readonly Result[],
): Promise<Rounded> {
  const { ports, policy, owner, decide = decideAsUsual, knownSince } = options;
  const { hold, command } = stored;
  const begun = ports.clock.now();
  const seen = await observe(ports, policy, stored.memory, !hold, knownSince);
  const known = stored.memory ?? firstOf(seen, policy);
  if (typeof known === 'string') {
    ports.log.warn('no memory yet', { why: known });
    return { outcome: 'done', results: [] };
  }
  const before = remember(known, results, seen.at, ports.random);
  const decision = decide(seen, before, policy, { hold, command });
  const memory: Memory = { ...decision.memory, inFlight: decision.actions.map(keyOf) };

  const alive = ports.clock.now();
  const written = await ports.journal.commit({
    version: stored.version,
    owner,
    memory,
    entries: entriesOf(decision, before, memory, owner, seen.at),
    notOnHold: decision.actions.length > 0,
    ...(memory.answer !== before.answer && { answered: memory.answer!.command }),
  });
  if (written === 'lost') return { outcome: 'not-written', results: [] };
  // The hold came in between: the next round sees it. What this one has seen is seen again.
  if (written === 'held') return { outcome: 'done', results };

  tell(ports, decision, before, { look: seen.at - begun, write: ports.clock.now() - seen.at });
  const done: Result[] = [];
  for (const action of decision.actions) {
    // Whoever was away for long must not act on what it saw before. What is left counts as not answered.
    if (ports.clock.now() - alive >= ACT_WITHIN_MILLIS) break;
    done.push(await act(ports, seen as Observation, action));
  }
  for (const notice of decision.notices) await ports.notify(notice);
  return { outcome: 'done', results: done, decision };
}

const firstOf = (seen: Awaited<ReturnType<typeof observe>>, policy: Policy): Memory | string =>
  'missing' in seen ? seen.missing.join('; ') : firstMemory(seen, policy);

/** A line for each change, before it is made; and one for a state, phase, epoch or answer that is new. */
function entriesOf(decision: Decision, before: Memory, memory: Memory, by: string, at: number): Entry[] {
  const entry = (what: string): Entry => ({
    at,
    epoch: memory.epoch,
    phase: memory.phase,
    state: decision.state,
    what,
    evidence: decision.reasons,
    by,
  });
  const isNew =
    before.state?.name !== decision.state || before.phase !== memory.phase || before.epoch !== memory.epoch;
  return [
    ...(isNew ? [entry(`state ${decision.state}`)] : []),
    ...(memory.answer && memory.answer !== before.answer
      ? [entry(`command ${memory.answer.command} ${memory.answer.outcome}: ${memory.answer.sentence}`)]
      : []),
    ...decision.actions.map((action) => entry(keyOf(action) + detailOf(action))),
  ];
}

function detailOf(action: Decision['actions'][number]): string {
  if (action.kind === 'move-names') return ` (${JSON.stringify(action.to)})`;
  if (!('on' in action)) return '';
  const details = Object.entries(action)
    .filter(([name]) => name !== 'kind' && name !== 'on')
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return ` (${[action.on.identifier, ...details].join(', ')})`;
}

/** @param millis how long it took to look, and to decide and write that down */
function tell(
  { log }: Ports,
  decision: Decision,
  before: Memory,
  millis: { readonly look: number; readonly write: number },
): void {
  const isNew = before.state?.name !== decision.state;
  if (isNew)
    log.info(decision.state, {
      reasons: decision.reasons,
      phase: decision.memory.phase,
      epoch: decision.memory.epoch,
      millis,
    });
  roundMetrics(log, decision, before);
}
