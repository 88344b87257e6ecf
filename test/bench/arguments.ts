import { parseArgs } from 'node:util';
import { BenchFailure } from './failure';
import { calm } from './failover/calm';
import { failover } from './failover/failover';
import { look } from './failover/look';
import { npmTest } from './npm-test';
import type { Part } from './part';
import { recoveryApply } from './recovery/apply';
import { recovery } from './recovery/recovery';
import { ROWS_AT_LEAST } from './recovery/truth';
import { start } from './start';
import { synth } from './synth';
import { templates } from './templates';

/** What can be measured, in the order of measuring. */
export const PARTS: ReadonlyMap<string, Part> = new Map([
  ['synth', synth],
  ['start', start],
  ['test', npmTest],
  ['templates', templates],
  ['failover', failover],
  ['failover-look', look],
  ['failover-calm', calm],
  ['recovery', recovery],
  ['recovery-apply', recoveryApply],
]);

/** The others take many minutes: on request only. */
const USUAL = ['synth', 'start', 'templates'];

/** The issue of the blueprint asks for the median of at least so many. */
const USUAL_RUNS = 5;

export const HELP = `npm run bench -- [parts] [options]      measures the blueprint on this machine

  parts             ${[...PARTS.keys()].join(' ')}
                    (default: ${USUAL.join(' ')})
  --runs N          how often to measure each (default: ${USUAL_RUNS}); the median counts
  --hours N         how long failover-calm looks for false alarms (default: 1)
  --rows N,N        sizes of the tables for recovery (default: 1000000,10000000; needs 2 kB of disk a row)
  --json            all figures as JSON
  --markdown        for docs/benchmarks.md
  --help            this text

A missed goal is shown (✗) and is no error.`;

export interface BenchArguments {
  readonly help: boolean;
  readonly parts: readonly string[];
  readonly runs: number;
  readonly hours: number;
  /** Absent: as many as the part says. */
  readonly rows?: readonly number[];
  readonly form: 'text' | 'json' | 'markdown';
}

/**
 * Reads the command line.
 *
 * @throws BenchFailure with one sentence that says what there is
 */
export function parseArguments(args: readonly string[]): BenchArguments {
  const { values, positionals } = parsed(args);
  const unknown = positionals.find((part) => !PARTS.has(part));
  if (unknown !== undefined) {
    throw new BenchFailure(`"${unknown}" cannot be measured: the parts are ${[...PARTS.keys()].join(', ')}.`);
  }
  const wanted = positionals.length > 0 ? positionals : USUAL;
  if (values.json && values.markdown) {
    throw new BenchFailure('--json and --markdown are two forms of one output: give one of them.');
  }
  return {
    help: values.help ?? false,
    parts: [...PARTS.keys()].filter((part) => wanted.includes(part)),
    runs: runsOf(values.runs),
    hours: hoursOf(values.hours),
    ...(values.rows !== undefined && { rows: rowsOf(values.rows) }),
    form: values.json ? 'json' : values.markdown ? 'markdown' : 'text',
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        runs: { type: 'string' },
        hours: { type: 'string' },
        rows: { type: 'string' },
        json: { type: 'boolean' },
        markdown: { type: 'boolean' },
      },
    });
  } catch (error) {
    const [sentence] = (error as Error).message.split('. ');
    throw new BenchFailure(`${sentence}: see npm run bench -- --help.`);
  }
}

function runsOf(value: string | undefined): number {
  if (value === undefined) return USUAL_RUNS;
  if (/^[1-9]\d{0,2}$/.test(value)) return Number(value);
  throw new BenchFailure(`--runs ${value} is not a number of runs: it is a whole number from 1 to 999.`);
}

function hoursOf(value = '1'): number {
  const hours = Number(value);
  if (/^\d+(\.\d+)?$/.test(value) && hours > 0 && hours <= 24) return hours;
  throw new BenchFailure(`--hours ${value} is not a length of time: it is a number up to 24, such as 0.2.`);
}

const ROWS_AT_MOST = 100_000_000;

function rowsOf(value: string): number[] {
  const sizes = value.split(',').map((size) => (/^\d{1,9}$/.test(size) ? Number(size) : NaN));
  if (sizes.every((size) => size >= ROWS_AT_LEAST && size <= ROWS_AT_MOST)) return sizes;
  throw new BenchFailure(
    `--rows ${value} is not a list of table sizes: whole numbers from ${ROWS_AT_LEAST} to ${ROWS_AT_MOST}, such as 1000000,10000000.`,
  );
}
