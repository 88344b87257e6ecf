/** `npm run failover -- …`: people look at the failover controller, and steer it. */
import { Failure } from '../../lib/terminal/failure';
import { UsageFailure, remedy } from '../../lib/terminal/usage';
import type { CommandOfPeople } from './commands/command';
import { history } from './commands/history';
import { hold, release } from './commands/hold';
import { asJson } from './commands/opened';
import { states } from './commands/states';
import { status } from './commands/status';
import { acknowledge, names, promote, switchover, waive } from './commands/steering';
import { EXIT, Refusal, type Surroundings } from './surroundings';
import { COMMON_HELP } from './words';

export const COMMANDS: ReadonlyMap<string, CommandOfPeople> = new Map(
  Object.entries({
    status,
    history,
    hold,
    release,
    switchover,
    promote,
    acknowledge,
    names,
    waive,
    states,
  }),
);

export const HELP = `npm run failover -- COMMAND   looks at the failover controller, and steers it

${[...COMMANDS].map(([name, { about }]) => `  ${name.padEnd(16)}  ${about}`).join('\n')}

For all of them:
${COMMON_HELP}

Each has a --help of its own. The account and its credentials are those that
the AWS CLI would take. docs/failover.md has the whole story.`;

const isHelp = (word: string) => word === '--help' || word === '-h';

/** @returns the exit code; what a person has to know is written, never thrown */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { out, err } = surroundings;
  try {
    const [name, ...rest] = commandFirst(args);
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
