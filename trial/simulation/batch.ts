/** Some schedules in a row. */
import { timeline } from './report';
import { type ScenarioName, SCENARIOS } from './scenarios';
import { simulate } from './simulate';
import { add, emptyTally, type Tally } from './summary';
import { scheduleText } from './words';

export interface Batch {
  readonly scenario: ScenarioName;
  /** Of the first. */
  readonly seed: number;
  readonly count: number;
  readonly verbose: boolean;
}

export interface Done {
  readonly tally: Tally;
  /** Of schedules that broke a promise. */
  readonly failed: readonly number[];
  /** What happened, when that is wanted. */
  readonly texts: readonly string[];
}

export async function simulateBatch({ scenario, seed, count, verbose }: Batch): Promise<Done> {
  const tally = emptyTally();
  const failed: number[] = [];
  const texts: string[] = [];
  for (let index = 0; index < count; index++) {
    const result = await simulate(SCENARIOS[scenario].schedule(seed + index));
    add(tally, result.statistics);
    if (verbose)
      texts.push(`${scheduleText(result.schedule)}\n\n${timeline(result)}\ntrace ${result.hash}\n`);
    if (!result.violation) continue;
    failed.push(seed + index);
    break;
  }
  return { tally, failed, texts };
}
