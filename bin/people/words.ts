/** Options of commands of people: those of each command, and those that every command has. */
import { type Options, type Words, readWords } from '../../lib/terminal/words';
import { UsageFailure } from '../../lib/terminal/usage';

/** Which site is meant, and how to tell of it. */
export interface Common {
  /** `KEY=VALUE`, as for cdk. */
  readonly context: readonly string[];
  readonly isTrial: boolean;
  /** Of the trial; absent: `.trial`. */
  readonly folder?: string;
  readonly isJson: boolean;
}

/** @param program `npm run failover` */
export const commonHelp = (
  program: string,
): string => `  -c KEY=VALUE      a setting, as for cdk: -c env=prod (repeatable)
  --trial           the trial that runs on this machine
  --folder PATH     the trial's folder, if npm start was given one
  --json            one JSON document for programs
                    (${program.replace('npm run', 'npm run --silent')} -- … --json)`;

/**
 * @param program `npm run failover`
 * @throws UsageFailure naming the nearest known option
 */
export function readArguments(
  program: string,
  command: string,
  args: readonly string[],
  own: Options,
): Words & { readonly common: Common } {
  const spelled = args.map((word) => word.replace(/^-c(?==|$)/, '--context'));
  const words = readWords(program, command, spelled, {
    values: [...(own.values ?? []), 'folder'],
    lists: ['context'],
    flags: [...(own.flags ?? []), 'trial', 'json'],
    rest: own.rest,
  });
  const { values, lists, flags } = words;
  const context = lists['context'] ?? [];
  const wrong = context.find((pair) => !/^[^=\s]+=/.test(pair));
  if (wrong !== undefined) {
    throw new UsageFailure(`-c ${wrong} is not of the form KEY=VALUE, such as -c env=prod.`);
  }
  const { folder } = values;
  const common = {
    context,
    isTrial: flags.has('trial') || folder !== undefined,
    folder,
    isJson: flags.has('json'),
  };
  return { ...words, common };
}

/** A reason that will stand in the journal. @throws UsageFailure when there is none */
export function readWhy(command: string, why: string | undefined): string {
  const text = why?.replace(/\s+/g, ' ').trim();
  if (text === undefined || text === '') {
    throw new UsageFailure(
      `${command} needs --why "TEXT": the reason stands in the journal for whoever looks later.`,
    );
  }
  if (text.length > MOST_LETTERS) {
    throw new UsageFailure(`--why has ${text.length} letters: ${MOST_LETTERS} are the most.`);
  }
  return text;
}

const MOST_LETTERS = 500;
