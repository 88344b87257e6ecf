/** `npm run recover -- …`: puts back what an old primary had committed and no replica had received. */
import { runProgram } from '../people/run';
import { apply } from './commands/apply';
import type { CommandOfPeople } from './commands/command';
import { plan } from './commands/plan';
import { report } from './commands/report';
import { status } from './commands/status';
import { waive } from './commands/waive';
import { asFailure } from './errors';
import type { Surroundings } from './surroundings';
import { COMMON_HELP } from './words';

/** What recovery says by a Problem, people are told as any other sentence. */
const sentences = (command: CommandOfPeople): CommandOfPeople => ({
  ...command,
  async run(args, surroundings) {
    try {
      return await command.run(args, surroundings);
    } catch (error) {
      throw asFailure(error);
    }
  },
});

export const COMMANDS: ReadonlyMap<string, CommandOfPeople> = new Map(
  Object.entries({ plan, apply, status, waive, report }).map(([name, command]) => [name, sentences(command)]),
);

export const HELP = `npm run recover -- COMMAND   puts back what a failover has lost

${[...COMMANDS].map(([name, { about }]) => `  ${name.padEnd(16)}  ${about}`).join('\n')}

For all of them:
${COMMON_HELP}

Each has a --help of its own. plan and apply run in the VPC, by the function
that the data stack has; or on this machine, where it reaches the servers:
--old, --new. docs/recovery.md has the whole story.`;

/** Commands of another program. */
const ELSEWHERE = Object.fromEntries(
  ['hold', 'release', 'switchover', 'promote', 'acknowledge', 'names', 'history'].map((name) => [
    name,
    `npm run failover -- ${name}`,
  ]),
);

/** @returns the exit code; what a person has to know is written, never thrown */
export const run = (args: readonly string[], surroundings: Surroundings): Promise<number> =>
  runProgram({ commands: COMMANDS, help: HELP, elsewhere: ELSEWHERE }, args, surroundings);
