/** `npm run failover -- …`: people look at the failover controller, and steer it. */
import type { CommandOfPeople } from './commands/command';
import { history } from './commands/history';
import { hold, release } from './commands/hold';
import { states } from './commands/states';
import { status } from './commands/status';
import { acknowledge, names, promote, switchover } from './commands/steering';
import { runProgram } from '../people/run';
import type { Surroundings } from './surroundings';
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
    states,
  }),
);

export const HELP = `npm run failover -- COMMAND   looks at the failover controller, and steers it

${[...COMMANDS].map(([name, { about }]) => `  ${name.padEnd(16)}  ${about}`).join('\n')}

For all of them:
${COMMON_HELP}

Each has a --help of its own. The account and its credentials are those that
the AWS CLI would take. docs/failover.md has the whole story. What an old
primary has, and no replica had received, is put back by npm run recover.`;

/** Commands of another program. */
const ELSEWHERE = { waive: `npm run recover -- waive --why "TEXT"` };

/** @returns the exit code; what a person has to know is written, never thrown */
export const run = (args: readonly string[], surroundings: Surroundings): Promise<number> =>
  runProgram({ commands: COMMANDS, help: HELP, elsewhere: ELSEWHERE }, args, surroundings);
