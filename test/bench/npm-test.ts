import type { Section } from './figure';
import { BenchFailure } from './failure';
import type { Bench } from './part';
import { quantity } from './print';
import { PROJECT } from './project';

/** `npm test`, and jest's part of it. */
export async function npmTest({ programs, runs, say }: Bench): Promise<Section> {
  const all: number[] = [];
  const jest: number[] = [];
  for (let run = 1; run <= runs; run++) {
    const { seconds, said } = await programs.time({
      name: 'npm test',
      program: 'npm',
      args: ['test'],
      cwd: PROJECT,
    });
    all.push(seconds);
    jest.push(jestSeconds(said));
    say(`test ${run} of ${runs}: ${quantity(seconds, 's')}, of it jest ${quantity(jest.at(-1)!, 's')}`);
  }
  return {
    part: 'test',
    title: '`npm test`',
    about: 'Types, lint and jest, with packages installed.',
    figures: [
      { name: '`npm test` in all', unit: 's', values: all, goal: { atMost: 300 } },
      { name: "of it jest (its own line 'Time:')", unit: 's', values: jest, goal: { atMost: 100 } },
    ],
  };
}

/**
 * What jest says it took.
 * @throws BenchFailure when it says nothing
 */
export function jestSeconds(said: string): number {
  // eslint-disable-next-line no-control-regex -- jest may colour its line
  const seconds = /^Time:\s+([\d.]+) s/m.exec(said.replace(/\x1b\[[\d;]*m/g, ''))?.[1];
  if (seconds === undefined) throw new BenchFailure("npm test printed no line 'Time:' of jest's.");
  return Number(seconds);
}
