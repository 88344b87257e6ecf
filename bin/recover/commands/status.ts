import { ledgerStatus } from '../../../lambda/recovery/ledger';
import { asJson } from '../../people/json';
import { EXIT } from '../../people/surroundings';
import { openDirect, withSessions } from '../direct';
import { serverOf } from '../postgres-url';
import type { Surroundings } from '../surroundings';
import { type RecoveryView, printedView, viewOf } from '../view';
import { COMMON_HELP, PASSWORD_HELP, readArguments, sameSite } from '../words';
import { type CommandOfPeople, withCloud } from './command';

export const status: CommandOfPeople = {
  about: 'what waits for recovery, and what was done',
  help: `npm run recover -- status [options]   what waits for recovery, and what was done

${COMMON_HELP}

Old primaries in quarantine and runs are from the controller's journal. The
document of --json has their forks, as plan --fork takes them.

Without AWS, what was put back on a server, by the ledger that is on it:

  --new URL         the new primary

${PASSWORD_HELP}`,

  async run(args, surroundings) {
    const { values, common } = readArguments('status', args, { values: ['new'] });
    const url = values['new'];
    const view =
      url === undefined
        ? await withCloud(common, surroundings, async (cloud, { settings }) =>
            viewOf(settings.name, await cloud.journal.read(), await cloud.runs(), cloud.journal.now()),
          )
        : await ledgerOf(url, surroundings);
    surroundings.out.write(
      common.isJson ? asJson(view) : `${printedView(view, sameSite(common)).join('\n')}\n`,
    );
    return EXIT.fine;
  },
};

async function ledgerOf(url: string, { signal, env }: Surroundings): Promise<RecoveryView> {
  const server = serverOf('--new', url, env);
  const ledger = await withSessions(
    [() => openDirect(server, '--new', { isReadOnly: true })],
    signal,
    async (primary) => ledgerStatus(primary!),
  );
  return { at: Date.now(), warnings: [], waiting: [], leaving: [], runs: [], ledger };
}
