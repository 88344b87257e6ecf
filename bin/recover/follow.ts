/** A run of the function, from its start to its end. */
import { type RunRequest, type RunState, SILENT_MILLIS } from '../../lambda/recovery/run-state';
import { Failure } from '../../lib/terminal/failure';
import { seconds } from '../../lib/terminal/quantities';
import type { Cloud } from './cloud';
import type { ProgressView } from './progress-line';
import type { Surroundings } from './surroundings';
import { typed } from './words';

const LOOK_EVERY_MILLIS = 1_000;
/** A function is there within seconds; another run may be before it, for 15 minutes. */
const LATE_MILLIS = 60_000;
/** Lambda drops a start that it could not make for so long (lib/data/recovery.ts). */
const GIVEN_UP_MILLIS = 21 * 60_000;
/** Starts that brought nothing forward. */
const MOST_STARTS_IN_VAIN = 3;
/** A laptop may be without its network for a while; the run goes on all the same. */
const PATIENCE_MILLIS = 60_000;

export interface Following {
  readonly cloud: Cloud;
  /** Absent: nothing is told on the way. */
  readonly view?: ProgressView;
  readonly surroundings: Pick<Surroundings, 'sleep' | 'signal'>;
}

/** Starts a run, and follows it. @throws Failure when it fails, or Lambda never begins it */
export async function carryOut(request: RunRequest, following: Following): Promise<RunState | 'left'> {
  await following.cloud.start(request);
  return follow(request, following);
}

/**
 * @returns how it ended, `paused` when Ctrl-C has asked for that; `left`: it goes on, and nobody follows any more
 * @throws Failure
 */
export async function follow(request: RunRequest, following: Following): Promise<RunState | 'left'> {
  const { cloud, view, surroundings } = following;
  const { signal, sleep } = surroundings;
  const { now } = cloud.journal;
  const begun = now();
  let [isLateTold, isStopAsked, startsInVain, doneBefore, startedAgainAt] = [false, false, 0, -1, 0];
  for (;;) {
    const state = await patientRead(request.run, following);
    if (state?.progress) view?.tell(state.progress, state.stepAt);
    if (state?.state === 'done') return state;
    if (state?.state === 'failed')
      throw new Failure(
        state.problem ?? 'The run failed, and does not say why: see the log of the function.',
      );
    if (signal.aborted) {
      if (request.kind === 'plan' || !state) return 'left';
      if (!isStopAsked) {
        await cloud.stop(request.run);
        view?.say('It is asked to finish the batch that is under way. (Ctrl-C again: it is left alone.)');
      }
      isStopAsked = true;
      if (state.state === 'paused' || isSilent(state, now())) return state;
    } else if (
      state &&
      (state.state === 'paused' || isSilent(state, now())) &&
      now() - startedAgainAt > SILENT_MILLIS
    ) {
      // Its 15 minutes were over, or it was killed.
      const done = state.progress?.done ?? 0;
      startsInVain = done > doneBefore ? 0 : startsInVain + 1;
      doneBefore = done;
      if (startsInVain >= MOST_STARTS_IN_VAIN) {
        throw new Failure(
          `The function was begun ${MOST_STARTS_IN_VAIN + 1} times, and does not come further: look at its log.`,
        );
      }
      view?.say(
        state.state === 'paused'
          ? 'It goes on where its time was over.'
          : 'It has fallen silent, and is begun again: it goes on where it was.',
      );
      await cloud.start(request);
      startedAgainAt = now();
    } else if (!state) {
      const waited = now() - begun;
      if (waited > GIVEN_UP_MILLIS) {
        throw new Failure(
          `The function has not begun in ${seconds(waited / 1000)}: look at its log, and at ${typed('status')} for other runs.`,
        );
      }
      if (waited > LATE_MILLIS && !isLateTold) {
        view?.say(
          `The function has not begun yet. Another run may be before it: ${typed('status')} shows them.`,
        );
        isLateTold = true;
      }
    }
    // After Ctrl-C the signal would end each sleep at once.
    await sleep(LOOK_EVERY_MILLIS, isStopAsked ? new AbortController().signal : signal);
  }
}

const isSilent = ({ state, updatedAt }: RunState, now: number): boolean =>
  state === 'running' && now - updatedAt > SILENT_MILLIS;

async function patientRead(run: string, following: Following): Promise<RunState | undefined> {
  const { cloud, view, surroundings } = following;
  const begun = cloud.journal.now();
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await cloud.run(run);
    } catch (error) {
      const { message } = error as Error;
      if (!(error instanceof Failure)) throw error;
      if (surroundings.signal.aborted || cloud.journal.now() - begun > PATIENCE_MILLIS) {
        throw new Failure(`${message} The run ${run} goes on all the same: ${typed('status')} shows it.`, {
          cause: error,
        });
      }
      if (isFirst) view?.say(message);
      await surroundings.sleep(LOOK_EVERY_MILLIS, surroundings.signal);
    }
  }
}
