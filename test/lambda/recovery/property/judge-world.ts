/** Plays cases, recovers each in every way, and says what is wrong. */
import { type Case, makeCase } from './case';
import { WAYS, type Way, judgeLateApply, judgePlanning, judgeRecovery } from './judge-case';
import { printCase } from './print';
import { type Played, type World, play } from './world';

export interface Fault {
  readonly case: Case;
  readonly way: Way;
  /** Sentences. */
  readonly faults: readonly string[];
}

/** One seed alone: `RECOVERY_SEED=17 npx jest test/lambda/recovery/property`. */
const alone = process.env['RECOVERY_SEED'];

export const casesFrom = (first: number, count: number): Case[] =>
  alone === undefined
    ? Array.from({ length: count }, (_, at) => makeCase(first + at))
    : [makeCase(Number(alone))];

/** Planned in all ways; applied in one of them, which is another with the next seed. Every fourth time the site writes first. */
export async function judgeOne(world: World, one: Played): Promise<Fault[]> {
  const last = WAYS[one.case.seed % WAYS.length]!;
  const judgeLast = one.case.seed % 4 === 0 ? judgeLateApply : judgeRecovery;
  const found: Fault[] = [];
  for (const way of [...WAYS.filter((other) => other !== last), last]) {
    const judge = way === last ? judgeLast : judgePlanning;
    const faults = await judge(world, one, way).catch((error: Error) => [`it fails: ${error.stack}`]);
    if (faults.length > 0) found.push({ case: one.case, way, faults });
  }
  return found;
}

export async function judgeCases(cases: readonly Case[], options?: { isEarly: boolean }): Promise<Fault[]> {
  const world = await play(cases, options);
  try {
    const found: Fault[] = [];
    for (const one of world.played) found.push(...(await judgeOne(world, one)));
    return found;
  } finally {
    await world.stop();
  }
}

/** @throws Error with all faults, and with the first case as SQL */
export function refuse(found: readonly Fault[]): void {
  const [first] = found;
  if (!first) return;
  const list = found.map(
    ({ case: { seed }, way, faults }) => `seed ${seed}, by ${way}:\n  ${faults.join('\n  ')}`,
  );
  throw new Error(
    `${list.join('\n\n')}\n\nAgain: RECOVERY_SEED=${first.case.seed} npx jest test/lambda/recovery/property\n\n${printCase(first.case)}`,
  );
}
