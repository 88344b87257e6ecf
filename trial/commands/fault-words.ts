/** The language of faults: from words to a fault, without knowing which servers and databases there are. */
import type { Fault, Party } from '../control/contract';
import { operations as RDS_OPERATIONS } from '../rds/protocol/shape-table.json';
import { readTime } from './units';
import { UsageFailure, listed, remedy } from '../../lib/terminal/usage';

/** What stands for the placeholders of a form. */
interface Found {
  readonly SERVER: string;
  readonly DATABASE: string;
  readonly FUNCTION: string;
  /** As it was written. */
  readonly TIME: string;
  readonly OPERATION: string;
  /** Of alternatives such as `fail|work`. */
  readonly CHOICE: string;
  readonly stays: boolean;
}

interface Form {
  /** Words, PLACEHOLDERS, `one|of|these`, and `[words]` that may be left out. */
  readonly form: string;
  readonly about: string;
  readonly fault: (found: Found) => Fault;
}

const PARTIES = 'clients|controller|replicas|everybody';

/** Beyond that a person has forgotten it. */
const LONGEST_DELAY = { millis: 3_600_000, name: '60min' };
/** As the contract has it: a delay, and no cut. */
const LONGEST_SLOWNESS = { millis: 60_000, name: '60s' };

const party = ({ CHOICE }: Found) => CHOICE as Party;

export const FORMS: readonly Form[] = [
  {
    form: 'kill server SERVER',
    about: 'ends it; its group starts another',
    fault: ({ SERVER }) => ({ kind: 'kill-server', server: SERVER }),
  },
  {
    form: 'kill database DATABASE [--stays]',
    about: 'ends it; --stays: until released',
    fault: ({ DATABASE, stays }) => ({ kind: 'kill-database', database: DATABASE, stays }),
  },
  {
    form: 'kill function FUNCTION',
    about: 'ends it in the middle of its run',
    fault: (found) => ({ kind: 'kill-function', function: found.FUNCTION }),
  },
  {
    form: 'release [database] DATABASE',
    about: 'lets a killed one be restarted',
    fault: ({ DATABASE }) => ({ kind: 'release-database', database: DATABASE }),
  },
  {
    form: 'freeze [database] DATABASE [--stays]',
    about: 'stops its processes; --stays: RDS, too',
    fault: ({ DATABASE, stays }) => ({ kind: 'freeze-database', database: DATABASE, stays }),
  },
  {
    form: 'thaw [database] DATABASE',
    about: 'lets a frozen one go on',
    fault: ({ DATABASE }) => ({ kind: 'thaw-database', database: DATABASE }),
  },
  {
    form: `cut-off [database] DATABASE from ${PARTIES}`,
    about: 'lets nothing through between them',
    fault: (found) => ({ kind: 'cut-off', database: found.DATABASE, from: party(found) }),
  },
  {
    form: `reconnect [database] DATABASE to ${PARTIES}`,
    about: 'ends cut and slowness between them',
    fault: (found) => ({ kind: 'reconnect', database: found.DATABASE, to: party(found) }),
  },
  {
    form: 'cut-off controller',
    about: 'from all databases and all APIs',
    fault: () => ({ kind: 'cut-off-controller' }),
  },
  {
    form: 'reconnect controller',
    about: 'lets it reach them again',
    fault: () => ({ kind: 'reconnect-controller' }),
  },
  {
    form: `slow [database] DATABASE for ${PARTIES} TIME`,
    about: 'delays what goes between, each way',
    fault: (found) => ({
      kind: 'slow-network',
      database: found.DATABASE,
      from: party(found),
      milliseconds: readTime(found.TIME, LONGEST_SLOWNESS),
    }),
  },
  {
    form: 'fill-disk [database] DATABASE',
    about: 'leaves no room on its disk',
    fault: ({ DATABASE }) => ({ kind: 'fill-disk', database: DATABASE }),
  },
  {
    form: 'empty-disk [database] DATABASE',
    about: 'gives it room again',
    fault: ({ DATABASE }) => ({ kind: 'empty-disk', database: DATABASE }),
  },
  {
    form: 'delay-replay [database] DATABASE TIME',
    about: 'lets a replica lag; 0 ends it',
    fault: ({ DATABASE, TIME }) => ({
      kind: 'delay-replay',
      database: DATABASE,
      seconds: readTime(TIME, LONGEST_DELAY) / 1000,
    }),
  },
  {
    form: 'events drop|late|unordered|deliver',
    about: "what becomes of RDS's events",
    fault: ({ CHOICE }) => ({ kind: 'events', how: CHOICE as 'drop' | 'late' | 'unordered' | 'deliver' }),
  },
  {
    form: 'api OPERATION fail|throttle|slow|work',
    about: 'an operation of RDS, or all of them',
    fault: ({ OPERATION, CHOICE }) => ({
      kind: 'api',
      operation: operationOf(OPERATION),
      how: CHOICE as 'fail' | 'throttle' | 'slow' | 'work',
    }),
  },
  { form: 'heal', about: 'ends every fault that holds', fault: () => ({ kind: 'heal' }) },
];

