import type { Figure, Section } from './figure';
import { BenchFailure } from './failure';
import type { Bench } from './part';
import { quantity } from './print';
import { PROJECT } from './project';

interface Step {
  readonly name: string;
  readonly seconds: number;
}

/** `npm start` until the table is printed, and its steps. */
export async function start({ programs, runs, say }: Bench): Promise<Section> {
  const all: number[] = [];
  const steps = new Map<string, number[]>();
  for (let run = 1; run <= runs; run++) {
    const { seconds, output } = await programs.time({
      name: 'npm start',
      program: 'npm',
      args: ['start', '--', '--once', '--json'],
      cwd: PROJECT,
    });
    const taken = stepsIn(output);
    // npm, the look at what is installed, and loading the trial's own programs.
    const rest = { name: 'npm, set-up, loading', seconds: seconds - sum(taken) };
    for (const { name, seconds } of [...taken, rest]) steps.set(name, [...(steps.get(name) ?? []), seconds]);
    all.push(seconds);
    say(`start ${run} of ${runs}: ${quantity(seconds, 's')}`);
  }
  return {
    part: 'start',
    title: '`npm start` with packages installed',
    about: 'From the command until it has printed the table of the stage in cdk.json and ended (`--once`).',
    figures: [
      { name: '`npm start` in all', unit: 's', values: all, goal: { atMost: 60 } },
      ...[...steps].map(([name, values]): Figure => ({ name: `step: ${name}`, unit: 's', values })),
    ],
  };
}

/**
 * The steps in what `npm start -- --json` prints, below npm's own lines.
 * @throws BenchFailure when there are none
 */
export function stepsIn(output: string): readonly Step[] {
  try {
    return JSON.parse(output.slice(output.search(/^\{/m))).steps as Step[];
  } catch {
    throw new BenchFailure('npm start printed no JSON, so its steps are unknown.');
  }
}

const sum = (steps: readonly Step[]): number => steps.reduce((total, { seconds }) => total + seconds, 0);
