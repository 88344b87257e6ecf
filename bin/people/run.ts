/** A command line of people: which command is meant, its help, and what is told when it fails. */
import { Failure } from '../../lib/terminal/failure';
import { UsageFailure, remedy } from '../../lib/terminal/usage';
import type { CommandOfPeople } from './command';
import { asJson } from './json';
import { EXIT, Refusal, type Surroundings } from './surroundings';

export interface Program<S extends Surroundings> {
  readonly commands: ReadonlyMap<string, CommandOfPeople<S>>;
  readonly help: string;
  /** What is typed instead of a word that is no command here. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

const isHelp = (word: string) => word === '--help' || word === '-h';

/** @returns the exit code; what a person has to know is written, never thrown */
export async function runProgram<S extends Surroundings>(
  { commands, help, elsewhere = {} }: Program<S>,
  args: readonly string[],
  surroundings: S,
): Promise<number> {
  const { out, err } = surroundings;
  try {
    const [name, ...rest] = commandFirst(args);
    if (name === undefined || isHelp(name) || name === 'help') {
      out.write(`${help}\n`);
      return name === undefined ? EXIT.usage : EXIT.fine;
    }
    const command = commands.get(name);
    if (!command && Object.hasOwn(elsewhere, name)) {
      throw new UsageFailure(`"${name}" is no command here: it is ${elsewhere[name]}`);
    }
    if (!command) throw new UsageFailure(`"${name}" is no command: ${remedy(name, [...commands.keys()])}`);
    if (rest.some(isHelp)) {
      out.write(`${command.help}\n`);
      return EXIT.fine;
    }
    return await command.run(rest, surroundings);
  } catch (error) {
    const known = error instanceof Failure;
    const { message } = error as Error;
    const sentence = known ? message : `That failed unforeseen: ${message}. Please report it.`;
    if (args.includes('--json')) out.write(asJson({ error: sentence, isRefusal: error instanceof Refusal }));
    err.write(`${sentence}\n`);
    return error instanceof UsageFailure ? EXIT.usage : EXIT.failed;
  }
}

/** `--trial status` is as good as `status --trial`. */
function commandFirst(args: readonly string[]): readonly string[] {
  const takesValue = (word: string) => ['-c', '--context', '--folder'].includes(word);
  let at = 0;
  while (args[at]?.startsWith('-') && !isHelp(args[at]!)) at += takesValue(args[at]!) ? 2 : 1;
  const name = args[at];
  if (name === undefined) return args.some(isHelp) ? ['help'] : [];
  return [name, ...args.slice(0, at), ...args.slice(at + 1)];
}
