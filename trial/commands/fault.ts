import { fetchFacts, runningTrial, sendFault } from '../view/source';
import { named } from './fault-names';
import { FORMS, parseFault } from './fault-words';
import { EXIT, type Surroundings } from './surroundings';

/** Leaves half of the terminal for what it does. */
const FORM_WIDTH = 38;

export const FAULT_HELP = `npm run trial -- fault …   makes something go wrong, or right again

${FORMS.map(({ form, about }) => helpOf(form, about)).join('\n')}

SERVER is its number in "status" or its id, DATABASE an identifier, without the
site's name if you like, FUNCTION a part of its name, TIME such as 200ms or 2s,
OPERATION one of RDS, or all.`;

/** One line where it fits, else what it does stands below. */
function helpOf(form: string, about: string): string {
  return form.length <= FORM_WIDTH
    ? `  ${form.padEnd(FORM_WIDTH)}  ${about}`
    : `  ${form}\n  ${' '.repeat(FORM_WIDTH)}  ${about}`;
}

export async function fault(args: readonly string[], { folder, out }: Surroundings): Promise<number> {
  const parsed = parseFault(args);
  const running = runningTrial(folder);
  const isByName = 'server' in parsed || 'database' in parsed;
  const meant = isByName ? named(parsed, await fetchFacts(running)) : parsed;
  out.write(`${await sendFault(running, meant)}\n`);
  return EXIT.fine;
}
