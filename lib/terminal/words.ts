/** The words after a command: options with and without a value, and the rest. */
import { UsageFailure, remedy } from './usage';

export interface Words {
  readonly values: Readonly<Record<string, string>>;
  /** In the order that they were given in; empty when none was. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly flags: ReadonlySet<string>;
  readonly rest: readonly string[];
}

export interface Options {
  /** Options that take a value: `--for 30s` or `--for=30s`. */
  readonly values?: readonly string[];
  /** Options that take a value and may be repeated. */
  readonly lists?: readonly string[];
  readonly flags?: readonly string[];
  /** Whether other words may be given. */
  readonly rest?: boolean;
}

/**
 * @param program what the command is given to: `npm run trial`
 * @throws UsageFailure naming the nearest known option
 */
export function readWords(
  program: string,
  command: string,
  args: readonly string[],
  options: Options,
): Words {
  const { values: single = [], lists: repeated = [], flags: without = [] } = options;
  const withValue = [...single, ...repeated];
  const values: Record<string, string> = {};
  const lists: Record<string, string[]> = Object.fromEntries(repeated.map((name) => [name, []]));
  const flags = new Set<string>();
  const rest: string[] = [];
  const see = `see ${program} -- ${command} --help.`;
  for (let index = 0; index < args.length; index++) {
    const word = args[index]!;
    if (!word.startsWith('-') || word === '-') {
      if (!options.rest) throw new UsageFailure(`"${word}" means nothing to ${command}: ${see}`);
      rest.push(word);
      continue;
    }
    const [, name = '', given] = /^--?([^=]*)(?:=([^]*))?$/.exec(word) ?? [];
    if (without.includes(name)) {
      if (given !== undefined) throw new UsageFailure(`--${name} takes no value, but "${given}" was given.`);
      flags.add(name);
    } else if (withValue.includes(name)) {
      const value = given ?? args[++index];
      if (value === undefined || value.startsWith('--')) {
        throw new UsageFailure(`--${name} needs a value: ${see}`);
      }
      if (repeated.includes(name)) lists[name]!.push(value);
      else values[name] = value;
    } else {
      const known = [...withValue, ...without].map((one) => `--${one}`);
      throw new UsageFailure(
        `${word} is not known to ${command}: ${known.length > 0 ? remedy(`--${name}`, known) : see}`,
      );
    }
  }
  return { values, lists, flags, rest };
}
