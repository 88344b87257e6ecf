import type { Entry } from '../../../lambda/failover/ports';
import { WIDTH, clean, wrapped } from '../../../lib/terminal/text';
import { UsageFailure } from '../../../lib/terminal/usage';
import { EXIT } from '../../people/surroundings';
import { day } from '../../people/times';
import { COMMON_HELP, readArguments } from '../words';
import type { CommandOfPeople } from './command';
import { asJson } from '../../people/json';
import { withJournal } from './opened';

const USUAL = 20;
const MOST = 1000;

export const history: CommandOfPeople = {
  about: 'what the controller did, and on what evidence',
  help: `npm run failover -- history [options]   what the controller did, newest first

  --limit NUMBER    entries of the journal (default: ${USUAL}; ${MOST} at most)
${COMMON_HELP}

An entry is written before what it tells of is done.`,

  async run(args, surroundings) {
    const { values, common } = readArguments('history', args, { values: ['limit'] });
    const limit = limitOf(values['limit']);
    return withJournal(common, surroundings, async (journal) => {
      const entries = await journal.entries(limit);
      const { out } = surroundings;
      out.write(
        common.isJson ? asJson({ entries }) : `${printedEntries(entries, journal.now()).join('\n')}\n`,
      );
      return EXIT.fine;
    });
  },
};

function limitOf(text = `${USUAL}`): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  if (limit >= 1 && limit <= MOST) return limit;
  throw new UsageFailure(`--limit ${text} is not a whole number from 1 to ${MOST}.`);
}

const INDENT = '    ';

/** Moment, epoch, state and deed in a line; the evidence below it. */
export function printedEntries(entries: readonly Entry[], now: number, timeZone?: string): string[] {
  if (entries.length === 0) return ['The journal is empty: the controller has changed nothing yet.'];
  return entries.flatMap(({ at, epoch, phase, state, what, evidence }) => {
    const where = state === phase ? phase : `${phase}, ${state}`;
    const head = `${day(at, now, timeZone)}  ${clean(what)}  (epoch ${epoch}, ${where})`;
    const [first = '', ...rest] = wrapped(head, WIDTH - INDENT.length);
    return [
      first,
      ...rest.map((part) => INDENT + part),
      ...evidence.flatMap((sentence) =>
        wrapped(sentence, WIDTH - INDENT.length - 2).map((part, index) =>
          index === 0 ? `${INDENT}- ${part}` : `${INDENT}  ${part}`,
        ),
      ),
    ];
  });
}
