import { wantsColour } from '../../../lib/terminal/colour';
import { watch } from '../../../lib/terminal/watch';
import { printedStatus } from '../print-status';
import { EXIT } from '../../people/surroundings';
import { viewOf } from '../view';
import { COMMON_HELP, readArguments } from '../words';
import type { CommandOfPeople } from './command';
import { asJson } from '../../people/json';
import { withJournal } from './opened';

export const status: CommandOfPeople = {
  about: 'the databases, and what is done about them',
  help: `npm run failover -- status [options]   the databases, and what is being done

  --watch           once a second, until Ctrl-C; with --json one line a second
${COMMON_HELP}

All of it is from the controller's journal: what its last round saw. A replica
is fit when it serves reads and may be promoted; "reads" is its weight among
the readers, where 0 is asked only when there is nobody else.`,

  async run(args, surroundings) {
    const { flags, common } = readArguments('status', args, { flags: ['watch'] });
    const { out, env, signal } = surroundings;
    await withJournal(common, surroundings, async (journal, { settings }) => {
      const view = async () => viewOf(settings.name, await journal.read(), journal.now());
      const lines = async () => printedStatus(await view(), { colour: wantsColour(out, env) });
      if (!flags.has('watch')) {
        out.write(common.isJson ? asJson(await view()) : `${(await lines()).join('\n')}\n`);
      } else if (common.isJson) {
        const screen = { write: (text: string) => out.write(`${text.trimEnd()}\n`) };
        await watch(async () => [JSON.stringify(await view())], screen, signal);
      } else {
        await watch(lines, out, signal);
      }
    });
    return EXIT.fine;
  },
};
