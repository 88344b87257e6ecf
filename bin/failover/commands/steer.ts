/** Commands that the controller carries out: one after the other, each with an answer. */
import { randomUUID } from 'node:crypto';
import type { Memory } from '../../../lambda/failover/memory';
import type { Command } from '../../../lambda/failover/ports';
import { seconds } from '../../../lib/terminal/quantities';
import { cell, clean, wrapped } from '../../../lib/terminal/text';
import { type Ending, carryOut } from '../follow';
import { type Chosen, planOf } from '../plans';
import { TO_DO } from '../progress';
import { admit, workingController } from '../refusals';
import { EXIT, Refusal } from '../../people/surroundings';
import type { Surroundings } from '../surroundings';
import { moment } from '../../people/times';
import type { Milestone } from '../timeline';
import type { Common } from '../../people/words';
import { asJson } from '../../people/json';
import { withJournal } from './opened';

/** A command without what is the same for all of them. */
export type Asked = Command extends infer C
  ? C extends Command
    ? Omit<C, 'id' | 'by' | 'at'>
    : never
  : never;

export interface Steering {
  readonly common: Common;
  /** Nobody is asked. */
  readonly isConfirmed: boolean;
}

/** What somebody is told before they are asked; nobody is asked about what has none. */
export interface Question {
  /** Completes "switchover …, and there is no terminal to ask at": `changes the primary`. */
  readonly what: string;
  readonly sentences: readonly string[];
}

/**
 * @param asked or what it is for what the controller remembers, which throws a Refusal
 * @param question about what was asked
 */
export function steer(
  asked: Asked | ((memory: Memory) => Asked),
  { common, isConfirmed }: Steering,
  surroundings: Surroundings,
  question: (asked: Asked, memory: Memory) => Question | undefined = primaryChanges,
) {
  const { by, out } = surroundings;
  return withJournal(common, surroundings, async (journal, { settings }) => {
    const admitted = async () => {
      const stored = await journal.read();
      const now = journal.now();
      const wanted = typeof asked === 'function' ? asked(workingController(stored, now)) : asked;
      const meant: Asked = { ...wanted, ...admit(wanted, stored, settings.name, now) };
      return { meant, memory: stored.memory! };
    };
    const first = await admitted();
    const open = isConfirmed ? undefined : question(first.meant, first.memory);
    if (open && !(await confirmed(first.meant.kind, open, common, surroundings))) {
      throw new Refusal('Nothing was done.');
    }
    // Somebody may have thought for long, and the group has changed meanwhile.
    const { meant, memory } = open ? await admitted() : first;
    const command: Command = { ...meant, id: randomUUID(), by, at: journal.now() };
    const tell = common.isJson ? () => undefined : teller(out, command.at);
    if (!common.isJson) out.write(`${command.kind}: waits for the controller's next round …\n`);
    const ending = await carryOut(command, memory, { journal, surroundings, tell });
    return conclude(command, ending, common, surroundings);
  });
}

const changesPrimary = (asked: Asked): asked is Asked & Chosen =>
  asked.kind === 'switchover' || asked.kind === 'promote' || asked.kind === 'names';

const primaryChanges = (asked: Asked, memory: Memory): Question | undefined =>
  changesPrimary(asked) ? { what: 'changes the primary', sentences: planOf(asked, memory) } : undefined;

async function confirmed(
  kind: string,
  { what, sentences }: Question,
  { isJson }: Common,
  { ask, out }: Surroundings,
): Promise<boolean> {
  if (!ask || isJson) {
    throw new Refusal(
      `${kind} ${what}, and ${isJson ? 'with --json nobody is asked' : 'there is no terminal to ask at'}: give --yes if it is meant.`,
    );
  }
  for (const sentence of sentences) {
    wrapped(sentence, 78).forEach((part, index) => out.write(`${index === 0 ? '- ' : '  '}${part}\n`));
  }
  return /^\s*y(es)?\s*$/i.test(await ask(`${kind}? Type yes to go on: `));
}

/** A line each: time of day, seconds since the command, what. */
const teller =
  (out: Surroundings['out'], begun: number) =>
  ({ at, what, text }: Milestone): void => {
    if (what === TO_DO) {
      // From the left, so that it can be copied in one piece.
      out.write(
        wrapped(`to do: ${text}`, 76)
          .map((part) => `    ${part}\n`)
          .join(''),
      );
      return;
    }
    const since = seconds(Math.max(0, at - begun) / 1000);
    const head = `${moment(at)} ${cell(`+${since}`, 8)} ${cell(what, 14)} `;
    const [first = '', ...rest] = wrapped(text, 80 - head.length);
    out.write([head + first, ...rest.map((part) => ' '.repeat(head.length) + part), ''].join('\n'));
  };

const CODES: Record<Ending['outcome'], number> = {
  done: EXIT.fine,
  refused: EXIT.failed,
  'given up': EXIT.failed,
  unanswered: EXIT.failed,
  interrupted: EXIT.interrupted,
};

function conclude(command: Command, ending: Ending, { isJson }: Common, { out, err }: Surroundings): number {
  const code = CODES[ending.outcome];
  if (isJson) out.write(asJson({ command, ...ending }));
  else (code === EXIT.fine ? out : err).write(`${clean(ending.sentence)}\n`);
  return code;
}
