/** A command on its way: into the journal, to the controller's answer, and to its end. */
import type { Answer, Memory } from '../../lambda/failover/memory';
import type { Command, Stored } from '../../lambda/failover/ports';
import { Failure } from '../../lib/terminal/failure';
import { seconds } from '../../lib/terminal/quantities';
import type { JournalAccess } from './journal';
import { NOTHING_TOLD, type Told, progress } from './progress';
import { Refusal } from '../people/surroundings';
import type { Surroundings } from './surroundings';
import type { Milestone } from './timeline';
import { SILENT_AFTER_MILLIS } from './view';
import { PROGRAM } from './words';

/** A round takes seconds at most; the journal is read at a cost of next to nothing. */
const LOOK_EVERY_MILLIS = 1000;

export interface Ending {
  readonly outcome: 'done' | 'refused' | 'given up' | 'unanswered' | 'interrupted';
  readonly sentence: string;
  readonly progress: readonly Milestone[];
}

export interface Following {
  readonly journal: JournalAccess;
  readonly surroundings: Pick<Surroundings, 'sleep' | 'signal'>;
  /** Called with each thing that is new. */
  readonly tell: (milestone: Milestone) => void;
}

/**
 * @param before what was read before the command was decided on
 * @throws Refusal when another command was faster
 */
export async function carryOut(command: Command, before: Memory, following: Following): Promise<Ending> {
  const { journal } = following;
  if (!(await journal.put(command))) {
    throw new Refusal(
      `Another command has come first: look with ${PROGRAM} -- status, and try again when it is answered.`,
    );
  }
  const told: Milestone[] = [];
  const tell = (milestone: Milestone) => {
    told.push(milestone);
    following.tell(milestone);
  };
  const { outcome, sentence } = await toTheEnd(command, before, { ...following, tell });
  return { outcome, sentence, progress: told };
}

type Outcome = Omit<Ending, 'progress'>;

async function toTheEnd(command: Command, before: Memory, following: Following): Promise<Outcome> {
  const { answer, ending } = await answerTo(command, following);
  if (ending) return ending;
  if (answer.outcome === 'refused') {
    return { outcome: 'refused', sentence: `The controller refuses: ${finished(answer.sentence)}` };
  }
  following.tell({ at: answer.at, what: 'accepted', text: answer.sentence });
  if (answer.outcome === 'done' || command.kind === 'acknowledge' || command.kind === 'waive') {
    return { outcome: 'done', sentence: finished(capital(answer.sentence)) };
  }
  return command.kind === 'names' ? renamed(following) : promoted(before, following);
}

type Answered =
  | { readonly answer: Answer; readonly ending?: undefined }
  | { readonly ending: Outcome; readonly answer?: undefined };

async function answerTo(command: Command, following: Following): Promise<Answered> {
  const { journal, surroundings } = following;
  const { sleep, signal } = surroundings;
  const begun = journal.now();
  for (;;) {
    const { memory } = await patientRead(following);
    if (memory?.answer?.command === command.id) return { answer: memory.answer };
    const waited = journal.now() - begun;
    if (signal.aborted || waited > SILENT_AFTER_MILLIS) {
      const isTaken = !(await journal.withdraw(command.id));
      if (signal.aborted) {
        return { ending: { outcome: 'interrupted', sentence: isTaken ? GOES_ON : WITHDRAWN } };
      }
      // Taken between the two: the answer is there now.
      if (!isTaken) return { ending: { outcome: 'unanswered', sentence: unanswered(waited) } };
    }
    await sleep(LOOK_EVERY_MILLIS, signal);
  }
}

const GOES_ON = `The controller goes on by itself; ${PROGRAM} -- status --watch shows how far it is.`;
const WITHDRAWN = 'Withdrawn before the controller had taken it: nothing happens.';
const IN_JOURNAL = `What was asked for is in the journal all the same; ${PROGRAM} -- status shows what becomes of it.`;
const unanswered = (millis: number) =>
  `The controller has not answered for ${seconds(millis / 1000)}, and the command was withdrawn: look at its alarms and its log.`;

/** Until the names are the usual ones. */
function renamed(following: Following): Promise<Outcome> {
  let hasBegun = false;
  return watching(following, ({ memory }) => {
    hasBegun ||= memory?.naming !== undefined;
    if (!memory || memory.naming) return undefined;
    const { state } = memory;
    // Answered in the round that began and, with nothing left to rename, ended it.
    if (!hasBegun && state?.name !== 'naming') return undefined;
    return { outcome: 'done', sentence: 'Every database has its usual name.' };
  });
}

/** Until another instance is primary and the group whole again; or the old one goes on. */
function promoted(before: Memory, following: Following): Promise<Outcome> {
  return watching(following, ({ memory }) => {
    if (!memory || memory.phase !== 'steady' || memory.failover) return undefined;
    if (memory.primary !== before.primary) {
      return { outcome: 'done', sentence: `The group is whole again, under epoch ${memory.epoch}.` };
    }
    const why = memory.state?.reasons.join('; ') ?? '';
    return { outcome: 'given up', sentence: `The old primary goes on: ${finished(why || 'see history')}` };
  });
}

async function watching(
  following: Following,
  endOf: (stored: Stored) => Outcome | undefined,
): Promise<Outcome> {
  const { journal, surroundings, tell } = following;
  const { sleep, signal } = surroundings;
  for (let told: Told = NOTHING_TOLD; ;) {
    const stored = await patientRead(following);
    const next = progress(told, stored, journal.now());
    told = next.told;
    next.lines.forEach(tell);
    const end = endOf(stored);
    if (end) return end;
    if (signal.aborted) return { outcome: 'interrupted', sentence: GOES_ON };
    await sleep(LOOK_EVERY_MILLIS, signal);
  }
}

/** A laptop may be without its network for a while; the controller goes on all the same. */
const PATIENCE_MILLIS = 60_000;

/** @throws Failure when nothing could be read for long, or Ctrl-C came meanwhile */
async function patientRead({ journal, surroundings: { sleep, signal }, tell }: Following): Promise<Stored> {
  const begun = journal.now();
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await journal.read();
    } catch (error) {
      const { message } = error as Error;
      if (!(error instanceof Failure)) throw error;
      if (signal.aborted || journal.now() - begun > PATIENCE_MILLIS) {
        throw new Failure(`${message} ${IN_JOURNAL}`, { cause: error });
      }
      if (isFirst) tell({ at: journal.now(), what: 'not seen', text: message });
      await sleep(LOOK_EVERY_MILLIS, signal);
    }
  }
}

const finished = (sentence: string) => (/[.!?]$/.test(sentence) ? sentence : `${sentence}.`);

/** Identifiers stay as they are written. */
const capital = (sentence: string) =>
  /^[a-z]+ /.test(sentence) ? sentence[0]!.toUpperCase() + sentence.slice(1) : sentence;
