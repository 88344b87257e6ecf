/** One schedule from its beginning to its end. */
import { Checking } from './checking';
import { operate, unsettled } from './convergence';
import { arm } from './faults';
import type { Violation } from './invariant';
import { chance, randomOf } from './random';
import { endOf, type Schedule } from './schedule';
import { Measuring, type Statistics } from './statistics';
import type { Line } from './trace';
import { type Controller, World } from './world';

export interface Result {
  readonly schedule: Schedule;
  /** The first promise that was broken; nothing more was simulated then. */
  readonly violation?: Violation;
  readonly statistics: Statistics;
  readonly trace: readonly Line[];
  /** The same for the same trace. */
  readonly hash: string;
}

const MINUTE = 60_000;

/** How long after the last fault everything must be as it should be: AWS's durations add up. */
const SETTLED_WITHIN_MILLIS = 4 * 60 * MINUTE;

/** For so long it must stay so. */
const STILL_MINUTES = 3;

/** Whether the operator asks for the usual names at the end. */
const NAMES_SHARE = 0.08;

/** @param controller another one than ours */
export async function simulate(schedule: Schedule, controller: Controller = {}): Promise<Result> {
  const world = new World(schedule, controller);
  await world.begin();
  const checking = new Checking(world);
  const measuring = new Measuring(world);
  world.watchers.push({ wrote: (row) => measuring.wrote(row) });
  arm(world);

  let settled = 0;
  const wantsNames = chance(randomOf(schedule.seed, 8), NAMES_SHARE);
  const faultsEnd = world.beganAt + endOf(schedule) * 1000;
  const latest = faultsEnd + SETTLED_WITHIN_MILLIS;
  const look = () => {
    if (world.clock.now() > faultsEnd + MINUTE) {
      operate(world, wantsNames);
      settled = unsettled(world) === undefined ? settled + 1 : 0;
    }
    world.clock.after(MINUTE, look);
  };
  world.clock.after(MINUTE / 2, look);

  let steps = 0;
  while (settled < STILL_MINUTES && !checking.violation) {
    const more = await world.step(latest);
    steps++;
    measuring.step();
    checking.step();
    if (!more) {
      checking.end();
      break;
    }
  }
  world.close();
  return {
    schedule,
    ...(checking.violation && { violation: checking.violation }),
    statistics: measuring.result(steps),
    trace: world.trace.lines,
    hash: world.trace.hash,
  };
}
