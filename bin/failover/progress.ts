/** What is new since the last look, for whoever follows: a pure function of what the journal said before and says now. */
import type { Memory } from '../../lambda/failover/memory';
import type { Stored } from '../../lambda/failover/ports';
import { seconds } from '../../lib/terminal/quantities';
import { HINTS } from './hints';
import { type Milestone, timelineOf } from './timeline';
import { silenceOf, stateOf } from './view';

/** What was told already. */
export interface Told {
  readonly milestones: ReadonlySet<string>;
  readonly phase?: Memory['phase'];
  readonly state?: string;
  readonly reason?: string;
  readonly replicas?: string;
  readonly isSilent: boolean;
}

export const NOTHING_TOLD: Told = { milestones: new Set(), isSilent: false };

/** What a milestone is called that tells what a person may type. */
export const TO_DO = 'to do';

/** @returns what is new, in the order of time, and what is told with that */
export function progress(before: Told, stored: Stored, now: number): { lines: Milestone[]; told: Told } {
  const { memory } = stored;
  if (!memory) return { lines: [], told: before };
  const lines: Milestone[] = [];
  const say = (what: string, text: string, at = now) => lines.push({ at, what, text });

  const timeline = timelineOf(memory);
  const fresh = timeline.filter((milestone) => !before.milestones.has(keyOf(milestone)));
  lines.push(...fresh);

  if (memory.phase !== before.phase) {
    say('phase', `${memory.phase}: ${PHASES[memory.phase]}`, memory.state?.since);
  }
  const state = memory.state && stateOf(memory.state);
  const isNotable = state?.severity === 'warning' || state?.severity === 'critical';
  if (state && isNotable && state.name !== before.state) {
    say('state', [`${state.name}: ${state.seen}`, ...state.reasons].join('; '), state.since);
    if (HINTS[state.name]) say(TO_DO, HINTS[state.name]!, state.since);
  }
  // Renamings are told by their reasons: they have no other trace in memory.
  const reason = memory.naming ? memory.state?.reasons[0] : undefined;
  if (reason !== undefined && reason !== before.reason) say('names', reason);
  const replicas = memory.phase === 'healing' ? fitness(memory) : undefined;
  if (replicas !== undefined && replicas !== before.replicas) say('replicas', replicas);
  const silence = silenceOf(stored, now);
  if (silence !== undefined && !before.isSilent) {
    say('silence', `the controller has given no sign of life for ${seconds(silence / 1000)}`);
  }
  const told: Told = {
    milestones: new Set([...before.milestones, ...timeline.map(keyOf)]),
    phase: memory.phase,
    state: state?.name,
    reason: reason ?? before.reason,
    replicas: replicas ?? before.replicas,
    isSilent: silence !== undefined,
  };
  return { lines: lines.sort((one, other) => one.at - other.at), told };
}

const keyOf = ({ at, what }: Milestone) => `${what} ${at}`;

const PHASES: Record<Memory['phase'], string> = {
  steady: 'the group is whole',
  fencing: 'clients are kept away from the old primary',
  promoting: 'a replica is chosen and promoted',
  opening: 'the new primary is made ready for writes, then the names move',
  healing: 'the new primary takes the writes; its replicas are made anew',
};

function fitness({ seen = [] }: Memory): string {
  const replicas = seen.filter(({ role }) => role === 'replica');
  const fit = replicas.filter((replica) => replica.fit).length;
  return `${fit} of ${replicas.length} that follow the new primary ${fit === 1 ? 'is' : 'are'} fit`;
}
