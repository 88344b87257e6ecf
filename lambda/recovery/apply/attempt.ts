/**
 * Makes a batch, whatever is in it: what passes by itself is tried again, what some row is to blame for is repeated by
 * halves until that row stands alone, and what nothing can be done about ends the apply with a sentence.
 */
import { sqlState } from '../../../app/database/errors';
import { Problem } from '../problem';
import { LostConnection } from '../session';
import type { Verdict } from './applied';
import { type Making, Unwritten, absent, makeBatch } from './batch';
import { type Step, runsOf } from './step';
import { tell } from './tell';

/** Deadlock, serialization failure, lock timeout: somebody was in the way. */
const PASSING = /^(40001|40P01|55P03)$/;
const ATTEMPTS = 6;
const PAUSE_MILLIS = 250;

/** May go another way once the rest is done: a value is free then, a parent there. */
export const isWorthAnotherTry = ({ outcome, sqlState }: Verdict): boolean =>
  outcome === 'refused' && /^23(503|505|P01)$/.test(sqlState ?? '');

export type Pause = (millis: number) => Promise<void>;

/**
 * @returns a verdict of each step
 * @throws Problem when going on makes no sense; what was done before stays done
 */
export async function attempt(
  making: Making,
  steps: readonly Step[],
  pause: Pause,
  isTogether = false,
): Promise<Verdict[]> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await makeBatch(making, steps, isTogether);
    } catch (error) {
      if (error instanceof Unwritten) return unwritten(making, steps, pause, isTogether);
      const state = sqlState(error) ?? '';
      if (PASSING.test(state) && attempts < ATTEMPTS) {
        await pause(PAUSE_MILLIS * 2 ** (attempts - 1));
        continue;
      }
      const problem = problemOf(error, making, steps);
      if (problem) throw problem;
      const { message, detail } = error as Error & { detail?: string };
      const open = steps.filter(({ verdict }) => !verdict);
      if (open.length > 1 && !isOfAll(state, message, open)) return halves(making, steps, pause, isTogether);
      const why = detail && state.startsWith('23') ? `${message}: ${detail}` : message;
      return refuse(making, steps, { outcome: 'refused', why, sqlState: state });
    }
  }
}

/** Who may not write a table may not write any row of it. */
const isOfAll = (state: string, message: string, steps: readonly Step[]): boolean =>
  state === '42501' &&
  message.startsWith('permission denied') &&
  steps.every(({ change }) => change.table === steps[0]!.change.table);

async function halves(
  making: Making,
  steps: readonly Step[],
  pause: Pause,
  isTogether: boolean,
): Promise<Verdict[]> {
  const middle = middleOf(steps);
  const first = await attempt(making, steps.slice(0, middle), pause, isTogether);
  return [...first, ...(await attempt(making, steps.slice(middle), pause, isTogether))];
}

/** Where the steps are cut in two: between units where there are several. */
function middleOf(steps: readonly Step[]): number {
  const half = Math.ceil(steps.length / 2);
  for (let off = 0; off < half; off++) {
    for (const at of [half - off, half + off]) {
      const [before, after] = [steps[at - 1], steps[at]];
      if (before && after && (before.unit === undefined || before.unit !== after.unit)) return at;
    }
  }
  return half;
}

/** The steps that are open get the verdict; it is one, unless all of them are to blame. */
async function refuse(making: Making, steps: readonly Step[], refused: Verdict): Promise<Verdict[]> {
  const verdicts = steps.map((step) => step.verdict ?? { ...refused, present: step.change.present });
  await making.primary
    .transaction(() => tell(making, steps, verdicts))
    .catch((error: unknown) => {
      throw problemOf(error, making, steps) ?? error;
    });
  return verdicts;
}

/** Fewer rows were written than were given: their keys are taken meanwhile, or something else has swallowed them. */
async function unwritten(
  making: Making,
  steps: readonly Step[],
  pause: Pause,
  isTogether: boolean,
): Promise<Verdict[]> {
  const found = new Map<Step, Verdict>();
  try {
    for (const run of runsOf(steps.filter(({ verdict }) => !verdict))) {
      if (run.operation === 'insert') await absent(making, run, found);
    }
  } catch (error) {
    throw problemOf(error, making, steps) ?? error;
  }
  if (found.size > 0) {
    const known = steps.map((step) => ({ ...step, verdict: step.verdict ?? found.get(step) }));
    return attempt(making, known, pause, isTogether);
  }
  if (steps.filter(({ verdict }) => !verdict).length > 1) return halves(making, steps, pause, isTogether);
  return refuse(making, steps, {
    outcome: 'refused',
    why: 'PostgreSQL has written nothing and said nothing: a trigger or a rule of the table keeps the row from being written.',
  });
}

/** What ends an apply. */
export function problemOf(
  error: unknown,
  { primary }: Pick<Making, 'primary'>,
  steps: readonly Step[],
): Problem | undefined {
  const { message } = error as Error;
  const state = sqlState(error);
  const tables = [...new Set(steps.map(({ change }) => change.table))].join(', ');
  const rest = 'What was done before is in the ledger: the same command goes on from there';
  if (error instanceof Problem) return error;
  if (error instanceof LostConnection) {
    return new Problem(`The connection was lost (${message}). ${rest} when ${primary.name} answers again.`);
  }
  if (state === undefined) throw error; // a mistake of ours
  if (PASSING.test(state)) {
    return new Problem(
      `Other transactions on ${primary.name} hold rows or the whole of ${tables} for longer than recovery waits (${message}). ${rest}; do that when they are over.`,
    );
  }
  if (state === '25006') {
    return new Problem(
      `${primary.name} takes no writes (${message}): it is not the primary any more, or was made read-only. ${rest}, on the primary.`,
    );
  }
  if (state === '53100') {
    return new Problem(`The disk of ${primary.name} is full (${message}). Make space there. ${rest}.`);
  }
  if (/^(53|58|57)/.test(state)) {
    return new Problem(`${primary.name} cannot go on (${state}: ${message}). ${rest}.`);
  }
  if (state === '42501' && message.includes('recovery_')) {
    return new Problem(
      `The ledger on ${primary.name} belongs to another role (${message}). Run recovery as the role that began it, or let its owner grant select, insert, update on scale_from_zero.recovery_run and scale_from_zero.recovery_ledger.`,
    );
  }
  return undefined;
}
