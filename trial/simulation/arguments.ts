import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { nearest } from '../../lib/settings/nearest';
import { TrialFailure } from '../failure';
import { type ScenarioName, SCENARIOS } from './scenarios';

/** What `npm run simulate -- …` was asked for. */
export interface SimulateArguments {
  readonly help: boolean;
  readonly scenario: ScenarioName;
  readonly schedules: number;
  /** Of the first schedule; the others follow. */
  readonly seed: number;
  readonly workers: number;
  /** Print what happened in each. */
  readonly verbose: boolean;
  readonly json: boolean;
}

const SCHEDULES = 1_000;
const MOST_SCHEDULES = 10_000_000;
const MOST_WORKERS = 64;

const names = Object.keys(SCENARIOS) as ScenarioName[];

export const HELP = `npm run simulate -- [options]   the failover controller meets schedules of faults, in virtual time

  --schedules NUM  how many (default: ${SCHEDULES}; with --seed 1)
  --seed NUMBER    the first one; the same number gives the same schedule
                   (default: 1)
  --scenario NAME  faults of one kind (default: any):
${names.map((name) => `                     ${name.padEnd(18)} ${SCENARIOS[name].what}`).join('\n')}
  --workers NUM    how many at a time (default: one a core, here ${availableParallelism()})
  --verbose        what happened in each schedule, line by line
  --json           the summary as JSON on standard output
  --help           this text

Ends with 1 when something that must hold always does not; the schedule is made smaller, and printed.`;

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  schedules: { type: 'string' },
  seed: { type: 'string' },
  scenario: { type: 'string' },
  workers: { type: 'string' },
  verbose: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** @throws TrialFailure with one sentence, naming the nearest known option or scenario */
export function parseArguments(args: readonly string[]): SimulateArguments {
  // Not strict: node's own messages name neither what is allowed nor what is near.
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      throw new TrialFailure(`"${token.value}" is not an option: see npm run simulate -- --help.`);
    }
    const name = token.rawName === '-h' ? 'help' : token.name;
    if (!Object.hasOwn(OPTIONS, name)) throw unknown(token.rawName, name);
    const takesValue = OPTIONS[name as keyof typeof OPTIONS].type === 'string';
    if (takesValue && (token.value === undefined || token.value.startsWith('--'))) {
      throw new TrialFailure(`${token.rawName} needs a value: see npm run simulate -- --help.`);
    }
    if (!takesValue && token.value !== undefined) {
      throw new TrialFailure(`${token.rawName} takes no value, but "${token.value}" was given.`);
    }
    given.set(name, token.value ?? 'true');
  }
  const number = (name: string, otherwise: number, least: number, most: number): number => {
    const value = given.get(name);
    if (value === undefined) return otherwise;
    if (/^\d+$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
    throw new TrialFailure(
      `--${name} ${value} is not allowed: it is a whole number from ${least} to ${most}.`,
    );
  };
  return {
    help: given.has('help'),
    scenario: scenarioOf(given.get('scenario')),
    schedules: number('schedules', given.has('seed') ? 1 : SCHEDULES, 1, MOST_SCHEDULES),
    seed: number('seed', 1, 0, 2 ** 32 - 1),
    workers: number('workers', Math.min(MOST_WORKERS, availableParallelism()), 1, MOST_WORKERS),
    verbose: given.has('verbose'),
    json: given.has('json'),
  };
}

function unknown(raw: string, name: string): TrialFailure {
  const near = nearest(name, Object.keys(OPTIONS));
  return new TrialFailure(
    `${raw} is not known: ${near ? `did you mean --${near}?` : 'see npm run simulate -- --help.'}`,
  );
}

function scenarioOf(value = 'any'): ScenarioName {
  const name = names.find((known) => known === value);
  if (name) return name;
  const near = nearest(value, names);
  throw new TrialFailure(
    `--scenario ${value} is not known: ${near ? `did you mean ${near}?` : `it is one of ${names.join(', ')}.`}`,
  );
}
