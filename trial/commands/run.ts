/** `npm run trial -- …`: commands for a trial that runs. */
import { Failure } from '../../lib/terminal/failure';
import { DRILL_HELP, drill } from './drill';
import { FAULT_HELP, fault } from './fault';
import { LOAD_HELP, load } from './load';
import { RESET_HELP, reset } from './reset';
import { STATUS_HELP, status } from './status';
import { EXIT, type Surroundings } from './surroundings';
import { UsageFailure, remedy } from '../../lib/terminal/usage';

interface Command {
  readonly help: string;
  readonly about: string;
  readonly run: (args: readonly string[], surroundings: Surroundings) => Promise<number>;
}

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  [
    'status',
    { help: STATUS_HELP, run: status, about: 'the chain from DNS to the last replica, and how it is' },
  ],
  ['fault', { help: FAULT_HELP, run: fault, about: 'kills, freezes, cuts off, delays, and heals' }],
  ['load', { help: LOAD_HELP, run: load, about: 'reads and writes, and which writes are missing' }],
  ['drill', { help: DRILL_HELP, run: drill, about: 'a failure under load, and whether promises are kept' }],
  ['reset', { help: RESET_HELP, run: reset, about: 'removes all that trials have left' }],
]);

export const HELP = `npm run trial -- COMMAND   looks at a trial that runs, and plays with it

${[...COMMANDS].map(([name, { about }]) => `  ${name.padEnd(16)}  ${about}`).join('\n')}

Each has a --help of its own. A trial is started with npm start.`;

/** @returns the exit code; what a person has to know is written, never thrown */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { out, err } = surroundings;
  try {
    const [name, ...rest] = args;
    if (name === undefined || isHelp(name) || name === 'help') {
      out.write(`${HELP}\n`);
      return name === undefined ? EXIT.usage : EXIT.fine;
    }
    const command = COMMANDS.get(name);
    if (!command) throw new UsageFailure(`"${name}" is no command: ${remedy(name, [...COMMANDS.keys()])}`);
    if (rest.some(isHelp)) {
      out.write(`${command.help}\n`);
      return EXIT.fine;
    }
    return await command.run(rest, surroundings);
  } catch (error) {
    const { message } = error as Error;
    const known = error instanceof Failure;
    err.write(`${known ? message : `That failed unforeseen: ${message}. Please report it.`}\n`);
    return error instanceof UsageFailure ? EXIT.usage : EXIT.failed;
  }
}

const isHelp = (word: string) => word === '--help' || word === '-h';
