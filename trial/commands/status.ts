import { wantsColour } from '../../lib/terminal/colour';
import { printed } from '../view/print';
import { fetchFacts, runningTrial } from '../view/source';
import { watch } from '../../lib/terminal/watch';
import { EXIT, type Surroundings } from './surroundings';
import { readWords } from './words';

export const STATUS_HELP = `npm run trial -- status [options]   the trial from DNS to the last replica

  --watch           once a second, until Ctrl-C
  --json            the facts as JSON; with --watch one line a second
                    (npm run --silent trial -- status --json)`;

export async function status(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { flags } = readWords('status', args, { flags: ['watch', 'json'] });
  const { folder, out, env, signal } = surroundings;
  const colour = wantsColour(out, env);
  const isJson = flags.has('json');
  // Looked up each time: another trial may have taken the place of the one before.
  const facts = () => fetchFacts(runningTrial(folder));
  if (!flags.has('watch')) {
    const found = await facts();
    const lines = isJson ? [JSON.stringify(found, null, 2)] : printed(found, { colour });
    out.write(`${lines.join('\n')}\n`);
  } else if (isJson) {
    await watch(
      async () => [JSON.stringify(await facts())],
      { write: (text) => out.write(text.trimEnd() + '\n') },
      signal,
    );
  } else {
    await watch(async () => printed(await facts(), { colour }), out, signal);
  }
  return EXIT.fine;
}