/**
 * Reads the words after `fault`.
 *
 * @returns a fault whose server and database are as they were written: `named` looks them up
 * @throws UsageFailure one sentence
 */
export function parseFault(words: readonly string[]): Fault {
  const flags = words.filter((word) => word.startsWith('--'));
  const rest = words.filter((word) => !word.startsWith('--'));
  const unknown = flags.find((flag) => flag !== '--stays');
  if (unknown)
    throw new UsageFailure(`${unknown} is not known to fault: ${remedy(unknown, ['--stays', '--help'])}`);
  const [form, result] = furthest(rest);
  if (result.expected) throw mistake(rest, result.at, result.expected);
  if (flags.length > 0 && !form.form.includes('--stays')) {
    throw new UsageFailure(
      `--stays is for "kill database" and "freeze" only: RDS cannot restart it until it is released or thawed.`,
    );
  }
  return form.fault({ ...result.found, stays: flags.length > 0 } as Found);
}

interface Match {
  readonly found: Partial<Found>;
  /** How many words fitted. */
  readonly at: number;
  /** What the next word should have been; empty: nothing more. Absent: all fits. */
  readonly expected?: readonly string[];
}

/** The form that most of the words fit; of several, what they expect together. */
function furthest(words: readonly string[]): [Form, Match] {
  const matches = FORMS.map((form): [Form, Match] => [form, match(form.form, words)]);
  const whole = matches.find(([, { expected }]) => !expected);
  if (whole) return whole;
  const at = Math.max(...matches.map(([, result]) => result.at));
  const best = matches.filter(([, result]) => result.at === at);
  const expected = [...new Set(best.flatMap(([, result]) => result.expected ?? []))];
  return [best[0]![0], { ...best[0]![1], expected }];
}

function match(form: string, words: readonly string[]): Match {
  const found: Record<string, string> = {};
  let at = 0;
  for (const part of form.split(' ')) {
    if (part.startsWith('[--')) continue;
    const word = words[at];
    if (part.startsWith('[')) {
      if (word === part.slice(1, -1)) at += 1;
      continue;
    }
    if (/^[A-Z]+$/.test(part)) {
      if (word === undefined) return { found, at, expected: [part] };
      found[part] = word;
    } else {
      const choices = part.split('|');
      if (word === undefined || !choices.includes(word)) return { found, at, expected: choices };
      if (choices.length > 1) found['CHOICE'] = word;
    }
    at += 1;
  }
  return at < words.length ? { found, at, expected: [] } : { found, at };
}

const MEANINGS: Readonly<Record<string, string>> = {
  SERVER: 'a server: its number in status, or its id',
  DATABASE: 'a database, such as primary or replica-1',
  FUNCTION: 'a function, such as failover',
  TIME: 'a time, such as 200ms or 2s',
  OPERATION: 'an operation of RDS, such as ModifyDBInstance, or all',
};

function mistake(words: readonly string[], at: number, expected: readonly string[]): UsageFailure {
  const given = words[at];
  const before = ['fault', ...words.slice(0, at)].join(' ');
  const meanings = expected.map((part) => MEANINGS[part] ?? part);
  if (given === undefined) return new UsageFailure(`After "${before}" comes ${listed(meanings)}.`);
  if (expected.length === 0) return new UsageFailure(`"${given}" is one word too many after "${before}".`);
  return new UsageFailure(`"${given}" is not known after "${before}": ${remedy(given, meanings)}`);
}

const OPERATIONS = Object.keys(RDS_OPERATIONS);

/** `all`, as a shell would replace a bare `*` by the files of the folder. */
function operationOf(given: string): string {
  if (given === '*' || given === 'all') return '*';
  const known = OPERATIONS.find((name) => name.toLowerCase() === given.toLowerCase());
  if (known) return known;
  throw new UsageFailure(`"${given}" is no operation of the trial's RDS: ${remedyOfOperation(given)}`);
}

function remedyOfOperation(given: string): string {
  const near = remedy(
    given,
    OPERATIONS.map((name) => name.toLowerCase()),
  );
  const name = OPERATIONS.find((one) => near === `did you mean ${one.toLowerCase()}?`);
  return name ? `did you mean ${name}?` : `it is ${listed(OPERATIONS)}.`;
}
